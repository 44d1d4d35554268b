"""What waits for the answer of the session's person, and what was answered: by the right to answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from app import policy
from app.models import AbsenceNote, Correction
from app.models.diary import RequestState
from app.policy import Action

ANSWERED_SHOWN = 30
ANSWER = frozenset({"answer"})


def notes(session: Session) -> list[AbsenceNote]:
    """Notes of absence without an answer, the first absence first."""
    return list(session.scalars(_waiting(session, AbsenceNote).order_by(AbsenceNote.starts_on, AbsenceNote.id)))


def corrections(session: Session) -> list[Correction]:
    """Corrections without an answer, the oldest first."""
    return list(session.scalars(_waiting(session, Correction).order_by(Correction.created_at, Correction.id)))


def number(session: Session) -> int:
    """How many requests wait; one statement."""
    note, correction = (
        select(func.count(model.id)).where(_mine(session, model), model.state == RequestState.SENT).scalar_subquery()
        for model in (AbsenceNote, Correction)
    )
    return session.scalar(select(note + correction)) or 0


def answered(session: Session) -> Sequence[AbsenceNote | Correction]:
    """The latest that are answered, the last answer first; two statements."""
    rows: list[AbsenceNote | Correction] = []
    for model in (AbsenceNote, Correction):
        latest = _loaded(model).where(_mine(session, model), model.answered_at.is_not(None))
        rows += session.scalars(latest.order_by(model.answered_at.desc()).limit(ANSWERED_SHOWN)).all()
    return sorted(rows, key=lambda row: row.answered_at or row.created_at, reverse=True)[:ANSWERED_SHOWN]


def _waiting(session: Session, model: Any) -> Any:
    return _loaded(model).where(_mine(session, model), model.state == RequestState.SENT)


def _mine(session: Session, model: Any) -> ColumnElement[bool]:
    return policy.criterion(policy.actor_of(session), model, Action.CHANGE, ANSWER)


def _loaded(model: Any) -> Any:
    people = [joinedload(model.student), joinedload(model.author), joinedload(model.answered_by)]
    if model is Correction:
        people.append(joinedload(Correction.user))
        people[0] = joinedload(Correction.student).joinedload(model.student.property.mapper.class_.details)
    return select(model).options(*people)
