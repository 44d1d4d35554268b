"""The calendar of a school year: terms, holidays, bells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from app.journal.calendar import Span
from app.models.people import TermKind

BELLS = tuple(
    (number, time(*starts), time(*ends))
    for number, starts, ends in (
        (1, (8, 30), (9, 15)), (2, (9, 25), (10, 10)), (3, (10, 25), (11, 10)), (4, (11, 30), (12, 15)),
        (5, (12, 25), (13, 10)), (6, (13, 20), (14, 5)), (7, (14, 15), (15, 0)), (8, (15, 10), (15, 55)),
    )
)  # fmt: skip


@dataclass(frozen=True)
class TermPlan:
    """One term; ``number`` counts within its kind."""

    kind: TermKind
    number: int
    days: Span


@dataclass(frozen=True)
class YearPlan:
    """A school year that begins in September of ``begins``."""

    begins: int
    terms: tuple[TermPlan, ...]
    holidays: tuple[tuple[str, Span], ...]

    @property
    def name(self) -> str:
        """«2026/2027»."""
        return f"{self.begins}/{self.begins + 1}"

    @property
    def days(self) -> Span:
        """The first and the last day of the year."""
        return Span(date(self.begins, 9, 1), date(self.begins + 1, 5, 31))

    @property
    def holiday_spans(self) -> list[Span]:
        """The days of all holidays."""
        return [days for _name, days in self.holidays]

    def terms_of(self, kind: TermKind) -> list[TermPlan]:
        """The terms of one kind, in order."""
        return [term for term in self.terms if term.kind is kind]


def year_of(today: date) -> int:
    """The September in which the year of ``today`` began; in summer that of the year just over."""
    return today.year if today.month >= 9 else today.year - 1


def year_plan(begins: int) -> YearPlan:
    """Four quarters and two half-years, with breaks of a week or more between them from Saturday to Sunday."""
    ends = begins + 1
    autumn, winter = _monday(date(begins, 10, 24)), _monday(date(ends, 1, 9))
    spring = _monday(date(ends, 3, 23))
    last = _weekday_back(date(ends, 5, 26))
    before_winter = _weekday_back(date(begins, 12, 30))
    week = timedelta(7)
    quarters = (
        Span(date(begins, 9, 1), autumn - timedelta(3)),
        Span(autumn + week, before_winter),
        Span(winter, spring - timedelta(3)),
        Span(spring + week, last),
    )
    halves = (Span(date(begins, 9, 1), before_winter), Span(winter, last))
    terms = [TermPlan(TermKind.QUARTER, number, days) for number, days in enumerate(quarters, 1)]
    terms += [TermPlan(TermKind.HALF_YEAR, number, days) for number, days in enumerate(halves, 1)]
    holidays = (
        ("Осенние каникулы", Span(autumn - timedelta(2), autumn + timedelta(6))),
        ("День народного единства", Span(date(begins, 11, 4), date(begins, 11, 4))),
        ("Зимние каникулы", Span(before_winter + timedelta(1), winter - timedelta(1))),
        ("День защитника Отечества", Span(date(ends, 2, 23), date(ends, 2, 23))),
        ("Международный женский день", Span(date(ends, 3, 8), date(ends, 3, 8))),
        ("Весенние каникулы", Span(spring - timedelta(2), spring + timedelta(6))),
        ("Праздник Весны и Труда", Span(date(ends, 5, 1), date(ends, 5, 1))),
        ("День Победы", Span(date(ends, 5, 9), date(ends, 5, 9))),
    )
    return YearPlan(begins, tuple(terms), holidays)


def _monday(day: date) -> date:
    """The first Monday on or after ``day``."""
    return day + timedelta(-day.weekday() % 7)


def _weekday_back(day: date) -> date:
    """``day``, or the Friday before it when it is on a weekend."""
    return day - timedelta(max(0, day.weekday() - 4))
