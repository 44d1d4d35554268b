"""What a rule gives: one row for each case in which something was due, with whom it is up to and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, ColumnElement, Date, Select, and_, column, exists, false, null, or_, select, values

from app import policy
from app.models import ExcusedPeriod, SchoolClass
from app.models.columns import UTCDateTime
from app.policy.scopes import table_of

Span = tuple[date, date]


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
    actor: policy.Actor | None = None  # None: work without a person
    calendar: Calendar = field(default_factory=Calendar)
    grade: int | None = None
    class_id: int | None = None
    subject_id: int | None = None
    teacher_id: int | None = None

    def late_from(self, day: date, days: int) -> datetime:
        """The first moment at which something about ``day`` is late."""
        return datetime.combine(self.calendar.due(day, days) + timedelta(1), time(), self.zone)

    def deadlines(self, days: int) -> CTE:
        """A table of the days about which everything was due: ``day``, ``due`` (see Calendar), ``late_from``."""
        last = min(self.last, self.calendar.cutoff(self.today, days))
        span = [self.first + timedelta(number) for number in range((last - self.first).days + 1)]
        rows = [(day, self.calendar.due(day, days), self.late_from(day, days)) for day in span]
        columns = column("day", Date), column("due", Date), column("late_from", UTCDateTime)
        return values(*columns, name="deadline").data(rows or [(date.max, date.max, self.now)]).cte("deadline")


def case_of(
    *, day: Any, state: ColumnElement[int], user_id: Any, school_class_id: Any = None, subject_id: Any = None,
    teaching_assignment_id: Any = None, lesson_id: Any = None, student_id: Any = None, term_id: Any = None,
) -> Select[Any]:  # fmt: skip
    """A select of cases with these columns, in this order; NULL for what a case does not have.

    ``day`` is what it is about (of the lesson, the last of the term; of a state since when), ``state`` a State,
    ``user_id`` whom it is up to.
    """
    columns = {
        "day": day, "state": state, "user_id": user_id, "school_class_id": school_class_id, "subject_id": subject_id,
        "teaching_assignment_id": teaching_assignment_id, "lesson_id": lesson_id, "student_id": student_id,
        "term_id": term_id,
    }  # fmt: skip
    named = (null().label(name) if value is None else value.label(name) for name, value in columns.items())
    return select(*named)


def excused(who: Any, class_id: Any, first: Any, last: Any) -> ColumnElement[bool]:
    """Days from ``first`` to ``last`` touch a period that does not count: of ``who``, of the class, or of all.

    Of the table itself: that somebody's days do not count is no news, only why.
    """
    period = table_of(ExcusedPeriod).alias()
    of_all = and_(period.c.teacher_id.is_(None), period.c.school_class_id.is_(None))
    return exists().where(
        period.c.starts_on <= last, period.c.ends_on >= first,
        or_(of_all, period.c.teacher_id == who, period.c.school_class_id == class_id),
    )  # fmt: skip


def narrowed(duties: Select[Any], watch: Watch, who: Any, subject: Any = None) -> Select[Any]:
    """Those of the grade, class, subject and person that are looked at; ``SchoolClass`` is among the tables.

    Of a subject or person that the cases do not have there are none.
    """
    for value, only in (
        (SchoolClass.grade, watch.grade), (SchoolClass.id, watch.class_id), (subject, watch.subject_id),
        (who, watch.teacher_id),
    ):  # fmt: skip
        if only is not None:
            duties = duties.where(value == only if value is not None else false())
    return duties
