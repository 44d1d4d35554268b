"""Absences of a student: lesson by lesson, and summed up for a term."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.journal.child.own_lessons import held_on
from app.models import Attendance, Lesson, Subject, TeachingAssignment
from app.models.journal import AttendanceStatus
from app.policy.kept import kept


@dataclass(frozen=True, slots=True)
class Missed:
    """A lesson in which the student was absent or late."""

    lesson_id: int
    date: date
    number: int
    subject: str
    status: AttendanceStatus
    reason: str

    @property
    def is_late(self) -> bool:
        """Came, but late."""
        return self.status is AttendanceStatus.LATE

    @property
    def is_unexplained(self) -> bool:
        """Absent, and nobody has said why."""
        return self.status is AttendanceStatus.ABSENT and not self.reason


@dataclass(frozen=True)
class Spell:
    """Lessons of a day that were missed in the same way, for the same reason."""

    lessons: Sequence[Missed]

    @property
    def first(self) -> Missed:
        """What is the same in all of them."""
        return self.lessons[0]

    @property
    def words(self) -> str:
        """«1. Алгебра, 2. Химия»."""
        return ", ".join(f"{lesson.number}. {lesson.subject}" for lesson in self.lessons)


def spells(missed: Iterable[Missed]) -> list[Spell]:
    """Absences one after the other put together."""
    alike = groupby(missed, key=lambda lesson: (lesson.date, lesson.status, lesson.reason))
    return [Spell(list(lessons)) for _key, lessons in alike]


@dataclass(frozen=True)
class DayMissed:
    """What was missed on a day; ``is_whole`` when no lesson of it was attended."""

    date: date
    spells: Sequence[Spell]
    is_whole: bool


@dataclass(frozen=True)
class Attended:
    """A span of days: lessons by status, the latest day first."""

    lessons: Mapping[AttendanceStatus, int]
    days: Sequence[DayMissed]

    @property
    def missed(self) -> int:
        """Lessons missed, for whatever reason."""
        return sum(count for status, count in self.lessons.items() if status is not AttendanceStatus.LATE)

    @property
    def late(self) -> int:
        """Lessons the student came late to."""
        return self.lessons.get(AttendanceStatus.LATE, 0)

    @property
    def whole_days(self) -> int:
        """Days missed from the first lesson to the last."""
        return sum(day.is_whole for day in self.days)


def missed(session: Session, student_id: int, first: date, last: date) -> list[Missed]:
    """Absences of the student in lessons of these days, the latest day first."""
    asked = {"student": student_id, "first": first, "last": last}
    return [Missed(*row) for row in session.execute(_missed(), asked)]


@lru_cache
def _missed() -> Any:
    """The columns of Missed, made once."""
    return kept(
        select(Lesson.id, Lesson.date, Lesson.number, Subject.name, Attendance.status, Attendance.reason)
        .select_from(Attendance)
        .join(Attendance.lesson)
        .join(Lesson.assignment)
        .join(TeachingAssignment.subject)
        .where(
            Attendance.student_id == bindparam("student"), Lesson.date.between(bindparam("first"), bindparam("last"))
        )
        .order_by(Lesson.date.desc(), Lesson.number)
    )


def attended(session: Session, student_id: int, first: date, last: date) -> Attended:
    """What was missed in a span of days; two statements."""
    absences = missed(session, student_id, first, last)
    held = held_on(session, student_id, first, last)
    by_day: defaultdict[date, list[Missed]] = defaultdict(list)
    for absence in absences:
        by_day[absence.date].append(absence)
    days = [
        DayMissed(day, spells(lessons), 0 < held.get(day, 0) <= sum(not lesson.is_late for lesson in lessons))
        for day, lessons in by_day.items()
    ]
    return Attended(Counter(absence.status for absence in absences), days)
