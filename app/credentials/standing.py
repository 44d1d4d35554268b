"""How far a person's access has come: from «no phone and no e-mail» to «activated»."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from app.credentials.children import children_of
from app.credentials.issue import choose
from app.credentials.recipients import may_receive
from app.models import Account, Credential, Delivery, User
from app.models.access import DeliveryChannel, DeliveryState
from app.models.columns import Titled

Columns = Select[*tuple[Any, ...]]


class Stage(Titled):
    """Where a person's access stands, in the order of its way."""

    NO_CONTACT = "no_contact", lazy_gettext("No phone and no e-mail")
    NOT_SENT = "not_sent", lazy_gettext("No access yet")
    QUEUED = "queued", lazy_gettext("Queued")
    SENDING = "sending", lazy_gettext("Being sent")
    UNKNOWN = "unknown", lazy_gettext("Outcome unknown")
    FAILED = "failed", lazy_gettext("Did not arrive")
    CANCELLED = "cancelled", lazy_gettext("Cancelled")
    SLIP = "slip", lazy_gettext("Slip to hand over")
    SENT = "sent", lazy_gettext("Sent")
    DELIVERED = "delivered", lazy_gettext("Delivered")
    OPENED = "opened", lazy_gettext("Opened")
    ACTIVATED = "activated", lazy_gettext("Activated")
    EXPIRED = "expired", lazy_gettext("Expired unused")
    REVOKED = "revoked", lazy_gettext("Taken back or replaced")


IN_HAND = frozenset({
    Stage.QUEUED, Stage.SENDING, Stage.SLIP, Stage.SENT, Stage.DELIVERED,
    Stage.OPENED, Stage.ACTIVATED,
})  # fmt: skip
"""Nothing is to be done for these people but to wait for them."""

BY_DELIVERY = {
    DeliveryState.QUEUED: Stage.QUEUED,
    DeliveryState.SENDING: Stage.SENDING,
    DeliveryState.UNKNOWN: Stage.UNKNOWN,
    DeliveryState.SENT: Stage.SENT,
    DeliveryState.DELIVERED: Stage.DELIVERED,
    DeliveryState.FAILED: Stage.FAILED,
    DeliveryState.CANCELLED: Stage.CANCELLED,
}


def stage_of(
    *, activated: bool, revoked: bool, expired: bool, opened: bool, channel: DeliveryChannel, message: DeliveryState
) -> Stage:
    """The stage of one credential and the message that carried it."""
    if activated:
        return Stage.ACTIVATED
    if revoked:
        return Stage.REVOKED
    if expired:
        return Stage.EXPIRED
    if opened:
        return Stage.OPENED
    return Stage.SLIP if channel is DeliveryChannel.SLIP else BY_DELIVERY[message]


@dataclass(frozen=True)
class Standing:
    """One person on the list to choose from.

    ``channel`` and ``address`` are how a message would go; ``since`` is when the newest code was issued, and
    ``valid_until`` is set while a code can still be used. ``error`` is the newest message's (reasons.words).
    """

    user_id: int
    name: str
    children: Sequence[str]
    channel: DeliveryChannel
    address: str
    stage: Stage
    error: str
    since: datetime | None
    valid_until: datetime | None
    last_seen_at: datetime | None
    may_receive: bool
    is_active: bool

    @property
    def is_in_hand(self) -> bool:
        """Nothing is to be done now."""
        return self.stage in IN_HAND


def standings(session: Session, ids: Collection[int], now: datetime, today: date) -> list[Standing]:
    """The people in the order of ``ids``, of whom those are left out that the session's person does not see.

    Two statements.
    """
    if not ids:
        return []
    rows = _with_newest(select(User, Account, Credential, Delivery, may_receive(session))).where(User.id.in_(ids))
    found = {row[0].id: row for row in session.execute(rows)}
    children = children_of(session, ids, today)
    people = []
    for user, account, credential, message, is_receiver in (found[number] for number in ids if number in found):
        channel, address = choose(account)
        people.append(
            Standing(
                user.id, user.full_name, children.get(user.id, ()), channel, address,
                stage=_stage(_has_password(account), credential, message, channel, now),
                error=message.error if message else "",
                since=credential.issued_at if credential else None,
                valid_until=credential.expires_at if credential and _is_usable(credential, now) else None,
                last_seen_at=account.last_seen_at if account else None,
                may_receive=bool(is_receiver),
                is_active=user.is_active,
            )
        )  # fmt: skip
    return people


def with_stage(figures: Columns) -> Columns:
    """``figures`` of users with what ``stage_of_row`` looks at."""
    columns = (
        Account.password_hash.is_not(None).label("has_password"), Account.phone, Account.email,
        Account.channel.label("wanted"), Credential.id.label("credential_id"), Credential.revoked_at,
        Credential.activated_at, Credential.expires_at, Credential.opened_at, Delivery.id.label("message_id"),
        Delivery.channel, Delivery.state,
    )  # fmt: skip
    return _with_newest(figures.add_columns(*columns))


def stage_of_row(row: Any, now: datetime) -> Stage:
    """The same stage as on the list, of a row of ``with_stage``."""
    given, carried = row.credential_id is not None, row.message_id is not None
    if row.has_password or (given and carried):  # then how they would be reached makes no difference
        return _stage(row.has_password, row, row, DeliveryChannel.SLIP, now)
    channel, _address = choose(Account(phone=row.phone, email=row.email, channel=row.wanted))
    return _stage(False, None, None, channel, now)


def _has_password(account: Account | None) -> bool:
    return account is not None and account.password_hash is not None


def _stage(
    has_password: bool, credential: Credential | Row[Any] | None, message: Delivery | Row[Any] | None,
    channel: DeliveryChannel, now: datetime,
) -> Stage:  # fmt: skip
    if has_password:
        return Stage.ACTIVATED
    if credential is None or message is None:
        return Stage.NO_CONTACT if channel is DeliveryChannel.SLIP else Stage.NOT_SENT
    return stage_of(
        activated=False,  # without a password the access of an activated code was taken back
        revoked=credential.revoked_at is not None or credential.activated_at is not None,
        expired=credential.expires_at <= now,
        opened=credential.opened_at is not None,
        channel=message.channel,
        message=message.state,
    )


def _is_usable(credential: Credential, now: datetime) -> bool:
    return credential.activated_at is None and credential.revoked_at is None and credential.expires_at > now


def _with_newest(columns: Columns) -> Columns:
    """``columns`` of users, with the account of each, the newest credential and the newest message that carried it,
    where there are."""
    issued, carried = aliased(Credential), aliased(Delivery)
    newest = select(func.max(issued.version)).where(issued.user_id == User.id)
    last = select(func.max(carried.id)).where(carried.credential_id == Credential.id)
    return (
        columns.outerjoin(Account, Account.user_id == User.id)
        .outerjoin(Credential, and_(Credential.user_id == User.id, Credential.version == newest.scalar_subquery()))
        .outerjoin(Delivery, Delivery.id == last.scalar_subquery())
    )
