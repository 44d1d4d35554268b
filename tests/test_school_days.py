"""A day that is held otherwise: lessons cancelled with a reason, brought back, moved to another day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.journal import days
from app.journal.calendar import generate_lessons
from app.models import (
    Attendance,
    Holiday,
    Lesson,
    Mark,
    StudyGroup,
    Subject,
    TeachingAssignment,
    Term,
    TimetableSlot,
    User,
    Work,
)
from app.models.journal import AttendanceStatus
from app.models.people import TermKind
from app.regulation import RegulationError
from tests.school import DAY, School
from tests.school_panel import Panel, deputy, led, second_class, text, written

SATURDAY, SUNDAY_OFF = date(2026, 10, 3), date(2026, 10, 4)


@pytest.fixture
def term(school: School) -> School:
    """5А has algebra on Thursdays (DAY is one), first; there is a quarter until 25 October with one holiday."""
    quarter = Term(
        academic_year=school.year, kind=TermKind.QUARTER, number=1, starts_on=DAY, ends_on=date(2026, 10, 25)
    )
    off = Holiday(academic_year_id=school.year.id, name="Праздник", starts_on=SUNDAY_OFF, ends_on=SUNDAY_OFF)
    slot = TimetableSlot(assignment=school.assignment, weekday=4, number=1, room="12", valid_from=DAY)
    school.lesson.room = "12"
    db.session.add_all([quarter, off, slot])
    db.session.commit()
    generate_lessons(db.session(), school.year)
    db.session.commit()
    return school


def another_lesson(school: School, letter: str = "Б", day: date = DAY) -> Lesson:
    """Physics in another class, with another teacher."""
    group = db.session.scalars(
        select(StudyGroup).where(StudyGroup.school_class_id == second_class(school, letter).id)
    ).one()
    held = TeachingAssignment(
        teacher=User(family_name=f"Быкова{letter}", given_name="Яна", is_staff=True), study_group=group,
        subject=Subject(name=f"Физика{letter}"), starts_on=DAY,
    )  # fmt: skip
    return written(Lesson(assignment=held, date=day, number=1))


def of(day: date) -> list[tuple[int, bool, str]]:
    rows = select(Lesson).where(Lesson.date == day).order_by(Lesson.number, Lesson.id)
    return [(x.number, x.is_cancelled, x.cancel_reason) for x in db.session.scalars(rows)]


def test_a_cancelled_lesson_says_why_and_comes_back(term: School) -> None:
    done = days.cancel(db.session(), [term.lesson], " карантин ")
    assert (done.changed, done.assignment_ids) == (1, {term.assignment.id})
    assert of(DAY) == [(1, True, "карантин")]
    assert days.bring_back(db.session(), [term.lesson]).changed == 1
    assert of(DAY) == [(1, False, "")]


def test_without_a_reason_nothing_is_cancelled(term: School) -> None:
    with pytest.raises(RegulationError):
        days.cancel(db.session(), [term.lesson], "  ")
    assert of(DAY) == [(1, False, "")]


@pytest.mark.parametrize("kind", ["mark", "absence"])
def test_a_lesson_that_was_held_is_neither_cancelled_nor_moved(term: School, kind: str) -> None:
    if kind == "mark":
        db.session.add(Mark(work=term.work, student=term.student, value=5))
    else:
        db.session.add(Attendance(lesson=term.lesson, student=term.student, status=AttendanceStatus.ILL))
    db.session.commit()
    done = days.cancel(db.session(), [term.lesson], "мороз")
    assert (done.changed, done.held) == (0, [term.lesson])
    done = days.move(db.session(), [term.lesson], SATURDAY)
    assert (done.changed, done.held) == (0, [term.lesson])
    assert of(DAY) == [(1, False, "")]


def test_a_moved_lesson_takes_what_is_in_it_along_and_does_not_come_twice(term: School) -> None:
    term.lesson.topic, term.lesson.homework = "Дроби", "Стр. 5"
    db.session.commit()
    days.move(db.session(), [term.lesson], SATURDAY)
    db.session.commit()
    assert of(DAY) == [(1, True, "→ 03.10.2026")]
    moved = db.session.scalars(select(Lesson).where(Lesson.date == SATURDAY)).one()
    assert (moved.id, moved.topic, moved.homework, moved.number) == (term.lesson.id, "Дроби", "Стр. 5", 1)
    assert db.session.scalars(select(Work.lesson_id)).one() == moved.id
    assert generate_lessons(db.session(), term.year) == 0
    assert days.bring_back(db.session(), list(db.session.scalars(select(Lesson)))).changed == 0


def test_a_moved_lesson_goes_back_to_its_place(term: School) -> None:
    days.move(db.session(), [term.lesson], SATURDAY, 3)
    db.session.commit()
    assert of(SATURDAY) == [(3, False, "")]
    days.move(db.session(), [term.lesson], DAY, 1)
    db.session.commit()
    assert (of(DAY), of(SATURDAY)) == ([(1, False, "")], [])


@pytest.mark.parametrize("day", [SUNDAY_OFF, date(2026, 10, 27), date(2027, 7, 1)])
def test_no_lesson_goes_to_a_day_without_school(term: School, day: date) -> None:
    with pytest.raises(RegulationError) as error:
        days.move(db.session(), [term.lesson], day)
    assert error.value.message is days.NO_SCHOOL


def test_a_lesson_does_not_move_onto_another(term: School) -> None:
    friday = DAY + timedelta(1)
    group = term.assignment.study_group
    other = TeachingAssignment(
        teacher=User(family_name="Лаптева", given_name="Нина"), subject=Subject(name="Физика"), study_group=group,
        starts_on=DAY,
    )  # fmt: skip
    written(Lesson(assignment=other, date=friday, number=1))
    with pytest.raises(RegulationError, match="these students already have this lesson: Физика, 5А, Лаптева Н"):
        days.move(db.session(), [term.lesson], friday)
    db.session.rollback()
    assert of(DAY) == [(1, False, "")]


def change(panel: Panel, who: User, do: str, **fields: Any) -> str:
    answer = panel.post(who, "/admin/schoolday/", {"date": DAY.isoformat(), "do": do, "scope": "all"} | fields)
    if answer.status_code == 302:
        answer = panel.get(who, answer.headers["Location"])
    assert answer.status_code == 200
    return text(answer)


def test_a_deputy_cancels_the_day_for_a_class_and_brings_it_back(term: School, panel: Panel) -> None:
    other, boss = another_lesson(term), deputy()
    fields = {"class": term.school_class.id, "reason": "карантин"}
    assert "1 lesson is cancelled." in change(panel, boss, "cancel", **fields)
    assert [x.is_cancelled for x in (term.lesson, other)] == [True, False]
    assert "1 lesson is cancelled." in change(panel, boss, "cancel", reason="мороз")
    assert [x.cancel_reason for x in (term.lesson, other)] == ["карантин", "мороз"]
    assert "карантин" in panel.page(boss, f"/admin/schoolday/?date={DAY}&grade=5")
    assert "2 lessons are brought back." in change(panel, boss, "back")
    assert [x.is_cancelled for x in (term.lesson, other)] == [False, False]


def test_a_deputy_moves_ticked_lessons(term: School, panel: Panel) -> None:
    other, boss = another_lesson(term), deputy()
    fields = {"scope": "ticked", "ticked": other.id, "to": SATURDAY.isoformat(), "number": "2"}
    written(Term(academic_year=term.year, kind=TermKind.HALF_YEAR, number=1, starts_on=DAY, ends_on=SATURDAY))
    assert "1 lesson is moved to Saturday, 3 October." in change(panel, boss, "move", **fields)
    assert (other.date, other.number, term.lesson.date) == (SATURDAY, 2, DAY)


@pytest.mark.parametrize(
    ("do", "fields", "said"),
    [
        ("cancel", {}, "Write why the lessons are cancelled"),
        ("cancel", {"reason": "x", "scope": "ticked"}, "There is no lesson to change"),
        ("move", {}, "Choose the day"),
        ("move", {"to": "2026-10-03", "number": "99"}, "between 0 and 14"),
        ("move", {"to": "2026-10-03", "number": "2"}, "A number is for one lesson"),
        ("move", {"to": "2026-10-01"}, "on that day already"),
    ],
)
def test_what_is_missing_is_said_and_nothing_changes(
    term: School, panel: Panel, do: str, fields: dict[str, str], said: str
) -> None:
    another_lesson(term)
    assert said in change(panel, deputy(), do, **fields)
    assert of(DAY) == [(1, False, ""), (1, False, "")]


def test_only_who_may_cancel_comes_here(term: School, panel: Panel) -> None:
    teacher = led(term)
    assert panel.get(teacher, "/admin/schoolday/").status_code == 403
    assert panel.post(teacher, "/admin/schoolday/", {"do": "cancel", "reason": "x"}).status_code == 403
    assert "/admin/schoolday/" not in panel.get(teacher, "/admin/").text
    assert of(DAY) == [(1, False, "")]


def test_a_lesson_leads_to_where_it_is_cancelled(term: School, panel: Panel) -> None:
    link = f"/admin/schoolday/?lesson={term.lesson.id}"
    boss = deputy()
    assert link in panel.get(boss, f"/admin/lesson/details/?id={term.lesson.id}").text
    page = panel.get(boss, link).text
    assert f'value="{term.lesson.id}" checked' in page
    assert 'value="ticked" checked' in page
    assert link not in panel.get(led(term), f"/admin/lesson/details/?id={term.lesson.id}").text


def test_the_form_of_one_lesson_cancels_moves_and_substitutes(term: School, panel: Panel) -> None:
    boss = deputy()
    free = written(User(family_name="Лаптева", given_name="Нина", is_staff=True))
    fields = {
        "assignment": term.assignment.id, "date": str(SATURDAY), "number": "2", "room": "31", "substitute": free.id,
        "is_cancelled": "y", "cancel_reason": "актированный день",
    }  # fmt: skip
    address = f"/admin/lesson/edit/?id={term.lesson.id}"
    assert panel.post(boss, address, fields).status_code == 302
    lesson = term.lesson
    assert (lesson.date, lesson.number, lesson.room, lesson.substitute_id) == (SATURDAY, 2, "31", free.id)
    assert (lesson.is_cancelled, lesson.cancel_reason) == (True, "актированный день")
    del fields["is_cancelled"]
    assert panel.post(boss, address, fields).status_code == 302
    assert (lesson.is_cancelled, lesson.cancel_reason) == (False, "")
