"""Who a change is of, and which way it came: found out where the session is bound, not by each who writes."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

import click
from flask import g, has_request_context, request
from flask_babel import lazy_gettext
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from app.models.columns import Titled
from app.policy import Actor, actor_of

UNIT, PERSON = "unit of the audit", "person of the audit"  # in the ``info`` of a session


class Source(Titled):
    """The way a change came."""

    PANEL = "panel", lazy_gettext("Panel")
    JOURNAL = "journal", lazy_gettext("Page of the journal")
    IMPORT = "import", lazy_gettext("Class list import")
    DIARY = "diary", lazy_gettext("Diary")
    SIGN_IN = "sign_in", lazy_gettext("Sign-in")
    ACCOUNT = "account", lazy_gettext("Own account")
    API = "api", lazy_gettext("Another program")
    WORKER = "worker", lazy_gettext("Message worker")
    CLI = "cli", lazy_gettext("Command of the server")
    UNDO = "undo", lazy_gettext("Brought back")


PAGES = {
    "journal": Source.JOURNAL, "lessoncard": Source.JOURNAL, "imports": Source.IMPORT,
    "diary": Source.DIARY, "push": Source.DIARY, "stop": Source.DIARY,
    "sign_in": Source.SIGN_IN, "activation": Source.SIGN_IN,
    "account": Source.ACCOUNT, "second_factor": Source.ACCOUNT, "language": Source.ACCOUNT,
    "twilio_status": Source.API,
}  # fmt: skip
"""Blueprints by what their changes are told as; every other one is of the panel."""

_source: ContextVar[Source | None] = ContextVar("source of changes", default=None)


@dataclass(frozen=True)
class Origin:
    """When a change was made, of whom, from which address, which way, and in which transaction."""

    at: datetime
    actor_id: int | None
    address: str
    source: str
    unit: str


def origin(session: Session) -> Origin:
    """Where the changes come from that ``session`` writes now.

    Work without a person that a request needs (sign-in, a code that is used) is of whoever is signed in, or of whom
    ``on_behalf_of`` names.
    """
    actor = actor_of(session)
    person = actor if isinstance(actor, Actor) else _signed_in()
    address = person.address if person else (request.remote_addr or "")[:45] if has_request_context() else ""
    return Origin(
        at=person.now if person else datetime.now(UTC),
        actor_id=session.info.get(PERSON) or (person.user_id if person else None),
        address=address,
        source=_way(),
        unit=_unit(session),
    )


def on_behalf_of(session: Session, user_id: int) -> None:
    """What the session writes is that person's doing, who is not signed in yet."""
    session.info[PERSON] = user_id


@contextmanager
def coming_from(source: Source) -> Iterator[None]:
    """Everything that is written within is told as having come that way."""
    before = _source.set(source)
    try:
        yield
    finally:
        _source.reset(before)


def _signed_in() -> Actor | None:
    actor = g.get("actor") if has_request_context() else None
    return actor if isinstance(actor, Actor) else None


def _way() -> str:
    """The word that is stored; empty for a program that only uses this one's parts."""
    source = _source.get()
    if source is None and has_request_context():
        source = PAGES.get(request.blueprint or "", Source.PANEL)
    if source is None and click.get_current_context(silent=True) is not None:
        source = Source.CLI
    return source.value if source else ""


def _unit(session: Session) -> str:
    """The same for all that one transaction writes: 32 hexadecimal digits."""
    unit: str = session.info.setdefault(UNIT, secrets.token_hex(16))
    return unit


@event.listens_for(Session, "after_transaction_end")
def _end_unit(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(UNIT, None)
