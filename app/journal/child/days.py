"""The days of a student: lessons with what was to be done for them, marks and absences; today and a week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.journal.agenda.lessons import LessonLine, lessons, line
from app.journal.calendar import Span
from app.journal.child.absences import Missed, Spell, missed, spells
from app.journal.child.homework import Course, Homework, day_given, given
from app.journal.child.marks import GotMark, got
from app.journal.child.own_lessons import next_school_day, of_student
from app.models import Holiday, Lesson, Mark

LOOK_AHEAD = timedelta(9)  # homework is rarely given for longer
NEW_MARKS = timedelta(7)
ABSENCES = timedelta(14)
WEEK = timedelta(6)  # from its Monday to its Sunday


@dataclass(frozen=True)
class ChildLesson:
    """A lesson; ``due`` is what the lesson of the subject before it gave to do at home."""

    line: LessonLine
    due: Sequence[Homework]
    marks: Sequence[GotMark]
    missed: Missed | None


@dataclass(frozen=True)
class SchoolDay:
    """The lessons of a day, in order; ``holiday`` names the holiday it lies in."""

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
    """Today and the next school day of the student, and what is new; seven statements, more before long holidays."""
    span = Span(day, day + LOOK_AHEAD)
    days, marks, absences = _around(session, student_id, span, now)
    following = next((each.date for each in days[1:] if _is_held(each)), None)
    if following is None and (following := next_school_day(session, student_id, span.last)) is not None:
        days, marks, absences = _around(session, student_id, Span(day, following), now)
    fresh = sorted(
        (mark for mark in marks if mark.entered_at >= now - NEW_MARKS), key=lambda mark: mark.entered_at, reverse=True
    )
    return Today(
        today=days[0],
        next_day=next((each for each in days if each.date == following), None),
        later=[lesson for each in days if following and each.date > following for lesson in each.lessons if lesson.due],
        marks=fresh,
        missed=spells(absence for absence in absences if absence.date <= day),
    )


def _around(
    session: Session, student_id: int, span: Span, now: datetime
) -> tuple[list[SchoolDay], list[GotMark], list[Missed]]:
    """The days of ``span``, with its marks and the latest ones, and the absences of it and of the days before."""
    in_days = Lesson.date.between(span.first, span.last)
    marks = got(session, student_id, or_(in_days, Mark.entered_at >= now - NEW_MARKS))
    absences = missed(session, student_id, Lesson.date.between(span.first - ABSENCES, span.last))
    return read(session, student_id, span, marks, absences), marks, absences


def _is_held(day: SchoolDay) -> bool:
    return any(not lesson.line.is_cancelled for lesson in day.lessons)


def week(session: Session, student_id: int, monday: date) -> list[SchoolDay]:
    """The seven days from ``monday`` on; six statements."""
    span = Span(monday, monday + WEEK)
    in_days = Lesson.date.between(span.first, span.last)
    return read(session, student_id, span, got(session, student_id, in_days), missed(session, student_id, in_days))


def read(
    session: Session, student_id: int, span: Span, marks: Iterable[GotMark], absences: Iterable[Missed]
) -> list[SchoolDay]:
    """Every day of ``span`` with the student's lessons, and those of ``marks`` and ``absences`` that belong to them."""
    rows = session.execute(
        of_student(lessons(day_given()), student_id).where(Lesson.date.between(span.first, span.last))
    ).all()
    homework = _due(session, student_id, rows)
    marks_of: defaultdict[int, list[GotMark]] = defaultdict(list)
    for mark in marks:
        marks_of[mark.lesson_id].append(mark)
    missed_in = {absence.lesson_id: absence for absence in absences}
    by_day: defaultdict[date, list[ChildLesson]] = defaultdict(list)
    for lesson, bell, unmarked, _given_on in rows:
        by_day[lesson.date].append(
            ChildLesson(
                line=line(lesson, bell, unmarked),
                due=homework.get(lesson.id, ()),
                marks=marks_of[lesson.id],
                missed=missed_in.get(lesson.id),
            )
        )
    holidays = _holidays(session, span)
    every = (span.first + timedelta(number) for number in range((span.last - span.first).days + 1))
    return [
        SchoolDay(day, by_day[day], next((each.name for each in holidays if each.starts_on <= day <= each.ends_on), ""))
        for day in every
    ]


def _due(session: Session, student_id: int, rows: Sequence[Any]) -> dict[int, list[Homework]]:
    """Homework by the lesson it is for: of two lessons of a course on a day, the first that is held."""
    wanted: dict[tuple[Course, date], int] = {}
    seen: set[tuple[Course, date]] = set()
    for lesson, _bell, _unmarked, given_on in rows:
        course = lesson.assignment.subject_id, lesson.assignment.study_group_id
        if not lesson.is_cancelled and given_on is not None and (course, lesson.date) not in seen:
            seen.add((course, lesson.date))
            wanted[course, given_on] = lesson.id
    return {wanted[place]: homework for place, homework in given(session, student_id, wanted).items()}


def _holidays(session: Session, span: Span) -> Sequence[Holiday]:
    return session.scalars(
        select(Holiday).where(Holiday.starts_on <= span.last, Holiday.ends_on >= span.first).order_by(Holiday.starts_on)
    ).all()


def without_empty_weekend(days: Sequence[SchoolDay]) -> list[SchoolDay]:
    """A week without its Saturday and Sunday where they have no lessons."""
    last = max((number for number, day in enumerate(days) if day.lessons), default=0)
    return list(days[: max(5, last + 1)])
