"""What a rule gives: one row for each case in which something was due, with whom it is up to and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select

Span = tuple[date, date]
COLUMNS = (
    "day", "state", "user_id", "school_class_id", "subject_id", "teaching_assignment_id", "lesson_id", "student_id",
    "term_id",
)  # fmt: skip
"""The columns of a select of duties, NULL where a case has none: ``day`` what it is about (of the lesson, the last of
the term; of a state the first on which it was due), ``state`` a State, ``user_id`` whom it is up to."""


class State(IntEnum):
    """What became of a case."""

    OPEN = 0  # not done though it was due: a breach that can still be mended
    LATE = 1  # done after it was due
    KEPT = 2


@dataclass(frozen=True)
class Calendar:
    """When something is due: not on a day of the holidays, but on the first one after them."""

    holidays: Sequence[Span] = ()

    def due(self, day: date, days: int) -> date:
        """The last day on which something about ``day`` is in time, when the rule gives ``days``."""
        due = day + timedelta(days)
        for first, last in sorted(self.holidays):
            if first <= due <= last:
                due = last + timedelta(1)
        return due

    def cutoff(self, today: date, days: int) -> date:
        """The last day about which everything was due before ``today``."""
        day = today - timedelta(days + 1)
        while self.due(day, days) >= today:
            day -= timedelta(1)
        return day


@dataclass(frozen=True)
class Agreed:
    """A rule as the school keeps it: ``days`` and ``minimum`` as the rule explains them."""

    is_on: bool
    days: int
    minimum: int
    remind_days: int


@dataclass(frozen=True)
class Watch:
    """What is looked at: days from ``first`` to ``last``, seen on ``today``, and of whom.

    ``teacher_id`` is whom a case is up to; None everywhere for all that the person sees.
    """

    first: date
    last: date
    today: date
    now: datetime
    zone: ZoneInfo
    calendar: Calendar = field(default_factory=Calendar)
    grade: int | None = None
    class_id: int | None = None
    subject_id: int | None = None
    teacher_id: int | None = None

    def in_time_until(self, day: date, days: int) -> datetime:
        """The first moment at which something about ``day`` is late."""
        return datetime.combine(self.calendar.due(day, days) + timedelta(1), time(), self.zone)


Duties = Callable[[Watch, Agreed], Select[Any]]
