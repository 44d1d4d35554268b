"""What the regulation and locked terms leave open in the lessons of an assignment, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.journal.calendar import Span
from app.models import SchoolClass, StudyGroup, TeachingAssignment, Term


@dataclass(frozen=True)
class Limits:
    """``bare`` are the days without marks and homework (clause 2.2), ``locked`` those of locked terms."""

    bare: Span
    locked: tuple[Span, ...]

    def takes_homework(self, day: date) -> bool:
        """Whether lessons of the day may have homework."""
        return day not in self.bare

    def is_locked(self, day: date) -> bool:
        """Whether lessons of the day take no more changes."""
        return any(day in span for span in self.locked)


NOTHING = Span(date.max, date.min)


def limits_of(session: Session, assignment_ids: set[int]) -> dict[int, Limits]:
    """The limits of each assignment whose class the session sees; one statement."""
    rows = session.execute(
        select(TeachingAssignment.id, SchoolClass.grade, Term)
        .join(StudyGroup, StudyGroup.id == TeachingAssignment.study_group_id)
        .join(SchoolClass, SchoolClass.id == StudyGroup.school_class_id)
        .outerjoin(
            Term, and_(Term.academic_year_id == SchoolClass.academic_year_id, Term.kind == SchoolClass.term_kind)
        )
        .where(TeachingAssignment.id.in_(assignment_ids))
    )
    grades: dict[int, int] = {}
    terms: dict[int, list[Term]] = {}
    for assignment_id, grade, term in rows:
        grades[assignment_id] = grade
        terms.setdefault(assignment_id, []).extend([term] if term is not None else [])
    return {number: _limits(grade, terms[number]) for number, grade in grades.items()}


def _limits(grade: int, terms: list[Term]) -> Limits:
    bare = NOTHING
    if grade == 1:
        bare = Span(date.min, date.max)
    elif grade == 2:
        bare = next((Span(date.min, term.ends_on) for term in terms if term.number == 1), NOTHING)
    return Limits(bare, tuple(Span(term.starts_on, term.ends_on) for term in terms if term.is_locked))
