"""What a rule gives: one row for each case in which something was due, with whom it is up to and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Select,
    and_,
    cast,
    exists,
    false,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
)

from app import policy
from app.control.tables import Row, table
from app.models import ExcusedPeriod, SchoolClass
from app.models.people import TermKind
from app.policy.scopes import table_of

Span = tuple[date, date]


class State(IntEnum):
    """What became of a case. The sum of some states tells how many there are of each, see ``Counts``."""

    OPEN = 1 << 40  # not done though it was due: a breach that can still be mended
    LATE = 1 << 20  # done after it was due
    KEPT = 1

    @property
    def sql(self) -> ColumnElement[int]:
        """As it stands in a statement."""
        return literal_column(str(self.value), BigInteger)


@dataclass(frozen=True)
class Counts:
    """How many cases of each state there are; below 2**20 of each in one sum."""

    kept: int = 0
    late: int = 0
    open: int = 0

    @classmethod
    def of(cls, states: int) -> Counts:
        """Of a sum of states."""
        late, kept = divmod(states % State.OPEN, State.LATE)
        return cls(kept, late, states // State.OPEN)

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.kept + other.kept, self.late + other.late, self.open + other.open)

    @property
    def due(self) -> int:
        """All of them."""
        return self.kept + self.late + self.open


def sum_of(states: Any) -> ColumnElement[int]:
    """The sum of a column of states."""
    return cast(func.sum(states), BigInteger)


@dataclass(frozen=True)
class Calendar:
    """When something is due: not on a day of the holidays, but on the first one after them."""

    holidays: Sequence[Span] = ()  # in the order of the days

    def due(self, day: date, days: int) -> date:
        """The last day on which something about ``day`` is in time, when the rule gives ``days``."""
        due = day + timedelta(days)
        for first, last in self.holidays:
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
class TermDays:
    """A term, and the days of its year."""

    id: int
    academic_year_id: int
    kind: TermKind
    number: int
    starts_on: date
    ends_on: date
    year_starts_on: date
    year_ends_on: date


@dataclass(frozen=True)
class Watch:
    """What is looked at: days from ``first`` to ``last``, seen on ``today``, and of whom.

    ``rules`` as the school keeps them, by their keys; ``terms`` of every year; ``excused``: the days that do
    not count for somebody. ``teacher_id`` is whom a case is up to; None everywhere for all that the person sees.
    """

    first: date
    last: date
    today: date
    now: datetime
    zone: ZoneInfo
    actor: policy.Actor | None = None  # None: work without a person
    calendar: Calendar = field(default_factory=Calendar)
    rules: Mapping[str, Agreed] = field(default_factory=dict)
    terms: Sequence[TermDays] = ()
    excused: Sequence[Span] = ()
    grade: int | None = None
    class_id: int | None = None
    subject_id: int | None = None
    teacher_id: int | None = None
    without: frozenset[date] = frozenset()  # days that are counted already
    only: Sequence[int] | None = None  # classes that are not counted yet

    @property
    def is_whole(self) -> bool:
        """Nothing of the school is left out."""
        chosen = (self.grade, self.class_id, self.subject_id, self.teacher_id, self.only)
        return not self.without and all(each is None for each in chosen)

    @property
    def days(self) -> list[date]:
        """The days that are looked at."""
        span = (self.first + timedelta(number) for number in range((min(self.last, self.today) - self.first).days + 1))
        return [day for day in span if day not in self.without]

    def late_from(self, day: date, days: int) -> datetime:
        """The first moment at which something about ``day`` is late."""
        return self.start_of(self.calendar.due(day, days) + timedelta(1))

    def start_of(self, day: date) -> datetime:
        """The first moment of a day of the school."""
        return datetime.combine(day, time(), self.zone)

    def deadlines(self, *numbers: int) -> Deadlines:
        """The days that are looked at, and for each number of days when what is about a day was due."""
        known = sorted(set(numbers))
        cutoffs = {days: self.calendar.cutoff(self.today, days) for days in known}
        rows = (
            [day, *(part for days in known for part in self.deadline(day, days, cutoffs[days]))] for day in self.days
        )  # fmt: skip
        columns = [(f"{name}_{days}", kind) for days in known for name, kind in (("late", datetime), ("until", date))]
        return Deadlines(table([("day", date), *columns], rows))

    def deadline(self, day: date, days: int, cutoff: date) -> Row:
        """From when something about the day is late, and the last day in time where some do not count; both None where
        it was not due up to ``cutoff``."""
        if day > cutoff:
            return None, None
        due = self.calendar.due(day, days)
        return self.late_from(day, days), due if self.is_excused_within(day, due) else None

    def is_excused_within(self, first: date, last: date) -> bool:
        """Some days between these do not count, for whomever."""
        return any(starts_on <= last and ends_on >= first for starts_on, ends_on in self.excused)


@dataclass(frozen=True)
class Deadlines:
    """A table of days, see ``Watch.deadlines``."""

    table: CTE

    @property
    def day(self) -> Any:
        """The day itself."""
        return self.table.c.day

    def late_from(self, days: int) -> Any:
        """The moment from which it is late; NULL where it was not due before today."""
        return self.table.c[f"late_{days}"]

    def touched_until(self, days: int) -> Any:
        """The last day in time, where some days from ``day`` to it do not count for somebody; otherwise NULL."""
        return self.table.c[f"until_{days}"]


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
    nothing = {name: cast(null(), Date if name == "day" else Integer) for name in columns}
    return select(*((nothing[name] if value is None else value).label(name) for name, value in columns.items()))


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


def counted(watch: Watch, who: Any, class_id: Any, first: date, last: date) -> ColumnElement[bool]:
    """Days from ``first`` to ``last`` are not ``excused``; nothing is asked where nobody's are."""
    return ~excused(who, class_id, first, last) if watch.is_excused_within(first, last) else true()


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
    return duties if watch.only is None else duties.where(SchoolClass.id.in_(watch.only))
