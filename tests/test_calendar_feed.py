"""The calendar of a student for a phone: what stands in it, and who still gets it."""

from __future__ import annotations

import logging
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select

from app.auth import signed_in
from app.auth.secrets_in_logs import _no_codes
from app.extensions import db
from app.models import BellTime, CalendarFeed, Guardianship, Lesson, StudentHomework, StudyGroup, TeachingAssignment
from tests.requests_family import MONDAY, TUESDAY, Family, another_child, family_of
from tests.school import School
from tests.school_panel import NOW, counted
from tests.visitor import Visitor


@pytest.fixture
def family(app: Flask, school: School, monkeypatch: pytest.MonkeyPatch) -> Family:
    app.config["PUBLIC_URL"] = "https://school7.example"
    monkeypatch.setattr(signed_in, "now", lambda: NOW)  # a feed is read without the sign-in that sets the day
    return family_of(app, school)


def page_of(family: Family) -> str:
    return f"/diary/{family.student.id}/calendar/"


def address(family: Family) -> str:
    """The path of a new address, as the page shows it."""
    assert family.panel.post(family.guardian, page_of(family)).status_code == 302
    return shown(family)


def shown(family: Family) -> str:
    found = re.search(
        r"https://school7\.example(/diary/calendar/\w+\.ics)", family.panel.page(family.guardian, page_of(family))
    )
    assert found
    return found[1]


def fetch(family: Family, path: str, **headers: str) -> Any:
    """What a calendar program gets, signed in nowhere."""
    db.session.commit()
    answer = Visitor(family.panel.app).get(path, headers={name.replace("_", "-"): v for name, v in headers.items()})
    db.session.expire_all()
    return answer


def events(family: Family, path: str) -> dict[tuple[date, int], Any]:
    """The entries by day and number of the lesson."""
    found = {}
    for event in Calendar.from_ical(fetch(family, path).data).walk("VEVENT"):
        start = event.decoded("dtstart")
        number = re.match(r"Lesson (\d+)", event["description"])
        assert number
        found[start.date() if isinstance(start, datetime) else start, int(number[1])] = event
    return found


def test_lessons_stand_at_their_hour_with_room_teacher_topic_and_what_is_due(family: Family) -> None:
    first, second = family.lessons[MONDAY, 1], family.lessons[MONDAY, 2]
    first.room, first.topic, first.homework = "12", "Дроби, сложение; и вычитание", "№ 15"
    db.session.add(StudentHomework(lesson=first, student=family.student, text="№ 16"))
    second.substitute = family.guardian
    found = events(family, address(family))
    assert len(found) == 7
    entry = found[MONDAY, 1]
    moscow = ZoneInfo("Europe/Moscow")
    assert entry.decoded("dtstart") == datetime(2026, 10, 12, 8, 30, tzinfo=moscow)
    assert entry.decoded("dtend") == datetime(2026, 10, 12, 9, 15, tzinfo=moscow)
    assert (entry["summary"], entry["location"], entry["status"]) == ("Алгебра", "room 12", "CONFIRMED")
    assert "Topic: Дроби, сложение; и вычитание" in entry["description"]
    assert "Teacher: Орлова Вера" in entry["description"]
    assert "Substitute: Семёнова Анна Ивановна in place of Орлова Вера" in found[MONDAY, 2]["description"]
    due = found[TUESDAY, 1]["description"]
    assert "Homework for this lesson: № 15" in due
    assert "Homework for this lesson: № 16" in due
    assert "Homework" not in found[TUESDAY, 2]["description"]


def test_a_cancelled_lesson_says_so_and_its_homework_goes_to_the_next(family: Family) -> None:
    family.lessons[MONDAY, 1].homework = "№ 15"
    cancelled = family.lessons[TUESDAY, 1]
    cancelled.is_cancelled, cancelled.cancel_reason = True, "мороз"
    found = events(family, address(family))
    entry = found[TUESDAY, 1]
    assert (entry["status"], entry["summary"]) == ("CANCELLED", "Cancelled: Алгебра")
    assert "мороз" in entry["description"]
    assert "№ 15" in found[TUESDAY, 2]["description"]


def test_the_hour_stays_where_clocks_are_set_back(family: Family) -> None:
    family.panel.app.config["TIMEZONE"] = "Europe/Berlin"
    for day in (date(2026, 10, 23), date(2026, 10, 26)):
        db.session.add(Lesson(assignment=family.school.assignment, date=day, number=1))
    found = events(family, address(family))
    before, after = (found[day, 1].decoded("dtstart") for day in (date(2026, 10, 23), date(2026, 10, 26)))
    assert (before.hour, after.hour) == (8, 8)
    assert before.astimezone(UTC).hour == 6
    assert after.astimezone(UTC).hour == 7
    zones = Calendar.from_ical(fetch(family, shown(family)).data).walk("VTIMEZONE")
    assert [zone["tzid"] for zone in zones] == ["Europe/Berlin"]
    assert zones[0].daylight
    assert zones[0].standard


def test_a_lesson_without_bell_time_is_of_the_day(family: Family) -> None:
    db.session.add(Lesson(assignment=family.school.assignment, date=TUESDAY, number=9))
    assert events(family, address(family))[TUESDAY, 9].decoded("dtstart") == TUESDAY


def test_only_the_students_own_groups_and_only_these_weeks(family: Family) -> None:
    part = StudyGroup(school_class=family.school.school_class, name="Английский 2")
    other = TeachingAssignment(
        teacher=family.school.teacher, subject=family.school.assignment.subject, study_group=part,
        starts_on=date(2026, 9, 1),
    )  # fmt: skip
    db.session.add_all([
        Lesson(assignment=other, date=TUESDAY, number=7),
        Lesson(assignment=family.school.assignment, date=MONDAY - timedelta(15), number=1),
        Lesson(assignment=family.school.assignment, date=MONDAY + timedelta(29), number=1),
    ])  # fmt: skip
    days = {day for day, _number in events(family, address(family))}
    assert days == {date(2026, 10, 1), MONDAY, TUESDAY}


def test_names_of_entries_stay_and_an_unchanged_calendar_is_not_sent_again(family: Family) -> None:
    path = address(family)
    uids = {event["uid"] for event in events(family, path).values()}
    assert len(uids) == 7
    first = fetch(family, path)
    assert first.headers["Cache-Control"] == "private, max-age=900"
    assert first.mimetype == "text/calendar"
    again = fetch(family, path, If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    family.lessons[MONDAY, 3].room = "7"
    changed = fetch(family, path, If_None_Match=first.headers["ETag"])
    assert changed.status_code == 200
    assert {event["uid"] for event in Calendar.from_ical(changed.data).walk("VEVENT")} == uids


@pytest.mark.parametrize("what", ["subject", "teacher", "substitute", "topic", "homework", "bell", "cancelled", "name"])
def test_whatever_changes_is_sent(family: Family, what: str) -> None:
    path = address(family)
    first = fetch(family, path)
    lesson, school = family.lessons[MONDAY, 3], family.school
    if what == "subject":
        school.assignment.subject.name = "Новое название"
    elif what == "teacher":
        school.teacher.family_name = "Новаяфамилия"
    elif what == "substitute":
        lesson.substitute = school.teacher
    elif what == "bell":
        for bell in db.session.scalars(select(BellTime)):
            bell.starts_at = time(7, bell.number)
    elif what == "name":
        school.student.given_name = "Другоеимя"
    elif what == "cancelled":
        lesson.is_cancelled = True
    else:
        setattr(lesson, what, "Новое слово")
    changed = fetch(family, path, If_None_Match=first.headers["ETag"])
    assert changed.status_code == 200
    assert changed.data != first.data
    assert fetch(family, path, If_None_Match=changed.headers["ETag"]).status_code == 304


def test_a_new_address_kills_the_old_one(family: Family) -> None:
    old = address(family)
    assert fetch(family, old).status_code == 200
    new = address(family)
    assert new != old
    assert fetch(family, old).status_code == 404
    assert fetch(family, new).status_code == 200


def test_who_may_not_read_the_diary_any_more_gets_nothing(family: Family) -> None:
    path = address(family)
    family.guardian.is_active = False
    assert fetch(family, path).status_code == 404
    family.guardian.is_active = True
    assert fetch(family, path).status_code == 200
    db.session.delete(db.session.scalars(select(Guardianship)).one())
    assert fetch(family, path).status_code == 404


def test_a_guardian_of_another_child_only_does_not_see_this_one(family: Family) -> None:
    path, child = address(family), another_child(family)
    db.session.scalars(select(Guardianship)).one().student = child
    assert fetch(family, path).status_code == 404


def test_the_secret_is_neither_kept_nor_logged(family: Family) -> None:
    path = address(family)
    token = path.rsplit("/", 1)[1].removesuffix(".ics")
    assert len(token) == 32
    feed = db.session.scalars(select(CalendarFeed)).one()
    assert token not in repr({column.key: getattr(feed, column.key) for column in CalendarFeed.__table__.c})
    db.session.commit()
    record = logging.LogRecord("x", logging.INFO, "", 1, "GET %s HTTP/1.1", (path,), None)
    _no_codes.filter(record)
    assert token not in record.getMessage()


@pytest.mark.parametrize("token", ["x", "a" * 32, "A" * 32, "%F0%9F%98%80", "a" * 5000, "..%2f..%2fetc"])
def test_a_guessed_address_leads_nowhere(family: Family, token: str) -> None:
    address(family)
    assert fetch(family, f"/diary/calendar/{token}.ics").status_code == 404


def test_one_calendar_takes_few_statements_however_many_lessons(family: Family) -> None:
    path = address(family)
    with counted() as few:
        fetch(family, path)
    db.session.add_all(
        Lesson(assignment=family.school.assignment, date=TUESDAY + timedelta(week), number=number)
        for week in (1, 2, 3) for number in range(1, 9)
    )  # fmt: skip
    db.session.commit()
    with counted() as many:
        fetch(family, path)
    reads = [[each for each in some if each.startswith("SELECT")] for some in (few, many)]
    assert len(reads[0]) == len(reads[1]) <= 8
