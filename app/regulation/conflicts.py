"""Nobody is in two places at once: lessons, and weekly lessons, that want one teacher, room or group at one time.

A journal that was handed over is its teacher's from that day on; what was held before was held by whoever had it.
Two lessons of the same subject and class, of one teacher in one room, are one place: joined groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from flask_babel import format_date, gettext
from sqlalchemy import ColumnElement, Connection, FromClause, Row, Select, and_, case, exists, func, or_, select

from app import models
from app.models.people import initials
from app.policy.scopes import table_of

TEACHER, ROOM, GROUP = "teacher", "room", "group"
TURN = 7_233_001  # PostgreSQL's advisory lock of those who write lessons and the timetable
Days = tuple[ColumnElement[Any], ColumnElement[Any]]
"""First and last day; no last one while it lasts."""

user, subject = table_of(models.User), table_of(models.Subject)
school_class, study_group = table_of(models.SchoolClass), table_of(models.StudyGroup)
enrollment, member = table_of(models.Enrollment), table_of(models.StudyGroupMember)
assignment, lesson, slot = (
    table_of(models.TeachingAssignment), table_of(models.Lesson), table_of(models.TimetableSlot),
)  # fmt: skip
year, handover = table_of(models.AcademicYear), table_of(models.Handover)

_of_class = (
    assignment.join(study_group, study_group.c.id == assignment.c.study_group_id)
    .join(school_class, school_class.c.id == study_group.c.school_class_id)
    .join(year, year.c.id == school_class.c.academic_year_id)
)
_had_it_then = (
    select(handover.c.from_teacher_id)
    .where(handover.c.teaching_assignment_id == assignment.c.id, handover.c.since > lesson.c.date)
    .order_by(handover.c.since, handover.c.id)
    .limit(1)
    .correlate(assignment, lesson)
    .scalar_subquery()
)
_held_by = func.coalesce(lesson.c.substitute_id, _had_it_then, assignment.c.teacher_id)
"""Who holds, or held, a lesson."""
_taken_over = (
    select(func.max(handover.c.since))
    .where(handover.c.teaching_assignment_id == assignment.c.id)
    .correlate(assignment)
    .scalar_subquery()
)
_who = (
    assignment.c.subject_id,
    assignment.c.study_group_id,
    study_group.c.school_class_id,
    study_group.c.is_whole_class,
)


def take_turns(connection: Connection) -> None:
    """Wait until nobody else who writes lessons is in the middle of it: what they wrote is not seen before.

    Until the transaction ends, others wait. SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(TURN)))


def lessons_in_two_places(ids: Any) -> Select[Any]:
    """Pairs of a lesson of ``ids`` and another one that cannot be held with it: ids of both, and what they share.

    ``ids`` is a set or a subquery. Cancelled lessons are not held; a substitute counts, not whom they stand in for.
    """
    asked = select(lesson.c.date).where(lesson.c.id.in_(ids))
    held = (
        select(
            lesson.c.id,
            lesson.c.date,
            lesson.c.number,
            lesson.c.room,
            _held_by.label("teacher_id"),
            *_who,
        )
        .select_from(lesson.join(_of_class, assignment.c.id == lesson.c.teaching_assignment_id))
        .where(lesson.c.date.in_(asked), lesson.c.is_cancelled.is_(False))
        .cte("held")
    )
    one, other = held.alias("one"), held.alias("other")
    at_once = and_(one.c.date == other.c.date, one.c.number == other.c.number)
    that_day: list[Days] = [(one.c.date, one.c.date)]
    pairs = _pairs(one, other, at_once, that_day, one.c.teacher_id == other.c.teacher_id).where(one.c.id.in_(ids))
    return pairs.order_by(one.c.date, one.c.number, one.c.id.desc())


def slots_in_two_places(ids: Any) -> Select[Any]:
    """The same of weekly lessons, in the days that both have; a slot lasts no longer than its assignment and year."""
    asked = select(slot.c.weekday).where(slot.c.id.in_(ids))
    weekly = (
        select(
            slot.c.id,
            slot.c.weekday,
            slot.c.number,
            slot.c.room,
            assignment.c.teacher_id,
            func.coalesce(_taken_over, assignment.c.starts_on).label("taught_from"),
            *_who,
            slot.c.valid_from,
            slot.c.valid_until,
            assignment.c.starts_on.label("held_from"),
            assignment.c.ends_on.label("held_until"),
            year.c.starts_on.label("year_from"),
            year.c.ends_on.label("year_until"),
        )
        .select_from(slot.join(_of_class, assignment.c.id == slot.c.teaching_assignment_id))
        .where(slot.c.weekday.in_(asked))
        .cte("weekly")
    )
    one, other = weekly.alias("one"), weekly.alias("other")
    days = [*_days_of(one), *_days_of(other)]
    at_once = and_(one.c.weekday == other.c.weekday, one.c.number == other.c.number, _have_common_days(days))
    taught_then = (or_(last.is_(None), each.c.taught_from <= last) for each in (one, other) for _first, last in days)
    teacher = and_(one.c.teacher_id == other.c.teacher_id, *taught_then)
    pairs = _pairs(one, other, at_once, days, teacher).where(one.c.id.in_(ids))
    return pairs.order_by(one.c.weekday, one.c.number, one.c.id.desc())


def lessons_of(assignment_ids: set[int]) -> Select[Any]:
    """Ids of the lessons of assignments, as a subquery."""
    return select(lesson.c.id).where(lesson.c.teaching_assignment_id.in_(assignment_ids))


def slots_of(assignment_ids: set[int]) -> Select[Any]:
    """Ids of the weekly lessons of assignments, as a subquery."""
    return select(slot.c.id).where(slot.c.teaching_assignment_id.in_(assignment_ids))


def _days_of(weekly: FromClause) -> list[Days]:
    names = ("valid_from", "valid_until"), ("held_from", "held_until"), ("year_from", "year_until")
    return [(weekly.c[first], weekly.c[last]) for first, last in names]


def _pairs(
    one: FromClause, other: FromClause, at_once: ColumnElement[bool], days: list[Days], teacher: ColumnElement[bool]
) -> Select[Any]:
    """``teacher``: both are one teacher's at that time."""
    room = and_(one.c.room != "", one.c.room == other.c.room)
    same_class = one.c.school_class_id == other.c.school_class_id
    same_teacher = one.c.teacher_id == other.c.teacher_id
    joined = and_(room, same_teacher, same_class, one.c.subject_id == other.c.subject_id)
    group = and_(
        same_class,
        or_(
            one.c.study_group_id == other.c.study_group_id,
            one.c.is_whole_class,
            other.c.is_whole_class,
            _share_a_student(one, other, days),
        ),
    )
    shared = case((teacher, TEACHER), (group, GROUP), else_=ROOM)
    return select(one.c.id.label("one"), other.c.id.label("other"), shared.label("shared")).where(
        at_once, one.c.id != other.c.id, ~joined, or_(teacher, room, group)
    )


def _share_a_student(one: FromClause, other: FromClause, days: list[Days]) -> ColumnElement[bool]:
    """Two parts of a class have a student of the class in common, on a day that is among all of ``days``."""
    mine, others = member.alias("mine"), member.alias("others")
    spells: list[Days] = [(table.c.starts_on, table.c.ends_on) for table in (mine, others, enrollment)]
    return exists().where(
        mine.c.study_group_id == one.c.study_group_id,
        others.c.study_group_id == other.c.study_group_id,
        others.c.student_id == mine.c.student_id,
        enrollment.c.student_id == mine.c.student_id,
        enrollment.c.school_class_id == one.c.school_class_id,
        _have_common_days([*spells, *days]),
    )


def _have_common_days(days: Sequence[Days]) -> ColumnElement[bool]:
    """Spans on a line have a day in common when each two of them have (Helly's theorem)."""
    return and_(*(_overlap(one, other) for one, other in combinations(days, 2)))


def _overlap(one: Days, other: Days) -> ColumnElement[bool]:
    return and_(
        or_(other[1].is_(None), one[0] <= other[1]),
        or_(one[1].is_(None), other[0] <= one[1]),
    )


@dataclass(frozen=True)
class _Place:
    """A lesson as a message names it."""

    when: str
    what: str
    who: str
    room: str


def lesson_conflict(connection: Connection, pair: Row[Any]) -> str:
    """What two lessons of ``lessons_in_two_places`` share, with both named and what to do."""
    rows = lesson.join(_named, assignment.c.id == lesson.c.teaching_assignment_id).join(user, user.c.id == _held_by)
    found = _places(connection, rows, lesson, pair, lambda row: _day(row.date, row.number), lesson.c.date)
    return _said(pair.shared, *found)


def slot_conflict(connection: Connection, pair: Row[Any]) -> str:
    """The same of two weekly lessons."""
    rows = slot.join(_named, assignment.c.id == slot.c.teaching_assignment_id)
    rows = rows.join(user, user.c.id == assignment.c.teacher_id)
    found = _places(connection, rows, slot, pair, lambda row: _weekday(row.weekday, row.number), slot.c.weekday)
    return _said(pair.shared, *found)


_named = (
    assignment.join(subject, subject.c.id == assignment.c.subject_id)
    .join(study_group, study_group.c.id == assignment.c.study_group_id)
    .join(school_class, school_class.c.id == study_group.c.school_class_id)
)


def _places(connection: Connection, rows: FromClause, table: Any, pair: Row[Any], when: Any, day: Any) -> list[_Place]:
    """The two of the pair, in its order."""
    names = (user.c.family_name, user.c.given_name, user.c.patronymic)
    group = (school_class.c.grade, school_class.c.letter, study_group.c.name.label("part"))
    columns = (table.c.id, day, table.c.number, table.c.room, subject.c.name.label("subject"), *group, *names)
    found: dict[int, Any] = {
        row.id: row
        for row in connection.execute(select(*columns).select_from(rows).where(table.c.id.in_([pair.one, pair.other])))
    }
    return [_place(found[number], when) for number in (pair.one, pair.other)]


def _place(row: Any, when: Any) -> _Place:
    group = f"{row.grade}{row.letter} {row.part}".strip()
    what = f"{row.subject}, {group}"
    if row.room:
        what = gettext("%(what)s, room %(room)s", what=what, room=row.room)
    return _Place(when(row), what, initials(row.family_name, row.given_name, row.patronymic), row.room)


def _day(day: date, number: int) -> str:
    return str(gettext("%(day)s, lesson %(number)s", day=format_date(day, "EEE, d MMM"), number=number))


def _weekday(weekday: int, number: int) -> str:
    return str(gettext("%(day)s, lesson %(number)s", day=format_date(date(2024, 1, weekday), "EEEE"), number=number))


def _said(shared: str, one: _Place, other: _Place) -> str:
    words = {
        "when": other.when, "one": one.what, "other": other.what, "teacher": other.who, "room": other.room,
    }  # fmt: skip
    if shared == TEACHER:
        said = gettext(
            "%(when)s: %(teacher)s already has this lesson: %(other)s. So %(one)s cannot be held by the same teacher "
            "then: choose another time or teacher. Nothing was saved.", **words)  # fmt: skip
    elif shared == ROOM:
        said = gettext(
            "%(when)s: room %(room)s is taken: %(other)s, %(teacher)s. So %(one)s cannot be there then: choose "
            "another time or room. Nothing was saved.", **words)  # fmt: skip
    else:
        said = gettext(
            "%(when)s: these students already have this lesson: %(other)s, %(teacher)s. So %(one)s cannot be held "
            "then: choose another time. Nothing was saved.", **words)  # fmt: skip
    return str(said)
