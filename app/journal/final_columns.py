"""Which final marks a class gets, term by term and at the end of the year, and who enters them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app import policy
from app.models import FinalMark, SchoolClass, TeachingAssignment, Term
from app.models.journal import FinalMarkKind
from app.policy import Action

EXAM_GRADES = (9, 11)


@dataclass(frozen=True)
class Column:
    """Which final marks: of a term, or of the year, the exam, the certificate."""

    kind: FinalMarkKind
    term: Term | None = None

    @property
    def key(self) -> str:
        """«3» for a term, otherwise the kind: what stands in an address."""
        return str(self.term.id) if self.term else self.kind.value

    @property
    def name(self) -> str:
        """«II четверть», «Year mark»."""
        return self.term.short_name if self.term else str(self.kind)

    def of(self, mark: FinalMark) -> bool:
        """Whether ``mark`` stands in it."""
        return mark.kind is self.kind and mark.term_id == (self.term.id if self.term else None)


def terms_of(session: Session, school_class: SchoolClass) -> Sequence[Term]:
    """The terms that the year of a class is divided into, in order."""
    return session.scalars(
        select(Term)
        .where(Term.academic_year_id == school_class.academic_year_id, Term.kind == school_class.term_kind)
        .order_by(Term.number)
    ).all()


def brings_marks(school_class: SchoolClass, term: Term) -> bool:
    """Whether there are marks in the term (clause 2.2): not in grade 1, nor in the first term of grade 2."""
    return school_class.grade > 2 or (school_class.grade == 2 and term.number > 1)


def columns_of(school_class: SchoolClass, terms: Sequence[Term]) -> list[Column]:
    """The columns that a class has: those terms that bring marks, year, exam in the grades with one, certificate."""
    if school_class.grade == 1:
        return []
    kinds = [FinalMarkKind.YEAR, FinalMarkKind.EXAM, FinalMarkKind.FINAL]
    if school_class.grade not in EXAM_GRADES:
        kinds.remove(FinalMarkKind.EXAM)
    in_terms = [Column(FinalMarkKind.TERM, term) for term in terms if brings_marks(school_class, term)]
    return in_terms + [Column(kind) for kind in kinds]


class _OfAssignment:
    """A final mark of the assignment that a statement reads."""

    teaching_assignment_id = TeachingAssignment.id


def writes_final_marks(actor: policy.Actor) -> ColumnElement[bool]:
    """Assignments whose final marks the person may enter."""
    return policy.criterion(actor, FinalMark, Action.CREATE, row=_OfAssignment)


def may_write(session: Session, assignments: Collection[int]) -> set[int]:
    """Those of the assignments whose final marks the session's person may enter."""
    rows = policy.granted(session, FinalMark, Action.CREATE, row=_OfAssignment)
    return set(session.scalars(select(TeachingAssignment.id).where(TeachingAssignment.id.in_(assignments), rows)))
