"""The timetable of a class changes from a day on: the past stays, lessons follow, what is written is not lost."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.journal import timetable
from app.journal.calendar import generate_lessons
from app.journal.timetable import Cell
from app.models import (
    Attendance,
    Holiday,
    Lesson,
    PlannedTopic,
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
from tests.school import School
from tests.school_panel import TODAY, Panel, deputy, led, second_class, text, written

SEPTEMBER, START = date(2026, 9, 1), date(2026, 10, 19)  # a Monday; TODAY is Monday the 12th
MONDAY, WEDNESDAY = 1, 3
TERM_ENDS, HOLIDAY = date(2026, 11, 8), date(2026, 11, 4)


@pytest.fixture
def week(school: School) -> School:
    """5А has algebra on Mondays, first, in room 12, until the quarter ends on Sunday, 8 November."""
    quarter = Term(academic_year=school.year, kind=TermKind.QUARTER, number=1, starts_on=SEPTEMBER, ends_on=TERM_ENDS)
    day_off = Holiday(academic_year_id=school.year.id, name="Праздник", starts_on=HOLIDAY, ends_on=HOLIDAY)
    school.assignment.starts_on = SEPTEMBER
    slot = TimetableSlot(assignment=school.assignment, weekday=MONDAY, number=1, room="12", valid_from=SEPTEMBER)
    db.session.delete(school.work)
    db.session.delete(school.lesson)
    db.session.add_all([quarter, day_off, slot])
    db.session.commit()
    generate_lessons(db.session(), school.year)
    db.session.commit()
    return school


def change(school: School, *cells: Cell, start: date = START) -> timetable.Change:
    done = timetable.change(db.session(), school.school_class, start, cells, TODAY)
    db.session.commit()
    return done


def cell(school: School, weekday: int = MONDAY, number: int = 1, room: str = "12") -> Cell:
    return Cell(weekday, number, school.assignment.id, room)


def lessons(since: date = START) -> list[tuple[date, int, str]]:
    rows = select(Lesson).where(Lesson.date >= since).order_by(Lesson.date, Lesson.number)
    return [(lesson.date, lesson.number, lesson.room) for lesson in db.session.scalars(rows)]


def slots() -> list[tuple[int, int, str, date, date | None]]:
    rows = select(TimetableSlot).order_by(TimetableSlot.valid_from, TimetableSlot.weekday)
    return [(x.weekday, x.number, x.room, x.valid_from, x.valid_until) for x in db.session.scalars(rows)]


def on(day: date) -> Lesson:
    return db.session.scalars(select(Lesson).where(Lesson.date == day)).one()


def test_lessons_move_to_the_new_place_and_the_past_stays(week: School) -> None:
    before = [each for each in lessons(SEPTEMBER) if each[0] < START]
    done = change(week, cell(week, WEDNESDAY, 2, "31"))
    assert (done.ended, done.begun, done.went, done.came) == (1, 1, 3, 2)
    assert lessons() == [(date(2026, 10, 21), 2, "31"), (date(2026, 10, 28), 2, "31")]  # 4 November is a holiday
    assert [each for each in lessons(SEPTEMBER) if each[0] < START] == before
    assert slots() == [
        (MONDAY, 1, "12", SEPTEMBER, START - timedelta(1)),
        (WEDNESDAY, 2, "31", START, None),
    ]


def test_the_same_week_changes_nothing(week: School) -> None:
    before = lessons(SEPTEMBER)
    done = change(week, cell(week))
    assert done.is_nothing
    assert (lessons(SEPTEMBER), slots()) == (before, [(MONDAY, 1, "12", SEPTEMBER, None)])


def test_another_room_keeps_the_lessons_but_for_those_somebody_moved(week: School) -> None:
    on(START).room = "актовый зал"
    db.session.commit()
    done = change(week, cell(week, room="31"))
    assert (done.rooms, done.came, done.went) == (2, 0, 0)
    assert [room for _day, _number, room in lessons()] == ["актовый зал", "31", "31"]


def test_lessons_that_somebody_wrote_in_stay(week: School) -> None:
    first, second, third = (on(START + timedelta(7 * weeks)) for weeks in range(3))
    first.topic = "Дроби"
    lay(second, 1)
    db.session.add(Work(lesson=third))
    db.session.commit()
    done = change(week, cell(week, WEDNESDAY))
    assert [lesson.date for lesson in done.kept] == [first.date, third.date]  # what the plan laid is laid elsewhere
    assert [day for day, *_ in lessons()] == [START, date(2026, 10, 21), date(2026, 10, 28), third.date]


def lay(lesson: Lesson, position: int, homework: str = "") -> None:
    """A topic of the lesson plan stands on the lesson, as the plan lays it: past the stamps of what a hand writes."""
    topic = f"Тема {position}"
    db.session.add(PlannedTopic(assignment=lesson.assignment, position=position, topic=topic, homework=homework))
    number, lessons = lesson.id, Lesson.__table__
    db.session.commit()
    with db.engine.begin() as connection:
        laid = {"topic": topic, "plan_position": position, "homework": homework}
        connection.execute(lessons.update().where(lessons.c.id == number).values(laid))
    db.session.expire_all()


def test_the_lesson_plan_goes_along_with_its_homework(week: School) -> None:
    old = [on(START + timedelta(7 * weeks)) for weeks in range(3)]
    for position, lesson in enumerate(old, 1):
        lay(lesson, position, f"Стр. {position}")
    old[2].homework = "Стр. 99"
    db.session.commit()
    done = change(week, cell(week, WEDNESDAY, 2, "31"))
    rows = db.session.scalars(select(Lesson).where(Lesson.date >= START).order_by(Lesson.date)).all()
    assert [(x.date, x.topic, x.homework) for x in rows] == [
        (date(2026, 10, 21), "Тема 1", "Стр. 1"),
        (date(2026, 10, 28), "Тема 2", "Стр. 2"),
        (date(2026, 11, 2), "Тема 3", "Стр. 99"),
    ]
    assert (done.came, done.went, len(done.kept)) == (2, 2, 1)


@pytest.mark.parametrize("write", ["homework", "absence"])
def test_homework_and_absences_are_kept_too(week: School, write: str) -> None:
    lesson = on(START)
    if write == "homework":
        lesson.homework = "Стр. 5"
    else:
        db.session.add(Attendance(lesson=lesson, student=week.student, status=AttendanceStatus.ILL))
    db.session.commit()
    assert [kept.date for kept in change(week).kept] == [START]


def test_a_new_lesson_waits_where_a_kept_one_stands(week: School) -> None:
    on(START).topic = "Дроби"
    physics = TeachingAssignment(
        teacher=User(family_name="Лаптева", given_name="Нина"), subject=Subject(name="Физика"),
        study_group=week.assignment.study_group, starts_on=SEPTEMBER,
    )  # fmt: skip
    written(physics)
    done = change(week, Cell(MONDAY, 1, physics.id, "7"))
    assert (done.came, done.left_out, len(done.kept)) == (2, 1, 1)
    assert [room for _day, _number, room in lessons()] == ["12", "7", "7"]


def test_what_was_added_by_hand_stays(week: School) -> None:
    saturday = date(2026, 10, 24)
    written(Lesson(assignment=week.assignment, date=saturday, number=4))
    change(week)
    assert lessons() == [(saturday, 4, "")]


def test_a_change_that_has_not_begun_is_replaced(week: School) -> None:
    change(week, cell(week, WEDNESDAY, 2), start=date(2026, 10, 26))
    change(week, cell(week, MONDAY, 1, "31"))
    assert slots() == [
        (MONDAY, 1, "12", SEPTEMBER, START - timedelta(1)),
        (MONDAY, 1, "31", START, None),
    ]
    assert lessons() == [(START + timedelta(7 * weeks), 1, "31") for weeks in range(3)]


def test_a_change_from_the_same_day_again(week: School) -> None:
    change(week, cell(week, WEDNESDAY, 2, "31"))
    change(week, cell(week, WEDNESDAY, 2, "32"))
    assert slots()[1:] == [(WEDNESDAY, 2, "32", START, None)]
    assert {room for _day, _number, room in lessons()} == {"32"}


def test_groups_of_a_class_have_lessons_at_once(week: School) -> None:
    halves = []
    for name in ("англ. 1", "англ. 2"):
        group = StudyGroup(school_class=week.school_class, name=name)
        who, subject = User(family_name=name, given_name="Анна"), week.assignment.subject
        halves.append(written(TeachingAssignment(teacher=who, subject=subject, study_group=group, starts_on=SEPTEMBER)))
    done = change(week, cell(week), *(Cell(2, 1, half.id, "") for half in halves))
    assert (done.begun, done.came) == (2, 6)


def test_a_teacher_who_is_elsewhere_then_is_named(week: School) -> None:
    other = second_class(week)
    group = db.session.scalars(select(StudyGroup).where(StudyGroup.school_class_id == other.id)).one()
    there = written(
        TeachingAssignment(
            teacher=week.teacher, subject=week.assignment.subject, study_group=group, starts_on=SEPTEMBER
        )
    )
    with pytest.raises(RegulationError, match=r"Monday, lesson 1: Орлова В\. already has this lesson: Алгебра, 5А"):
        timetable.change(db.session(), other, START, [Cell(MONDAY, 1, there.id)], TODAY)
    db.session.rollback()
    assert len(slots()) == 1


@pytest.mark.parametrize(
    ("start", "said"),
    [(date(2026, 10, 5), timetable.BEFORE_TODAY), (date(2026, 8, 31), timetable.OUTSIDE_YEAR)],
)
def test_the_past_and_other_years_are_refused(week: School, start: date, said: Any) -> None:
    with pytest.raises(RegulationError) as error:
        change(week, start=start)
    db.session.rollback()
    assert error.value.message is said


def test_the_first_timetable_may_begin_in_the_past(week: School) -> None:
    other = second_class(week)
    group = db.session.scalars(select(StudyGroup).where(StudyGroup.school_class_id == other.id)).one()
    held = TeachingAssignment(
        teacher=User(family_name="Быкова", given_name="Яна"), subject=week.assignment.subject, study_group=group,
        starts_on=SEPTEMBER,
    )  # fmt: skip
    written(held)
    done = timetable.change(db.session(), other, SEPTEMBER, [Cell(MONDAY, 1, held.id)], TODAY)
    db.session.commit()
    assert done.came == 9


def asked(school: School, **fields: Any) -> dict[str, Any]:
    return {"class": school.school_class.id, "from": START.isoformat(), "do": "look"} | fields


def test_a_deputy_looks_first_and_then_saves(week: School, panel: Panel) -> None:
    boss = deputy()
    page = panel.page(boss, f"/admin/timetable/?class={week.school_class.id}&from={START}")
    assert "Алгебра · Орлова В." in page
    before = lessons()
    fields = {"slot-3-2-0": week.assignment.id, "room-3-2-0": " 31 "}
    answer = panel.post(boss, "/admin/timetable/", asked(week, **fields))
    assert "2 lessons come; 3 lessons go." in text(answer)
    assert "Nothing has been saved yet." in text(answer)
    assert lessons() == before
    assert 'name="slot-3-2-0"' in answer.text
    saved = panel.post(boss, "/admin/timetable/", asked(week, do="save", **fields))
    assert saved.status_code == 302
    assert lessons() == [(date(2026, 10, 21), 2, "31"), (date(2026, 10, 28), 2, "31")]


def test_what_cannot_be_is_said_and_the_grid_keeps_what_was_chosen(week: School, panel: Panel) -> None:
    fields = {"slot-3-2-0": week.assignment.id, "slot-3-2-1": week.assignment.id, "room-3-2-0": "31"}
    answer = panel.post(deputy(), "/admin/timetable/", asked(week, **fields))
    assert "stands twice" in text(answer)
    assert 'value="31"' in answer.text


def test_only_who_writes_timetables_comes_here(week: School, panel: Panel) -> None:
    teacher = led(week)
    assert panel.get(teacher, "/admin/timetable/").status_code == 403
    assert panel.post(teacher, "/admin/timetable/", asked(week, do="save")).status_code == 403
    assert "/admin/timetable/" not in panel.get(teacher, "/admin/").text
    boss = deputy()
    assert panel.get(boss, "/admin/timetable/?class=999").status_code == 404
    assert panel.get(boss, f"/admin/timetable/?class={week.school_class.id}&from=x").status_code == 200
