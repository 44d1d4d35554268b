"""When a person is told of what and by what: what is offered, what is usual, what they have chosen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import policy
from app.contacts import is_mobile
from app.models import Account, NotificationChoice, PushSubscription
from app.models.access import DeliveryChannel
from app.models.notification import NoticeKind, Timing
from app.notifications.rules import Rules

EMAIL, SMS, PUSH = DeliveryChannel.EMAIL, DeliveryChannel.SMS, DeliveryChannel.PUSH
CHANNELS = (PUSH, EMAIL, SMS)
STAFF_KINDS = (
    NoticeKind.MESSAGE, NoticeKind.REQUEST, NoticeKind.NEWS, NoticeKind.SUPPORT, NoticeKind.REMINDER, NoticeKind.WEEKLY,
)  # fmt: skip
ONLY_STAFF = frozenset({NoticeKind.SUPPORT, NoticeKind.REMINDER, NoticeKind.WEEKLY})
OF_LEADERS = frozenset({NoticeKind.REQUEST, NoticeKind.SUPPORT})
AT_ONCE = frozenset({
    NoticeKind.LOW_MARK, NoticeKind.ABSENCE, NoticeKind.MESSAGE, NoticeKind.REQUEST, *ONLY_STAFF,
})  # fmt: skip

Chosen = Mapping[tuple[NoticeKind, DeliveryChannel], Timing]


def usual(kind: NoticeKind, channel: DeliveryChannel) -> Timing:
    """When somebody is told who has chosen nothing: an SMS costs the school money, homework would come every day."""
    if channel is SMS or kind is NoticeKind.HOMEWORK:
        return Timing.NEVER
    return Timing.AT_ONCE if kind in AT_ONCE else Timing.EVENING


def timing(chosen: Chosen, kind: NoticeKind, channel: DeliveryChannel, rules: Rules) -> Timing:
    """When a person with these choices is told; never by an SMS that the school does not pay."""
    if channel is SMS and kind not in rules.sms_kinds:
        return Timing.NEVER
    return chosen.get((kind, channel)) or usual(kind, channel)


def chosen_by(session: Session, users: Collection[int]) -> dict[int, dict[tuple[NoticeKind, DeliveryChannel], Timing]]:
    """The choices of each person who has made some; one statement."""
    found: dict[int, dict[tuple[NoticeKind, DeliveryChannel], Timing]] = {}
    for row in session.scalars(select(NotificationChoice).where(NotificationChoice.user_id.in_(users))):
        found.setdefault(row.user_id, {})[row.kind, row.channel] = row.timing
    return found


def kinds_for(actor: policy.Actor) -> list[NoticeKind]:
    """What the person can be told of."""
    works_here = actor.is_staff or actor.is_deputy_director
    answers = actor.leads or actor.is_deputy_director
    of_family = [kind for kind in NoticeKind if kind not in ONLY_STAFF] if actor.reads_diary else []
    of_staff = [kind for kind in STAFF_KINDS if works_here and (kind not in OF_LEADERS or answers)]
    return list(dict.fromkeys([*of_family, *of_staff]))


def addresses(account: Account | None) -> dict[DeliveryChannel, str]:
    """Where mails and SMS for a person go; nothing for a number that takes no SMS."""
    found = {}
    if account is not None and account.email:
        found[EMAIL] = account.email
    if account is not None and account.phone and is_mobile(account.phone):
        found[SMS] = account.phone
    return found


@dataclass(frozen=True)
class Cell:
    """One choice on the settings page; ``options`` are empty where the channel is not offered for the kind."""

    channel: DeliveryChannel
    name: str
    timing: Timing
    is_offered: bool


@dataclass(frozen=True)
class Settings:
    """The settings page: ``rows`` are kinds with a cell for each of ``channels``; ``addresses`` where they lead."""

    channels: list[DeliveryChannel]
    rows: list[tuple[NoticeKind, list[Cell]]]
    addresses: dict[DeliveryChannel, str]
    devices: list[PushSubscription]


def settings(session: Session, rules: Rules) -> Settings:
    """What the session's person can choose, and has chosen."""
    actor = policy.actor_of(session)
    account = session.scalars(select(Account).where(Account.user_id == actor.user_id)).one_or_none()
    known, chosen = addresses(account), chosen_by(session, [actor.user_id]).get(actor.user_id, {})
    kinds = kinds_for(actor)
    usable = {PUSH, *known} if rules.sms_kinds.intersection(kinds) else {PUSH, *known} - {SMS}
    channels = [channel for channel in CHANNELS if channel in usable]
    own = select(PushSubscription).where(PushSubscription.user_id == actor.user_id).order_by(PushSubscription.id)
    rows = [(kind, [_cell(chosen, kind, channel, rules) for channel in channels]) for kind in kinds]
    return Settings(channels, rows, known, list(session.scalars(own)))


def _cell(chosen: Chosen, kind: NoticeKind, channel: DeliveryChannel, rules: Rules) -> Cell:
    offered = channel is not SMS or kind in rules.sms_kinds
    return Cell(channel, f"{kind.value}-{channel.value}", timing(chosen, kind, channel, rules), offered)


def save(session: Session, typed: Mapping[str, str], rules: Rules) -> None:
    """Keep the choices of the settings page, by the names of its cells; anything else in ``typed`` is not looked at.

    What is usual is not written. The caller commits.
    """
    actor = policy.actor_of(session)
    cells = [(kind, cell) for kind, row in settings(session, rules).rows for cell in row if cell.is_offered]
    wanted = {
        (kind, cell.channel): next(word for word in Timing if word.value == typed[cell.name])
        for kind, cell in cells
        if typed.get(cell.name) in {word.value for word in Timing}
    }
    choose(session, actor.user_id, wanted)


def choose(session: Session, user_id: int, wanted: Chosen) -> None:
    """Write a person's choices; the caller commits."""
    own = select(NotificationChoice).where(NotificationChoice.user_id == user_id)
    rows = {(row.kind, row.channel): row for row in session.scalars(own)}
    for (kind, channel), when in wanted.items():
        row = rows.get((kind, channel))
        if when is usual(kind, channel):
            if row is not None:
                session.delete(row)
        elif row is not None:
            row.timing = when
        else:
            session.add(NotificationChoice(user_id=user_id, kind=kind, channel=channel, timing=when))
    session.flush()


def stop(session: Session, user_id: int, channel: DeliveryChannel, kinds: Iterable[NoticeKind]) -> None:
    """Tell the person nothing more of ``kinds`` by ``channel``; the caller commits."""
    choose(session, user_id, {(kind, channel): Timing.NEVER for kind in kinds})
