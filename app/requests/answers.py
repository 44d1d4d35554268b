"""How a request of a family is answered: once, by somebody who may, with words where it is declined."""

from __future__ import annotations

from typing import TypeVar

from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import policy
from app.models import AbsenceNote, Correction
from app.models.diary import RequestState
from app.people.refusal import Refusal

LONGEST = 300  # what the column of the answer holds

ANSWERED = lazy_gettext("This has been answered or withdrawn meanwhile. Nothing was changed: look at it anew.")
NO_WORDS = lazy_gettext("Write why, so that the family understands the answer. Nothing was changed.")

Request = TypeVar("Request", AbsenceNote, Correction)


def latest(session: Session, model: type[Request], number: int) -> Request | None:
    """The request as it stands once nobody else is answering it; None for one that the person does not see."""
    row = select(model).where(model.id == number).with_for_update(of=model)
    return session.scalars(row.execution_options(populate_existing=True)).one_or_none()


def answer(session: Session, request: Request, state: RequestState, words: str) -> None:
    """Note the answer of the session's person. Raises Refusal for what is not waiting any more; commits nothing."""
    if request.state is not RequestState.SENT:
        raise Refusal(ANSWERED)
    actor = policy.actor_of(session)
    request.state, request.answer = state, " ".join(words.split())[:LONGEST]
    request.answered_by_id, request.answered_at = actor.user_id, actor.now
    session.flush()


def decline(session: Session, request: Request, words: str) -> None:
    """Say no, with the reason; nothing else changes. Raises Refusal without words; commits nothing."""
    if not words.strip():
        raise Refusal(NO_WORDS, "answer")
    answer(session, request, RequestState.DECLINED, words)


def withdraw(session: Session, request: Request) -> None:
    """Take the own request back while nobody has answered it. Raises Refusal; commits nothing."""
    if request.state is not RequestState.SENT:
        raise Refusal(ANSWERED)
    request.state = RequestState.WITHDRAWN
    session.flush()
