"""What happens to a support request: reported, taken in work, answered, solved, opened again; each with its moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app import policy
from app.attachments import Upload
from app.messages import once
from app.models import SupportReply, SupportRequest
from app.models.communication import SupportState
from app.people.refusal import Refusal
from app.policy import Action
from app.support import files

BODY, PAGE = 5000, 300  # characters
NO_BODY = _("Write what happened.")
NO_REPLY = _("Write the reply.")
LONG = _("The text is too long: at most %(most)s characters.", most=BODY)
NOT_SOLVED = _("The request is open already. Write a reply instead.")
SOLVED = _("The request is solved. Open it again if the problem is still there.")
IS_SOLVED = _("The request is solved already.")
ADMINISTRATION = frozenset({"state", "taken_by_id", "taken_at"})


@dataclass(frozen=True)
class Problem:
    """What somebody reports: ``key`` was made with the form (see ``app.messages.once``), ``page`` is a path here."""

    body: str
    page: str
    key: str
    uploads: Sequence[Upload] = field(default=())


def cleaned(text: str) -> str:
    """A text as it is kept."""
    return text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip()


def answers(actor: policy.Actor | None) -> bool:
    """Whether the person works on the requests of others."""
    return policy.may(actor, SupportRequest, Action.CHANGE, ADMINISTRATION)


def report(session: Session, now: datetime, problem: Problem) -> int:
    """Report a problem; the number of the request, the same for the same form. Raises Refusal. The caller commits."""
    body = _checked(problem.body, NO_BODY)
    uploads = [(each.name, len(each.content)) for each in problem.uploads]
    kept = once.receipt_key(problem.key, "support", problem.page, body, uploads)
    if (before := once.written_before(session, kept)) is not None:
        return before
    actor = policy.actor_of(session)
    request = SupportRequest(author_id=actor.user_id, page=problem.page, body=body, created_at=now)
    files.attach(session, request, problem.uploads)
    session.add(request)
    session.flush()
    once.remember(session, kept, request.id, now)
    return request.id


def take(session: Session, request: SupportRequest, now: datetime) -> None:
    """Somebody of the administration looks at it from now on. Raises Refusal. The caller commits."""
    if request.state is SupportState.SOLVED:
        raise Refusal(SOLVED)
    _taken(session, request, now)
    session.flush()


def reply(session: Session, request: SupportRequest, body: str, now: datetime) -> None:
    """Say something: the administration thereby takes the request, the author answers. Raises Refusal."""
    if request.state is SupportState.SOLVED:
        raise Refusal(SOLVED)
    _said(session, request, _checked(body, NO_REPLY), now)
    session.flush()


def solve(session: Session, request: SupportRequest, body: str, now: datetime) -> None:
    """It is solved, with or without words: by the administration, or the author has found out. Raises Refusal."""
    if request.state is SupportState.SOLVED:
        raise Refusal(IS_SOLVED)
    if cleaned(body):
        _said(session, request, _checked(body, NO_REPLY), now)
    elif _is_other(session, request):
        _taken(session, request, now)
        request.answered_at = request.answered_at or now
    request.state, request.solved_at = SupportState.SOLVED, now
    session.flush()


def reopen(session: Session, request: SupportRequest, body: str, now: datetime) -> None:
    """The problem is still there, with what is seen of it. Raises Refusal."""
    if request.state is not SupportState.SOLVED:
        raise Refusal(NOT_SOLVED)
    said = _checked(body, NO_REPLY)
    request.state, request.solved_at = SupportState.OPEN, None
    session.add(SupportReply(request=request, author_id=policy.actor_of(session).user_id, body=said, created_at=now))
    session.flush()


def _said(session: Session, request: SupportRequest, body: str, now: datetime) -> None:
    if _is_other(session, request):
        _taken(session, request, now)
        request.answered_at = request.answered_at or now
    author_id = policy.actor_of(session).user_id
    session.add(SupportReply(request=request, author_id=author_id, body=body, created_at=now))


def _is_other(session: Session, request: SupportRequest) -> bool:
    """Whether the person works on somebody else's request."""
    actor = policy.actor_of(session)
    return actor.user_id != request.author_id and answers(actor)


def _taken(session: Session, request: SupportRequest, now: datetime) -> None:
    """In work; who takes it first and when stays."""
    request.state = SupportState.IN_WORK
    if request.taken_at is None:
        request.taken_by_id, request.taken_at = policy.actor_of(session).user_id, now


def _checked(text: str, empty: object) -> str:
    body = cleaned(text)
    if not body:
        raise Refusal(empty, "body")
    if len(body) > BODY:
        raise Refusal(LONG, "body")
    return body
