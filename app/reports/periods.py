"""The periods that final marks are given for: terms that end together, the year, exam and certificate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask_babel import gettext
from sqlalchemy import ColumnElement

from app.models import AcademicYear, FinalMark, SchoolClass, Term
from app.models.journal import FinalMarkKind
from app.models.people import TermKind

TOGETHER = timedelta(days=10)
"""Terms that end so near to each other end together: «II четверть» of grades 5-9, «I полугодие» of grades 10-11."""
MARKS_COME = timedelta(days=7)
"""Final marks are entered in the last week of a term."""


@dataclass(frozen=True)
class Period:
    """A column of final marks. ``terms`` are those that end together; none for the year and the exam."""

    kind: FinalMarkKind
    terms: tuple[Term, ...]
    first: date
    last: date
    title: str = ""

    @property
    def key(self) -> str:
        """What stands in an address: the number of its first term, or the kind."""
        return str(self.terms[0].id) if self.terms else self.kind.value

    @property
    def name(self) -> str:
        """«II четверть, I полугодие», «Годовая»."""
        return self.title or (", ".join(term.short_name for term in self.terms) if self.terms else str(self.kind))

    def term_of(self, kind: TermKind) -> Term | None:
        """The term of classes whose year is divided by ``kind``."""
        return next((term for term in self.terms if term.kind is kind), None)

    def has(self, kind: FinalMarkKind, term_id: int | None) -> bool:
        """Whether a final mark belongs to it."""
        return kind is self.kind and (not self.terms or any(term.id == term_id for term in self.terms))

    def marks(self) -> tuple[ColumnElement[bool], ...]:
        """Criteria for the rows of FinalMark that belong to it, besides the year."""
        of_kind = FinalMark.kind == self.kind
        if not self.terms:
            return (of_kind,)
        return of_kind, FinalMark.term_id.in_([term.id for term in self.terms])


def periods_of(year: AcademicYear, terms: Sequence[Term], school_class: SchoolClass | None = None) -> list[Period]:
    """The periods of a year by their ends, then year, exam, certificate; of one class: its own terms only."""
    if school_class is not None:
        terms = [term for term in terms if term.kind is school_class.term_kind]
    found: list[list[Term]] = []
    for term in sorted(terms, key=lambda each: (each.ends_on, each.starts_on, each.id)):
        together = found and term.ends_on - found[-1][0].ends_on <= TOGETHER
        if together and term.kind not in {each.kind for each in found[-1]}:
            found[-1].append(term)
        else:
            found.append([term])
    # The shorter term first: quarters before half-years, whichever ends a day earlier.
    groups = [sorted(group, key=lambda each: each.starts_on, reverse=True) for group in found]
    in_terms = [
        Period(FinalMarkKind.TERM, tuple(group), min(t.starts_on for t in group), max(t.ends_on for t in group))
        for group in groups
    ]
    rest = (FinalMarkKind.YEAR, FinalMarkKind.EXAM, FinalMarkKind.FINAL)
    return in_terms + [Period(kind, (), year.starts_on, year.ends_on) for kind in rest]


def of_days(periods: Sequence[Period]) -> list[Period]:
    """The periods as spans of days: terms and the year; exam and certificate are none."""
    whole = gettext("the whole year")
    return [
        each if each.terms else replace(each, title=whole)
        for each in periods
        if each.terms or each.kind is FinalMarkKind.YEAR
    ]


def period_with_marks(periods: Sequence[Period], today: date) -> Period | None:
    """The last period whose final marks are entered by ``today``: what a report of them begins with.

    A term counts from its last week on, the year when its last term is over; exam and certificate are left to choice.
    """
    terms = [period for period in periods if period.terms]
    if terms and terms[-1].last < today:
        return next(period for period in periods if period.kind is FinalMarkKind.YEAR)
    over = [period for period in terms if period.last - MARKS_COME <= today]
    return over[-1] if over else (terms[0] if terms else None)


def period_that_lasts(periods: Sequence[Period], today: date) -> Period | None:
    """The term that lasts, or the last one that began."""
    terms = [period for period in periods if period.terms]
    # A half-year lasts beside its second quarter, not beside its first.
    begun = [period for period in terms if max(term.starts_on for term in period.terms) <= today]
    return begun[-1] if begun else (terms[0] if terms else None)
