"""From what happened to messages in the outbox: who is told when, and what is due together goes together.

Two steps, each a transaction: happenings that have settled become notifications of those concerned; notifications
that are due become one delivery for each person and channel (for each browser, of a push). A worker that dies in
between loses its transaction and nothing else. One worker at a time does this: PostgreSQL keeps the others out by
a lock that ends with the transaction, SQLite has one writer.

A happening settles when nobody has written about the same student (or the same person on) for the delay, at the
latest after LONGEST delays: a mistyped mark is corrected before anybody hears of it, a lesson's marks come together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, delete, exists, insert, or_, select, text
from sqlalchemy.orm import Session, aliased

from app import policy
from app.extensions import begin_reading, begin_writing
from app.messages.quiet import Hours, quiet_until
from app.models import Account, Delivery, Happening, Notification, PushSubscription, QuietHours, User
from app.models.access import DeliveryChannel
from app.models.notification import NoticeKind, Timing
from app.notifications import choices
from app.notifications.choices import CHANNELS
from app.notifications.concerned import Concern, concerned
from app.notifications.rules import LONGEST, Rules

MOST_HAPPENINGS, MOST_PEOPLE, MOST_SENT = 500, 1000, 250  # in one transaction: others wait to write
LEFT_IN_PEACE = frozenset({NoticeKind.MESSAGE, NoticeKind.REQUEST, NoticeKind.REMINDER, NoticeKind.WEEKLY})
"""Kinds that staff are not told of in their quiet hours."""
TELLING = 7_469_001
"""The number of PostgreSQL's lock: whoever holds it tells."""


class Receiver(NamedTuple):
    """Somebody who can be told: a signed-in person's account with what is known of the ways to them."""

    user_id: int
    is_staff: bool
    channels: frozenset[DeliveryChannel]
    chosen: choices.Chosen
    hours: Hours | None


def tell(rules: Rules, now: datetime) -> None:
    """Do both steps with everything that is due at ``now``. Opens sessions of its own."""
    with policy.system() as session:
        begin_reading(session)
        if not _anything(session, rules, now):
            return
    while _step(lambda session: take_happenings(session, rules, now)):
        pass
    while _step(lambda session: send_due(session, now)):
        pass


def _anything(session: Session, rules: Rules, now: datetime) -> bool:
    happened = select(Happening.id).where(_settled(rules, now)).limit(1)
    due = select(Notification.id).where(*_due(now)).limit(1)
    return session.scalars(happened).first() is not None or session.scalars(due).first() is not None


def _step(work: Any) -> bool:
    """One transaction of ``work``; False when there is nothing left, or somebody else is at it."""
    with policy.system() as session:
        begin_writing(session)
        if session.get_bind().dialect.name == "postgresql" and not session.scalar(
            text("SELECT pg_try_advisory_xact_lock(:number)"), {"number": TELLING}
        ):
            return False
        done = bool(work(session))
        session.commit()
        return done


def _settled(rules: Rules, now: datetime) -> ColumnElement[bool]:
    """Nothing more was written of the same student, or by the same person where it is about none, for the delay."""
    later = aliased(Happening)
    same_student = later.student_id == Happening.student_id
    same_author = and_(
        Happening.student_id.is_(None), later.student_id.is_(None), later.kind == Happening.kind,
        later.actor_id == Happening.actor_id,
    )  # fmt: skip
    goes_on = exists().where(
        later.at > now - rules.delay, later.at <= now, later.id != Happening.id, or_(same_student, same_author)
    )
    return and_(Happening.at <= now - rules.delay, or_(Happening.at <= now - LONGEST * rules.delay, ~goes_on))


def take_happenings(session: Session, rules: Rules, now: datetime) -> int:
    """Write the notifications of settled happenings, and forget these; how many there were. The caller commits."""
    oldest = select(Happening).where(_settled(rules, now)).order_by(Happening.at, Happening.id)
    happenings = list(session.scalars(oldest.limit(MOST_HAPPENINGS)))
    found = concerned(session, happenings, now, now.astimezone(rules.zone).date())
    of_person: dict[int, list[Concern]] = {}
    for concern in found:
        of_person.setdefault(concern.user_id, []).append(concern)
    everybody = sorted(of_person)
    for first in range(0, len(everybody), MOST_PEOPLE):
        people = everybody[first : first + MOST_PEOPLE]
        receivers = _receivers(session, people, rules)
        _notify(session, receivers, [concern for each in receivers for concern in of_person[each]], rules, now)
    session.execute(delete(Happening).where(Happening.id.in_([happening.id for happening in happenings])))
    return len(happenings)


def _receivers(session: Session, people: Sequence[int], rules: Rules) -> dict[int, Receiver]:
    """Those of ``people`` who have set a password and may sign in."""
    chosen = choices.chosen_by(session, people)
    browsers = set(session.scalars(select(PushSubscription.user_id).where(PushSubscription.user_id.in_(people))))
    hours = {row.user_id: row for row in session.scalars(select(QuietHours).where(QuietHours.user_id.in_(people)))}
    accounts = (
        select(User, Account)
        .join(Account, Account.user_id == User.id)
        .where(User.id.in_(people), User.is_active, Account.password_hash.is_not(None))
    )
    found = {}
    for user, account in session.execute(accounts):
        ways = {*choices.addresses(account), *([DeliveryChannel.PUSH] if user.id in browsers else [])}
        works_here = user.is_staff or user.is_deputy_director
        quiet = hours.get(user.id, rules.quiet) if works_here else None
        found[user.id] = Receiver(user.id, works_here, frozenset(ways), chosen.get(user.id, {}), quiet)
    return found


def _notify(
    session: Session, receivers: dict[int, Receiver], concerns: Iterable[Concern], rules: Rules, now: datetime
) -> None:
    """Write what is to be told; of the same thing once, and news once for ever."""
    concerns = list(concerns)
    known = _known(session, list(receivers), concerns)
    written: dict[tuple[Any, ...], dict[str, Any]] = {}
    for concern in concerns:
        receiver = receivers[concern.user_id]
        for channel in CHANNELS:
            when = choices.timing(receiver.chosen, concern.kind, channel, rules)
            if channel not in receiver.channels or when is Timing.NEVER:
                continue
            due = _due_at(receiver, concern, when, rules, now)
            key = (concern.user_id, channel, concern.model, concern.object_id, concern.student_id)
            if waiting := known.get(key):
                if waiting.delivery_id is None:
                    waiting.kind, waiting.due_at = concern.kind, min(waiting.due_at, due)
                continue
            if earlier := written.get(key):
                due = min(due, earlier["due_at"])
            written[key] = {
                "user_id": concern.user_id, "channel": channel, "kind": concern.kind, "model": concern.model,
                "object_id": concern.object_id, "student_id": concern.student_id, "due_at": due, "created_at": now,
            }  # fmt: skip
    session.flush()
    if written:
        session.execute(insert(Notification), list(written.values()))


def _due_at(receiver: Receiver, concern: Concern, when: Timing, rules: Rules, now: datetime) -> datetime:
    """At once or in the evening; staff hear of messages, requests and reminders after their quiet hours."""
    due = now if when is Timing.AT_ONCE else rules.evening(concern.at)
    if not receiver.is_staff or concern.kind not in LEFT_IN_PEACE:
        return due
    until = quiet_until(receiver.hours, max(due, now), rules.zone)
    return until.astimezone(UTC) if until else due


def _known(session: Session, people: Sequence[int], concerns: Iterable[Concern]) -> dict[tuple[Any, ...], Notification]:
    """Notifications that wait for the same things, and those of news whether they wait or not."""
    objects: dict[str, set[int]] = {}
    for concern in concerns:
        objects.setdefault(concern.model, set()).add(concern.object_id)
    same = [and_(Notification.model == model, Notification.object_id.in_(ids)) for model, ids in objects.items()]
    if not same:
        return {}
    waits = or_(Notification.delivery_id.is_(None), Notification.kind == NoticeKind.NEWS)
    rows = session.scalars(select(Notification).where(Notification.user_id.in_(people), waits, or_(*same)))
    return {(row.user_id, row.channel, row.model, row.object_id, row.student_id): row for row in rows}


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Notification.delivery_id.is_(None), Notification.due_at <= now


def send_due(session: Session, now: datetime) -> int:
    """Put what is due into the outbox, one message a person and channel; how many notifications. The caller commits."""
    pairs = select(Notification.user_id, Notification.channel).where(*_due(now)).distinct()
    people = {user_id for user_id, _channel in session.execute(pairs.limit(MOST_SENT))}
    due = select(Notification).where(*_due(now), Notification.user_id.in_(people)).order_by(Notification.id)
    together: dict[tuple[int, DeliveryChannel], list[Notification]] = {}
    for notification in session.scalars(due):
        together.setdefault((notification.user_id, notification.channel), []).append(notification)
    accounts = {row.user_id: row for row in session.scalars(select(Account).where(Account.user_id.in_(people)))}
    browsers: dict[int, list[PushSubscription]] = {}
    for row in session.scalars(select(PushSubscription).where(PushSubscription.user_id.in_(people))):
        browsers.setdefault(row.user_id, []).append(row)
    for (user_id, channel), notifications in together.items():
        deliveries = _deliveries(user_id, channel, accounts.get(user_id), browsers.get(user_id, ()), now)
        session.add_all(deliveries)
        for notification in notifications:
            if deliveries:
                notification.delivery = deliveries[0]
            else:  # there is no way to the person any more
                session.delete(notification)
    session.flush()
    return sum(len(some) for some in together.values())


def _deliveries(
    user_id: int, channel: DeliveryChannel, account: Account | None, browsers: Iterable[PushSubscription], now: datetime
) -> list[Delivery]:
    """The message by this channel, to every browser of the person if it is a push; they share ``batch``."""
    ways: list[tuple[str, int | None]]
    if channel is DeliveryChannel.PUSH:
        ways = [(urlsplit(browser.endpoint).hostname or "", browser.id) for browser in browsers]
    else:
        address = choices.addresses(account).get(channel)
        ways = [(address, None)] if address else []
    batch = str(uuid4())
    return [
        Delivery(user_id=user_id, channel=channel, address=address, subscription_id=browser_id, batch=batch,
                 due_at=now, created_at=now)
        for address, browser_id in ways
    ]  # fmt: skip
