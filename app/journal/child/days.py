"""The days of a student: lessons with what was to be done for them, marks and absences; today and a week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session, aliased

from app.journal.calendar import Span
from app.journal.child.absences import Missed, Spell, missed, spells
from app.journal.child.homework import Course, Homework, day_given, given
from app.journal.child.marks import GotMark, got
from app.journal.child.own_lessons import next_school_day, own
from app.journal.moved import day_moved_to
from app.models import Attendance, BellTime, Holiday, Lesson, SchoolClass, Subject, TeachingAssignment, User
from app.models.people import whole_name
from app.policy.kept import kept

LOOK_AHEAD = timedelta(9)  # homework is rarely given for longer
NEW_MARKS = timedelta(7)
ABSENCES = timedelta(14)
WEEK = timedelta(6)  # from its Monday to its Sunday


Day = date  # the name of a field below hides it


@dataclass(frozen=True, slots=True)
class OwnLesson:
    """A lesson as its student reads of it. A cancelled one has a reason, or was ``moved_to`` a day; ``substitute``
    stands in for the ``teacher``, empty without one.
    """

    id: int
    date: Day
    number: int
    starts_at: time | None
    ends_at: time | None
    room: str
    subject: str
    topic: str
    is_cancelled: bool
    cancel_reason: str
    moved_to: Day | None
    version: int
    teacher: str
    substitute: str


@dataclass(frozen=True, slots=True)
class ChildLesson:
    """A lesson; ``due`` is what the lesson of the subject before it gave to do at home."""

    line: OwnLesson
    due: Sequence[Homework]
    marks: Sequence[GotMark]
    missed: Missed | None


@dataclass(frozen=True)
class SchoolDay:
    """The lessons of a day, in order; ``holiday`` names the holiday that a day without lessons lies in."""

    date: date
    lessons: Sequence[ChildLesson]
    holiday: str = ""


@dataclass(frozen=True)
class Today:
    """What a family looks for first.

    ``next_day`` is the next day with lessons, ``later`` lessons after it for which homework is given already.
    """

    today: SchoolDay
    next_day: SchoolDay | None
    later: Sequence[ChildLesson]
    marks: Sequence[GotMark]
    missed: Sequence[Spell]


def today(session: Session, student_id: int, day: date, now: datetime) -> Today:
    """Today and the next school day of the student, and what is new; four statements, one more on a day without
    lessons, more before long holidays.
    """
    last = day + LOOK_AHEAD
    marks = got(session, student_id, day, last, now - NEW_MARKS)
    days = read(session, student_id, Span(day, last), marks)
    following = next((each.date for each in days[1:] if _is_held(each)), None)
    if following is None and (following := next_school_day(session, student_id, last)) is not None:
        marks = got(session, student_id, day, following, now - NEW_MARKS)
        days = read(session, student_id, Span(day, following), marks)
    fresh = sorted(
        (mark for mark in marks if mark.entered_at >= now - NEW_MARKS), key=lambda mark: mark.entered_at, reverse=True
    )
    return Today(
        today=with_holidays(session, days[:1])[0],
        next_day=next((each for each in days if each.date == following), None),
        later=[lesson for each in days if following and each.date > following for lesson in each.lessons if lesson.due],
        marks=fresh,
        missed=spells(missed(session, student_id, day - ABSENCES, day)),
    )


def _is_held(day: SchoolDay) -> bool:
    return any(not lesson.line.is_cancelled for lesson in day.lessons)


def week(session: Session, student_id: int, monday: date) -> list[SchoolDay]:
    """The days from ``monday`` to Friday, and of the weekend those up to the last with lessons; three statements, one
    more where a day has none.
    """
    span = Span(monday, monday + WEEK)
    days = read(session, student_id, span, got(session, student_id, span.first, span.last))
    return with_holidays(session, _without_empty_weekend(days))


def read(session: Session, student_id: int, span: Span, marks: Iterable[GotMark]) -> list[SchoolDay]:
    """Every day of ``span`` with the student's lessons, and those of ``marks`` that belong to them; two statements.

    It does not say which of them are holidays, see ``with_holidays``.
    """
    asked = {"student": student_id, "first": span.first, "last": span.last}
    rows = session.execute(_lessons(), asked).all()
    homework = _due(session, student_id, rows)
    marks_of: defaultdict[int, list[GotMark]] = defaultdict(list)
    for mark in marks:
        marks_of[mark.lesson_id].append(mark)
    by_day: defaultdict[date, list[ChildLesson]] = defaultdict(list)
    for row in rows:
        by_day[row.date].append(
            ChildLesson(_line(row), homework.get(row.id, ()), marks_of.get(row.id, ()), _missed_in(row))
        )
    every = (span.first + timedelta(number) for number in range((span.last - span.first).days + 1))
    return [SchoolDay(day, by_day.get(day, ())) for day in every]


@lru_cache
def _lessons() -> Any:
    """The student's own lessons with all that _line and _missed_in look at, made once."""
    teacher, substitute = aliased(User), aliased(User)
    student: Any = bindparam("student")
    names = (each for who in (teacher, substitute) for each in (who.family_name, who.given_name, who.patronymic))
    columns = (
        Lesson.id, Lesson.date, Lesson.number, BellTime.starts_at, BellTime.ends_at, Lesson.room,
        Subject.name.label("subject"), Lesson.topic, Lesson.is_cancelled, Lesson.cancel_reason, Lesson.version,
        TeachingAssignment.subject_id, TeachingAssignment.study_group_id, Attendance.status, Attendance.reason,
        day_given().label("given_on"),
    )  # fmt: skip
    return kept(
        own(student, *columns, *names)
        .join(TeachingAssignment.subject)
        .outerjoin(BellTime, BellTime.number == Lesson.number)
        .outerjoin(teacher, TeachingAssignment.teacher)
        .outerjoin(substitute, Lesson.substitute)
        .outerjoin(Attendance, and_(Attendance.lesson_id == Lesson.id, Attendance.student_id == student))
        .where(Lesson.date.between(bindparam("first"), bindparam("last")))
        .order_by(Lesson.date, Lesson.number, SchoolClass.grade, SchoolClass.letter, Lesson.id)
    )


def _line(row: Any) -> OwnLesson:
    teacher, substitute = whole_name(*row[-6:-3]), whole_name(*row[-3:])
    return OwnLesson(
        row.id, row.date, row.number, row.starts_at, row.ends_at, row.room, row.subject, row.topic, row.is_cancelled,
        row.cancel_reason, day_moved_to(row), row.version, teacher, substitute,
    )  # fmt: skip


def _missed_in(row: Any) -> Missed | None:
    return Missed(row.id, row.date, row.number, row.subject, row.status, row.reason) if row.status else None


def _due(session: Session, student_id: int, rows: Sequence[Any]) -> dict[int, list[Homework]]:
    """Homework by the lesson it is for: of two lessons of a course on a day, the first that is held."""
    wanted: dict[tuple[Course, date], int] = {}
    seen: set[tuple[Course, date]] = set()
    for row in rows:
        course = row.subject_id, row.study_group_id
        if not row.is_cancelled and row.given_on is not None and (course, row.date) not in seen:
            seen.add((course, row.date))
            wanted[course, row.given_on] = row.id
    return {wanted[place]: homework for place, homework in given(session, student_id, wanted).items()}


def with_holidays(session: Session, days: Sequence[SchoolDay]) -> list[SchoolDay]:
    """The days, where they have no lessons with the holiday they lie in."""
    free = [day.date for day in days if not day.lessons]
    if not free:
        return list(days)
    holidays = session.execute(
        select(Holiday.name, Holiday.starts_on, Holiday.ends_on)
        .where(Holiday.starts_on <= free[-1], Holiday.ends_on >= free[0])
        .order_by(Holiday.starts_on)
    ).all()
    names = {day: next((name for name, first, last in holidays if first <= day <= last), "") for day in free}
    return [SchoolDay(day.date, day.lessons, names.get(day.date, "")) for day in days]


def _without_empty_weekend(days: Sequence[SchoolDay]) -> list[SchoolDay]:
    """A week without its Saturday and Sunday where they have no lessons."""
    last = max((number for number, day in enumerate(days) if day.lessons), default=0)
    return list(days[: max(5, last + 1)])
