"""Reminders and the weekly list: told of what is still open, not oftener than set, and once a week."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from app.control.weekly import Weekly
from app.delivery.transports import NothingToSay
from app.extensions import db
from app.models import Holiday, Reminder, RuleSetting, User
from app.notifications import choices
from tests.notices import GRACE, outbox, read, tell, writing
from tests.school import School
from tests.school_panel import NOW, Panel, deputy, led

ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MONDAY = datetime(2026, 10, 12, 4, tzinfo=UTC)
"""Seven in the morning in Moscow."""
ZONE = ZoneInfo("Europe/Moscow")


@pytest.fixture
def teacher(school: School) -> User:
    """The school's teacher, who signs in and has an e-mail."""
    led(school)
    account = school.teacher.account
    assert account is not None
    account.password_hash, account.email = "hash", "orlova@mail.example"
    db.session.commit()
    return school.teacher


def reminders() -> list[Reminder]:
    found = list(db.session.scalars(select(Reminder).order_by(Reminder.id)))
    db.session.commit()
    return found


def test_who_was_reminded_lately_is_left_in_peace_until_the_days_are_over(
    app: Flask, school: School, panel: Panel, teacher: User
) -> None:
    boss = deputy()
    assert "Remind all" in panel.page(boss, "/admin/control/topics/")
    panel.post(boss, "/admin/control/topics/remind", do="all")
    assert [(row.user_id, row.rule, row.sent_by_id) for row in reminders()] == [(teacher.id, "topics", boss.id)]
    page = panel.page(boss, "/admin/control/topics/")
    assert "1 person is reminded" in page
    assert "Remind all" not in page
    panel.post(boss, "/admin/control/topics/remind", who=teacher.id)
    assert len(reminders()) == 1
    assert "so not again now: Орлова Вера (12 Oct)" in panel.page(boss, "/admin/control/topics/")
    db.session.scalars(select(Reminder)).one().created_at = NOW - timedelta(3)
    db.session.commit()
    panel.post(boss, "/admin/control/topics/remind", who=teacher.id)
    assert len(reminders()) == 2
    db.session.add(RuleSetting(rule="homework", remind_days=1))
    db.session.add(Reminder(user_id=teacher.id, rule="homework", created_at=NOW - timedelta(1)))
    db.session.commit()
    panel.post(boss, "/admin/control/homework/remind", who=teacher.id)
    assert [row.rule for row in reminders()] == ["topics", "topics", "homework", "homework"]


def test_the_message_says_what_is_open_when_it_goes(school: School, panel: Panel, teacher: User) -> None:
    panel.post(deputy(), "/admin/control/topics/remind", do="all")
    tell(NOW + GRACE)
    (mail,) = outbox()
    said = read(mail, NOW + GRACE).text
    assert "Topics of lessons are filled: 1 is not done, the oldest of 1 October" in said
    assert f"/admin/control/topics/?person={mail.user_id}" in said
    assert mail.user_id == teacher.id
    school.lesson.topic = "Дроби"
    db.session.commit()
    with pytest.raises(NothingToSay):
        read(mail, NOW + GRACE)


@ONE
def test_who_has_no_access_yet_is_named_and_not_reminded(school: School, panel: Panel) -> None:
    led(school)
    boss = deputy()
    panel.post(boss, "/admin/control/topics/remind", do="all")
    assert reminders() == []
    assert "No access yet, so no message reaches them: Орлова Вера." in panel.page(boss, "/admin/control/topics/")
    panel.post(boss, "/admin/control/topics/remind", who=boss.id)
    assert "nothing of theirs is open any more" in panel.page(boss, "/admin/control/topics/")


@ONE
def test_only_who_runs_the_school_reminds(school: School, panel: Panel, teacher: User) -> None:
    assert "Remind" not in panel.page(teacher, "/admin/control/topics/")
    assert panel.post(teacher, "/admin/control/topics/remind", do="all").status_code == 403
    boss = deputy()
    assert panel.post(boss, "/admin/control/staff/remind", do="all").status_code == 403
    assert panel.post(boss, "/admin/control/nothing/remind", do="all").status_code == 404
    assert reminders() == []


def test_on_monday_whoever_has_something_overdue_is_told_once(app: Flask, school: School, teacher: User) -> None:
    deputy()
    db.session.commit()
    assert Weekly(7, ZONE).remind(MONDAY - timedelta(minutes=1)) == 0
    assert [Weekly(7, ZONE).remind(MONDAY + timedelta(minutes=each)) for each in (0, 1, 600)] == [1, 0, 0]
    assert Weekly(7, ZONE).remind(MONDAY + timedelta(1)) == 0
    assert [(row.user_id, row.rule) for row in reminders()] == [(teacher.id, None)]
    tell(MONDAY + GRACE)
    (mail,) = outbox()
    said = read(mail, MONDAY + GRACE)
    assert said.subject == "overdue under 4 rules"
    assert "Marks within a week: 1 is not done, the oldest of 1 October" in said.text
    assert f"/admin/control/homework/?person={teacher.id}" in said.text
    assert Weekly(7, ZONE).remind(MONDAY + timedelta(7)) == 1


def test_in_the_holidays_and_out_of_the_year_nobody_is_told(app: Flask, school: School, teacher: User) -> None:
    db.session.add(
        Holiday(academic_year=school.year, name="Каникулы", starts_on=date(2026, 10, 12), ends_on=date(2026, 10, 18))
    )
    db.session.commit()
    assert Weekly(7, ZONE).remind(MONDAY) == 0
    assert Weekly(7, ZONE).remind(datetime(2027, 7, 5, 9, tzinfo=UTC)) == 0
    assert reminders() == []


def test_a_reminder_and_the_weekly_list_say_a_rule_once(
    app: Flask, school: School, panel: Panel, teacher: User
) -> None:
    boss = deputy()
    with writing(boss, MONDAY) as session:
        session.add(Reminder(user_id=teacher.id, rule="topics", sent_by_id=boss.id, created_at=MONDAY))
    Weekly(7, ZONE).remind(MONDAY)
    tell(MONDAY + 3 * GRACE)
    (mail,) = outbox()
    assert read(mail, MONDAY + 3 * GRACE).text.count("Topics of lessons are filled") == 1
    assert {"reminder", "weekly"} <= {str(kind.value) for kind in choices.STAFF_KINDS}


def test_an_hour_that_is_none_stops_the_start() -> None:
    with pytest.raises(ValueError, match="WEEKLY_HOUR"):
        Weekly.of({"WEEKLY_HOUR": 24, "TIMEZONE": "Europe/Moscow"})
