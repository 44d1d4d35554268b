"""What a person does with a message of the outbox: has it sent once more, or stops it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.credentials.issue import choose
from app.delivery import outbox
from app.delivery.reasons import Reason
from app.models import Account, Delivery
from app.models.access import DeliveryChannel, DeliveryState

ON_ITS_WAY = lazy_gettext("The message is being sent at this moment. Wait for the outcome.")
IN_DOUBT = lazy_gettext("The journal is still finding out what became of the message. Wait for the outcome.")
ARRIVED = lazy_gettext("The message has been sent already. To send another one, give access anew.")
NO_LONGER_VALID = lazy_gettext("The access in this message is no longer valid. Give access anew.")
NO_ADDRESS = lazy_gettext(
    "The person has no number or address for this channel any more. Enter one, or give access anew."
)
A_PUSH = lazy_gettext("A push notification is not sent again: the person sees all of it in the diary.")
OLD_NEWS = lazy_gettext("The notification is more than two days old: what it tells stands in the diary.")
A_SLIP = lazy_gettext("A slip is printed, not sent.")
NOT_QUEUED = lazy_gettext("Only a message that is still queued can be cancelled.")


@dataclass(frozen=True)
class Refusal:
    """Why nothing was done with the message for ``name``."""

    name: str
    reason: LazyString


def send_again(session: Session, ids: Collection[int], now: datetime) -> list[Refusal]:
    """Queue the messages again, to the address the person has now; what was refused. The caller commits.

    For messages that failed, were cancelled, or of which nobody knows; one that waits for its next attempt
    goes at once. The code stays the same.
    """
    messages = _held(session, ids)
    owners = [message.user_id for message in messages]
    accounts = {row.user_id: row for row in session.scalars(select(Account).where(Account.user_id.in_(owners)))}
    refused = []
    for message in messages:
        channel, address = choose(accounts.get(message.user_id), message.channel)
        reason = _why_not_again(message, now) or (NO_ADDRESS if channel is not message.channel else None)
        if reason is not None:
            refused.append(Refusal(str(message.user), reason))
            continue
        message.address, message.state, message.error = address, DeliveryState.QUEUED, ""
        message.due_at, message.settled_at, message.attempts = now, None, 0
        message.attempt_id = None  # a late word about the old attempt is not about this one
    session.flush()
    return refused


def cancel(session: Session, ids: Collection[int], now: datetime) -> list[Refusal]:
    """Stop messages that are still queued; what was refused. The code stays valid. The caller commits."""
    refused = []
    for message in _held(session, ids):
        if message.state is not DeliveryState.QUEUED:
            refused.append(Refusal(str(message.user), NOT_QUEUED))
            continue
        message.state, message.error, message.settled_at = DeliveryState.CANCELLED, Reason.STOPPED.value, now
    session.flush()
    return refused


def possible(message: Delivery, now: datetime) -> set[str]:
    """What would not be refused now: «retry», «cancel»."""
    retry = {"retry"} if _why_not_again(message, now) is None else set()
    return retry | ({"cancel"} if message.state is DeliveryState.QUEUED else set())


def _held(session: Session, ids: Collection[int]) -> list[Delivery]:
    """The messages as they stand now; no worker takes them before the commit."""
    rows = select(Delivery).where(Delivery.id.in_(ids)).order_by(Delivery.id).with_for_update(of=Delivery)
    loaded = rows.options(joinedload(Delivery.user), joinedload(Delivery.credential))
    return list(session.scalars(loaded.execution_options(populate_existing=True)))


def _why_not_again(message: Delivery, now: datetime) -> LazyString | None:
    if message.channel is DeliveryChannel.SLIP:
        return A_SLIP
    if message.channel is DeliveryChannel.PUSH:
        return A_PUSH
    if message.state in _REFUSED:
        return _REFUSED[message.state]
    if message.state is DeliveryState.UNKNOWN and message.settled_at is None:
        return IN_DOUBT
    if outbox.late(message, now):
        return OLD_NEWS
    return NO_LONGER_VALID if outbox.lapse(message.credential, now) else None


_REFUSED = {
    DeliveryState.SENDING: ON_ITS_WAY,
    DeliveryState.SENT: ARRIVED,
    DeliveryState.DELIVERED: ARRIVED,
}

ByHand = Callable[[Session, Collection[int], datetime], list[Refusal]]
