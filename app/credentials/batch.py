"""The progress of people to whom access was given together, as far as the session's person may see them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.credentials.standing import Stage, stage_of
from app.delivery.outbox import OPEN
from app.models import Credential, Delivery, User
from app.models.access import DeliveryChannel, DeliveryState

LINES = 100
"""People on one page."""
CALLBACKS = timedelta(minutes=3)
"""How long after an SMS was sent the word that it arrived is waited for."""

TROUBLE = frozenset({Stage.FAILED, Stage.UNKNOWN, Stage.CANCELLED, Stage.EXPIRED})
PRINTED = TROUBLE - {Stage.EXPIRED} | {Stage.SLIP}
_NOT_ARRIVED = Delivery.state.in_((DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.CANCELLED))


@dataclass(frozen=True)
class Line:
    """One person of the batch. ``error`` is what ``reasons.words`` reads."""

    delivery_id: int
    user_id: int
    name: str
    channel: DeliveryChannel
    address: str
    stage: Stage
    error: str

    @property
    def needs_help(self) -> bool:
        """Somebody has to do something: mend the address, take another channel, print a slip, send again."""
        return self.stage in TROUBLE

    @property
    def can_print(self) -> bool:
        """The code can be handed over as a slip."""
        return self.stage in PRINTED


@dataclass(frozen=True)
class Batch:
    """``counts`` of all visible people by stage, in the order of Stage; ``lines`` of one page of them.

    ``open`` messages are not settled yet; ``is_under_way``: something may still change by itself soon.
    """

    counts: dict[Stage, int]
    open: int
    is_under_way: bool
    issued_at: datetime
    valid_until: datetime
    lines: Sequence[Line]
    pages: int

    @property
    def total(self) -> int:
        """All people of the batch."""
        return sum(self.counts.values())

    @property
    def settled(self) -> int:
        """People whose message needs no sending any more."""
        return self.total - self.open

    @property
    def trouble(self) -> int:
        """People who need help."""
        return sum(number for stage, number in self.counts.items() if stage in TROUBLE)

    @property
    def slips(self) -> int:
        """People who get a slip, or whom the message did not reach while their code is valid."""
        return sum(number for stage, number in self.counts.items() if stage in PRINTED)


def look(session: Session, batch: str, now: datetime, page: int = 0, *, only_trouble: bool = False) -> Batch | None:
    """The batch and page number ``page`` (from 0) of its people by name; None when nothing of it is to be seen.

    Three statements, however large the batch.
    """
    whole = select(
        func.min(Credential.issued_at), func.max(Credential.expires_at),
        func.count(Delivery.id).filter(Delivery.state.in_(OPEN), Delivery.settled_at.is_(None)),
        func.count(Delivery.id).filter(_awaits_callback(now)),
    )  # fmt: skip
    issued_at, valid_until, still_open, awaited = session.execute(_with_credential(whole, batch)).one()
    if issued_at is None:
        return None
    counts = _counts(session, batch, now)
    shown = sum(number for stage, number in counts.items() if not only_trouble or stage in TROUBLE)
    lines = _lines(session, batch, now, page, only_trouble)
    return Batch(
        counts, still_open, bool(still_open or awaited), issued_at, valid_until, lines, max(1, -(-shown // LINES))
    )


def to_print(batch: str) -> Select[Credential]:
    """Credentials of the batch that are handed over as slips: chosen so, or not reached by their message."""
    of_batch = select(Credential).join(Delivery, Delivery.credential_id == Credential.id)
    return of_batch.where(Delivery.batch == batch, or_(Delivery.channel == DeliveryChannel.SLIP, _NOT_ARRIVED))


def unused_of(users: Collection[int]) -> Select[Credential]:
    """Credentials of the people that are neither used nor taken back: at most one each."""
    unused = (Credential.activated_at.is_(None), Credential.revoked_at.is_(None))
    return select(Credential).where(Credential.user_id.in_(users), *unused)


def _with_credential(statement: Select[*tuple[Any, ...]], batch: str) -> Select[*tuple[Any, ...]]:
    joined = statement.select_from(Delivery).join(Credential, Credential.id == Delivery.credential_id)
    return joined.where(Delivery.batch == batch)


def _awaits_callback(now: datetime) -> ColumnElement[bool]:
    return and_(
        Delivery.state == DeliveryState.SENT,
        Delivery.channel == DeliveryChannel.SMS,
        Delivery.settled_at > now - CALLBACKS,
    )


def _facts(now: datetime) -> tuple[ColumnElement[Any], ...]:
    """What ``stage_of`` looks at."""
    return (
        Credential.activated_at.is_not(None).label("activated"),
        Credential.revoked_at.is_not(None).label("revoked"),
        (Credential.expires_at <= now).label("expired"),
        Credential.opened_at.is_not(None).label("opened"),
        Delivery.channel.label("channel"),
        Delivery.state.label("message"),
    )


def _in_trouble(now: datetime) -> ColumnElement[bool]:
    """The people whose stage is one of TROUBLE."""
    not_reached = and_(Credential.opened_at.is_(None), Delivery.channel != DeliveryChannel.SLIP, _NOT_ARRIVED)
    unused = and_(Credential.activated_at.is_(None), Credential.revoked_at.is_(None))
    return and_(unused, or_(Credential.expires_at <= now, not_reached))


def _counts(session: Session, batch: str, now: datetime) -> dict[Stage, int]:
    # Grouped by columns of a subquery: PostgreSQL does not recognise an expression with a parameter again.
    facts = _with_credential(select(*_facts(now)), batch).subquery()
    counts: Counter[Stage] = Counter()
    for *values, number in session.execute(select(*facts.c, func.count()).group_by(*facts.c)):
        counts[stage_of(**dict(zip(facts.c.keys(), values, strict=True)))] += number
    return {stage: counts[stage] for stage in Stage if counts[stage]}


def _lines(session: Session, batch: str, now: datetime, page: int, only_trouble: bool) -> list[Line]:
    facts = _facts(now)
    names = [fact.name for fact in facts]
    rows = _with_credential(select(Delivery, User, *facts), batch).join(User, User.id == Delivery.user_id)
    if only_trouble:
        rows = rows.where(_in_trouble(now))
    rows = rows.order_by(User.sort_name, Delivery.id).limit(LINES).offset(page * LINES)
    return [
        Line(
            message.id, user.id, user.full_name, message.channel, message.address,
            stage_of(**dict(zip(names, values, strict=True))), message.error,
        )
        for message, user, *values in session.execute(rows)
    ]  # fmt: skip
