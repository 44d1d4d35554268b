"""Which journal and which part of the year a page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, select
from sqlalchemy.orm import Session, contains_eager

from app import policy
from app.journal.final_columns import writes_final_marks
from app.journal.handovers import Held, held
from app.models import Handover, PlannedTopic, SchoolClass, StudyGroup, TeachingAssignment, Term
from app.policy import Action
from app.policy.kept import kept
from app.policy.scopes import whole_journals


@dataclass(frozen=True)
class Page:
    """A journal in a term; ``term`` is None on the page of the year.

    ``is_whole``: the person sees every lesson of the journal. ``writes_final``: and gives its final marks.
    ``before``: who had it before its teacher.
    """

    assignment: TeachingAssignment
    terms: Sequence[Term]
    term: Term | None
    is_whole: bool
    writes_final: bool
    before: Sequence[Held]

    @property
    def school_class(self) -> SchoolClass:
        """The class, whole or a part of which is taught."""
        return self.assignment.study_group.school_class

    @property
    def days(self) -> tuple[date, date]:
        """First and last day of what is shown."""
        if self.term is not None:
            return self.term.starts_on, self.term.ends_on
        year = self.school_class.academic_year
        return year.starts_on, year.ends_on


def journal(session: Session, assignment_id: int) -> TeachingAssignment | None:
    """The assignment whose journal it is; None where there is none for this person."""
    return session.scalars(_JOURNAL(_is_open(session)), {"number": assignment_id}).one_or_none()


def _with_class(of_journal: Any) -> Any:
    """``of_journal`` with the subject, the class and its year."""
    return (
        of_journal.where(TeachingAssignment.id == bindparam("number"))
        .join(TeachingAssignment.subject)
        .join(TeachingAssignment.study_group)
        .join(StudyGroup.school_class)
        .join(SchoolClass.academic_year)
        .options(
            contains_eager(TeachingAssignment.subject),
            contains_eager(TeachingAssignment.study_group)
            .contains_eager(StudyGroup.school_class)
            .contains_eager(SchoolClass.academic_year),
        )
    )


_JOURNAL = lru_cache(maxsize=64)(lambda is_open: kept(_with_class(select(TeachingAssignment).where(is_open))))
_OPENED = lru_cache(maxsize=64)(
    lambda is_open: kept(select(TeachingAssignment).where(TeachingAssignment.id == bindparam("number"), is_open))
)


def opened(session: Session, assignment_id: int) -> TeachingAssignment | None:
    """The same, for what is written into it: its subject and its class are read when they are asked for."""
    return session.scalars(_OPENED(_is_open(session)), {"number": assignment_id}).one_or_none()


@lru_cache(maxsize=64)
def _page_of(actor: policy.Actor) -> Any:
    """A journal with each of its terms and handovers, whether it is whole, and whether its final marks are the
    person's to give."""
    journals = _with_class(
        select(
            TeachingAssignment, Term, Handover, TeachingAssignment.id.in_(whole_journals(actor)),
            writes_final_marks(actor),
        ).where(is_open_to(actor))
    )  # fmt: skip
    terms = and_(Term.academic_year_id == SchoolClass.academic_year_id, Term.kind == SchoolClass.term_kind)
    handed = journals.outerjoin(Term, terms).outerjoin(
        Handover, Handover.teaching_assignment_id == TeachingAssignment.id
    )
    giver = handed.outerjoin(Handover.from_teacher).options(contains_eager(Handover.from_teacher))
    return kept(giver.order_by(Term.number, Handover.since, Handover.id))


def page(session: Session, assignment_id: int, term: str, today: date) -> Page | None:
    """A page of a journal; None where there is none for this person.

    ``term`` is the number of one of the terms of the class, or "year"; anything else is the term of ``today``.
    """
    rows = session.execute(_page_of(policy.open_actor(session)), {"number": assignment_id}).all()
    if not rows:
        return None
    assignment, _term, _handover, is_whole, writes_final = rows[0]
    terms = list(dict.fromkeys(row.Term for row in rows if row.Term))
    handovers = dict.fromkeys(row.Handover for row in rows if row.Handover)
    shown = None if term == "year" else next((one for one in terms if str(one.id) == term), _term_of(terms, today))
    return Page(assignment, terms, shown, bool(is_whole), bool(writes_final), held(handovers))


def is_open_to(actor: policy.Actor) -> ColumnElement[bool]:
    """Journals that the person works with: those whose lesson plan they see. A parent reads the diary instead."""
    return policy.criterion(actor, PlannedTopic, Action.SEE, row=_Plan)


class _Plan:
    """A topic of the plan of the assignment that a statement reads."""

    teaching_assignment_id = TeachingAssignment.id


def _is_open(session: Session) -> ColumnElement[bool]:
    """The same for the session's own person."""
    return policy.granted(session, PlannedTopic, Action.SEE, row=_Plan)


def _term_of(terms: Sequence[Term], today: date) -> Term | None:
    """The term of the day; between terms the one before, before all of them the first."""
    begun = [term for term in terms if term.starts_on <= today]
    return begun[-1] if begun else next(iter(terms), None)
