"""Which journal and which part of the year a page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.orm import Session, joinedload

from app import policy
from app.journal.final_columns import may_write, terms_of
from app.models import PlannedTopic, SchoolClass, StudyGroup, TeachingAssignment, Term
from app.policy import Action
from app.policy.kept import kept


@dataclass(frozen=True)
class Page:
    """A journal in a term; ``term`` is None on the page of the year.

    ``is_whole``: the person sees every lesson of the journal. ``writes_final``: and gives its final marks.
    """

    assignment: TeachingAssignment
    terms: Sequence[Term]
    term: Term | None
    is_whole: bool
    writes_final: bool

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
    return session.scalars(
        select(TeachingAssignment)
        .where(TeachingAssignment.id == assignment_id, _is_open(session))
        .options(
            joinedload(TeachingAssignment.subject),
            joinedload(TeachingAssignment.study_group)
            .joinedload(StudyGroup.school_class)
            .joinedload(SchoolClass.academic_year),
        )
    ).one_or_none()


_OPENED = lru_cache(maxsize=64)(
    lambda is_open: kept(select(TeachingAssignment).where(TeachingAssignment.id == bindparam("number"), is_open))
)


def opened(session: Session, assignment_id: int) -> TeachingAssignment | None:
    """The same, for what is written into it: its subject and its class are read when they are asked for."""
    return session.scalars(_OPENED(_is_open(session)), {"number": assignment_id}).one_or_none()


def page(session: Session, assignment: TeachingAssignment, term: str, today: date) -> Page:
    """A page of a journal.

    ``term`` is the number of one of the terms of the class, or "year"; anything else is the term of ``today``.
    """
    terms = terms_of(session, assignment.study_group.school_class)
    shown = None if term == "year" else next((one for one in terms if str(one.id) == term), _term_of(terms, today))
    return Page(
        assignment,
        terms,
        shown,
        is_whole=policy.sees_whole(session, assignment.id),
        writes_final=bool(may_write(session, [assignment.id])),
    )


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
