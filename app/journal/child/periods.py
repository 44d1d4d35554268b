"""Which classes a student has been in, which terms their years have, and which of them is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from app.journal.final_columns import brings_marks
from app.models import AcademicYear, Enrollment, SchoolClass, Term
from app.policy.kept import kept


@dataclass(frozen=True)
class Year:
    """A year of a student: the class (the last one of it) and the terms of its kind, in order."""

    school_class: SchoolClass
    terms: Sequence[Term]

    @property
    def year(self) -> AcademicYear:
        """The academic year."""
        return self.school_class.academic_year

    def brings_marks(self, term: Term) -> bool:
        """Whether there are marks in the term (clause 2.2)."""
        return brings_marks(self.school_class, term)


def years(session: Session, student_id: int) -> list[Year]:
    """The student's years, the earliest first; two statements."""
    classes: dict[int, SchoolClass] = {
        spell.school_class.academic_year_id: spell.school_class
        for spell in session.scalars(_spells(), {"student": student_id})
    }
    terms = session.scalars(
        select(Term).where(Term.academic_year_id.in_(classes)).order_by(Term.starts_on, Term.number)
    ).all()
    return [
        Year(
            school_class,
            [term for term in terms if (term.academic_year_id, term.kind) == (year_id, school_class.term_kind)],
        )
        for year_id, school_class in classes.items()
    ]


@lru_cache
def _spells() -> Any:
    """Where a student was, with classes and years, made once."""
    return kept(
        select(Enrollment)
        .where(Enrollment.student_id == bindparam("student"))
        .options(joinedload(Enrollment.school_class).joinedload(SchoolClass.academic_year))
        .order_by(Enrollment.starts_on, Enrollment.id)
    )


def year_of(found: Sequence[Year], year_id: int | None, day: date) -> Year | None:
    """The year of that number, else that of ``day``: between years the one before, before all of them the first."""
    named = next((each for each in found if each.year.id == year_id), None)
    begun = [each for each in found if each.year.starts_on <= day]
    return named or (begun[-1] if begun else next(iter(found), None))


def term_of(found: Sequence[Year], term: Term | None, day: date) -> tuple[Year, Term] | None:
    """The year and term that ``term`` means for this student: itself, else the one of its first day, else of ``day``.

    Another child of the family may have half-years where the first has quarters.
    """
    year = year_of(found, term.academic_year_id if term else None, day)
    if year is None or not year.terms:
        return None
    of_year = term is not None and term.academic_year_id == year.year.id
    wanted = term.starts_on if term is not None and of_year else day
    begun = [each for each in year.terms if each.starts_on <= wanted]
    exact = next((each for each in year.terms if term is not None and each.id == term.id), None)
    return year, exact or (begun[-1] if begun else year.terms[0])
