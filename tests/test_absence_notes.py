"""A family announces or explains an absence; confirmed by the class teacher it stands in the journal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import policy
from app.extensions import db
from app.journal import days
from app.models import AbsenceNote, Attendance, Enrollment, Lesson, Mark, Term, User
from app.models.diary import RequestState
from app.models.journal import AttendanceStatus
from tests.requests_family import MONDAY, TUESDAY, Family, another_child, family_of
from tests.school import School
from tests.school_panel import HOSTILE, TODAY, deputy, second_class, written
from tests.visitor import text

ILL = {"status": "ill", "reason": "Температура"}


@pytest.fixture
def family(app: Flask, school: School) -> Family:
    return family_of(app, school)


def sent(family: Family, **fields: Any) -> Any:
    """A note written by the guardian."""
    return family.panel.post(family.guardian, family.absence, {"starts_on": "2026-10-12"} | ILL | fields)


def note(state: RequestState | None = None) -> AbsenceNote:
    found = db.session.scalars(select(AbsenceNote)).one()
    assert state is None or found.state is state
    db.session.commit()
    return found


def answer(family: Family, do: str, words: str = "", who: User | None = None, **fields: Any) -> Any:
    body = {"kind": "note", "id": note().id, "do": do, "answer": words} | fields
    return family.panel.post(who or family.class_teacher, "/admin/requests/answer", body)


def test_a_confirmed_note_stands_in_the_journal_for_every_lesson_of_its_days(family: Family) -> None:
    assert sent(family, ends_on="2026-10-13").status_code == 302
    assert family.standing() == {}
    assert answer(family, "confirm").status_code == 302
    assert note().state is RequestState.CONFIRMED
    assert family.standing() == {
        (day, number): ("ill", "Температура") for day in (MONDAY, TUESDAY) for number in (1, 2, 3)
    }
    assert "Confirmed" in family.panel.page(family.guardian, family.absence)


def test_a_note_for_single_lessons_touches_only_those(family: Family) -> None:
    sent(family, first_number="2", last_number="3", status="excused", reason="Врач")
    answer(family, "confirm")
    assert family.standing() == {(MONDAY, 2): ("excused", "Врач"), (MONDAY, 3): ("excused", "Врач")}


def test_an_absence_gets_its_reason_and_everything_else_stays_as_it_is(family: Family) -> None:
    def stands(number: int, status: AttendanceStatus, reason: str = "") -> Attendance:
        return Attendance(lesson=family.lessons[MONDAY, number], student=family.student, status=status, reason=reason)

    work = family.school.work
    work.lesson = family.lessons[TUESDAY, 1]
    db.session.add_all(
        [
            stands(1, AttendanceStatus.ABSENT),
            stands(2, AttendanceStatus.LATE),
            stands(3, AttendanceStatus.ABSENT, "Линейка"),
            Mark(work=work, student=family.student, value=5),
        ]
    )
    family.lessons[TUESDAY, 2].is_cancelled = True
    db.session.commit()
    sent(family, ends_on="2026-10-13")
    page = family.panel.page(family.class_teacher, "/admin/requests/")
    assert "It will stand in 2 lessons; 3 stay as they are" in page
    assert "absent, gets the reason" in page
    assert "stays: has a mark" in page
    answer(family, "confirm")
    assert family.standing() == {
        (MONDAY, 1): ("ill", "Температура"),
        (MONDAY, 2): ("late", ""),
        (MONDAY, 3): ("absent", "Линейка"),
        (TUESDAY, 3): ("ill", "Температура"),
    }


def test_a_declined_note_changes_nothing_and_needs_words(family: Family) -> None:
    sent(family)
    assert answer(family, "decline").status_code == 302
    assert note(RequestState.SENT)
    answer(family, "decline", "В тот день Пётр был на уроках")
    assert note(RequestState.DECLINED)
    assert family.standing() == {}
    assert "В тот день Пётр был на уроках" in family.panel.page(family.guardian, family.absence)
    answer(family, "confirm")  # the page stood open
    assert note(RequestState.DECLINED)


def test_a_note_is_withdrawn_while_nobody_has_answered(family: Family) -> None:
    sent(family)
    where = f"{family.absence}{note().id}/withdraw"
    assert family.panel.post(family.guardian, where).status_code == 302
    assert note(RequestState.WITHDRAWN)
    answer(family, "confirm")
    assert note(RequestState.WITHDRAWN)
    assert family.standing() == {}


def test_an_answered_note_is_not_withdrawn_any_more(family: Family) -> None:
    sent(family)
    answer(family, "confirm")
    family.panel.post(family.guardian, f"{family.absence}{note().id}/withdraw")
    assert note(RequestState.CONFIRMED)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"starts_on": "2026-10-13", "ends_on": "2026-10-12"}, "cannot be before the first one"),
        ({"starts_on": "2026-09-01", "ends_on": "2026-11-12"}, "too far ahead"),
        ({"starts_on": "2026-08-12"}, "too long ago"),
        ({"starts_on": "2026-08-20"}, "not within one school year"),
        ({"starts_on": ""}, "Choose the first day"),
        ({"starts_on": "2026-02-30"}, "Not a valid date value"),
        ({"ends_on": "2026-10-13", "first_number": "1", "last_number": "2"}, "choose one day"),
        ({"first_number": "1"}, "Give both the first and the last lesson"),
        ({"first_number": "3", "last_number": "2"}, "last lesson cannot be before"),
        ({"first_number": "x", "last_number": "2"}, "no lesson of that number"),
        ({"reason": "  "}, "Write why"),
        ({"status": "late"}, "Not a valid choice"),
    ],
)  # fmt: skip
def test_a_note_that_makes_no_sense_says_what_to_do_and_keeps_what_was_typed(
    family: Family, fields: dict[str, str], said: str
) -> None:
    answer = sent(family, **{"reason": "Температура у Петра"} | fields)
    assert answer.status_code == 422
    assert said in text(answer)
    assert "reason" in fields or "Температура у Петра" in answer.text
    assert db.session.scalars(select(AbsenceNote)).first() is None
    db.session.commit()


def test_two_notes_do_not_speak_of_the_same_lessons(family: Family) -> None:
    sent(family, first_number="1", last_number="2")
    assert "There is a note for these lessons already" in text(sent(family))
    assert "There is a note" in text(sent(family, first_number="2", last_number="3"))
    assert sent(family, first_number="3", last_number="3").status_code == 302


def test_hostile_notes_are_refused_or_kept_as_text(family: Family) -> None:
    for hostile in HOSTILE:
        for name in ("starts_on", "ends_on", "first_number", "status", "reason"):
            if "\x00" not in hostile:
                assert sent(family, **{name: hostile}).status_code in (302, 422)
        assert family.panel.get(family.guardian, f"{family.absence}?day={hostile}".split("\x00")[0]).status_code == 200


def test_all_that_waits_is_confirmed_at_once_and_what_cannot_be_is_named(family: Family) -> None:
    other = another_child(family)
    db.session.add(
        AbsenceNote(student=other, author=family.guardian, starts_on=TUESDAY, ends_on=TUESDAY,
                    status=AttendanceStatus.EXCUSED, reason="Соревнования")
    )  # fmt: skip
    term = Term(academic_year_id=family.school.year.id, kind="quarter", number=2, starts_on=TUESDAY,
                ends_on=date(2026, 12, 25), is_locked=True)  # fmt: skip
    first = db.session.scalars(select(Term)).one()
    first.ends_on = MONDAY
    db.session.add(term)
    db.session.commit()
    sent(family)
    ids = [row.id for row in db.session.scalars(select(AbsenceNote))]
    family.panel.post(family.class_teacher, "/admin/requests/all", {"note": ids})
    page = family.panel.page(family.class_teacher, "/admin/requests/")
    assert "1 request is confirmed." in page
    assert "Чужой Илья: The term is locked" in page
    states = {row.student_id: row.state for row in db.session.scalars(select(AbsenceNote))}
    assert states == {family.student.id: RequestState.CONFIRMED, other.id: RequestState.SENT}
    db.session.commit()


def test_the_class_teacher_is_told_on_the_first_screen_how_many_wait(family: Family) -> None:
    assert "request of a family waits" not in family.panel.page(family.class_teacher, "/admin/")
    sent(family)
    assert "1 request of a family waits for your answer" in family.panel.page(family.class_teacher, "/admin/")


def test_nobody_but_the_class_teacher_answers_and_nobody_but_a_guardian_writes(family: Family) -> None:
    stranger = written(User(family_name="Соседова", given_name="Ия", login="iya", is_staff=True))
    pupil = written(User(family_name="Семёнов", given_name="Пётр", login="petr"))
    family.student.user = pupil
    db.session.commit()
    sent(family)
    for who in (stranger, deputy(), family.guardian, pupil):
        assert family.panel.get(who, "/admin/requests/").status_code == 403
        assert answer(family, "confirm", who=who).status_code == 403
    assert note(RequestState.SENT)
    assert family.panel.post(pupil, family.absence, {"starts_on": "2026-10-13"} | ILL).status_code == 403
    assert family.panel.post(pupil, f"{family.absence}{note().id}/withdraw").status_code == 404
    other = another_child(family)
    assert family.panel.get(family.guardian, f"/diary/{other.id}/absence/").status_code == 404
    assert family.panel.post(family.guardian, f"/diary/{other.id}/absence/", {}).status_code == 404
    assert note(RequestState.SENT)


def test_a_class_teacher_of_another_class_does_not_see_it(family: Family) -> None:
    other = User(family_name="Другова", given_name="Ия", login="drugova", is_staff=True)
    second_class(family.school).class_teacher = written(other)
    db.session.commit()
    sent(family)
    page = family.panel.page(other, "/admin/requests/")
    assert "Nothing waits for your answer" in page
    answer(family, "confirm", who=other)
    assert note(RequestState.SENT)


def test_lessons_that_come_into_the_period_get_the_absence_and_those_that_leave_it_lose_it(family: Family) -> None:
    sent(family)
    answer(family, "confirm")
    moved, made = family.lessons[MONDAY, 3], Lesson(assignment=family.school.assignment, date=MONDAY, number=4)
    db.session.add(made)
    family.lessons[MONDAY, 1].is_cancelled = True
    moved.date, moved.number = TUESDAY, 5
    db.session.commit()
    days.after_change([family.school.assignment.id], TODAY)
    assert family.standing() == {(MONDAY, 2): ("ill", "Температура"), (MONDAY, 4): ("ill", "Температура")}


def test_an_announced_absence_does_not_keep_a_coming_lesson_from_being_cancelled(family: Family) -> None:
    sent(family, starts_on="2026-10-13")
    answer(family, "confirm")
    who = deputy()
    body = {"date": "2026-10-13", "scope": "all", "reason": "мороз", "do": "cancel"}
    assert family.panel.post(who, "/admin/schoolday/", body).status_code == 302
    assert all(db.session.scalars(select(Lesson.is_cancelled).where(Lesson.date == TUESDAY)))
    assert family.standing() == {}
    family.panel.post(who, "/admin/schoolday/", body | {"do": "back"})
    assert len(family.standing()) == 3


def test_what_the_teacher_wrote_about_an_absent_student_holds_the_lesson(family: Family) -> None:
    lesson = family.lessons[TUESDAY, 1]
    db.session.add(Attendance(lesson=lesson, student=family.student, status=AttendanceStatus.LATE))
    db.session.commit()
    body = {"date": "2026-10-13", "scope": "all", "reason": "мороз", "do": "cancel"}
    family.panel.post(deputy(), "/admin/schoolday/", body)
    standing = select(Lesson.number).where(Lesson.date == TUESDAY, ~Lesson.is_cancelled)
    assert list(db.session.scalars(standing)) == [1]
    db.session.commit()


def test_lessons_before_the_student_came_are_left_out(family: Family) -> None:
    db.session.scalars(select(Enrollment)).one().starts_on = TUESDAY
    db.session.commit()
    sent(family, ends_on="2026-10-13")
    answer(family, "confirm")
    assert {day for day, _number in family.standing()} == {TUESDAY}


def test_the_absence_is_recorded_as_written_by_the_class_teacher(family: Family) -> None:
    sent(family)
    answer(family, "confirm")
    row = db.session.scalars(select(Attendance)).first()
    assert row is not None
    assert row.entered_by_id == family.class_teacher.id
    assert policy.actor_of(db.session()) is policy.SYSTEM
    db.session.commit()


def test_a_note_that_is_sent_twice_at_once_is_kept_once(family: Family) -> None:
    form, who = {"starts_on": "2026-10-12"} | ILL, {"X-Person": str(family.guardian.id)}
    path, app = family.absence, family.panel.app
    db.session.commit()

    def send(_turn: int) -> int:
        return app.test_client().post(path, data=form, headers=who).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(send, range(4)))
    assert answers == [302, 422, 422, 422]
    assert note(RequestState.SENT)


def test_an_absence_without_a_reason_leads_to_its_explanation_for_a_guardian_only(family: Family) -> None:
    pupil = written(User(family_name="Семёнов", given_name="Пётр", login="petr"))
    family.student.user = pupil
    lesson = family.lessons[MONDAY, 1]
    db.session.add(Attendance(lesson=lesson, student=family.student, status=AttendanceStatus.ABSENT))
    db.session.commit()
    link = f'href="{family.absence}?day=2026-10-12"'
    for path in (f"/diary/{family.student.id}/", f"/diary/{family.student.id}/attendance/"):
        assert link in family.panel.get(family.guardian, path).text, path
        assert link not in family.panel.get(pupil, path).text, path
    assert 'value="2026-10-12"' in family.panel.get(family.guardian, f"{family.absence}?day=2026-10-12").text
    sent(family)
    answer(family, "confirm")
    assert link not in family.panel.get(family.guardian, f"/diary/{family.student.id}/").text
