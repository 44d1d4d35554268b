"""The outbox: which message is due, who sends it, and what became of it.

    queued ──claim──▶ sending ──taken──────────▶ sent ──callback──▶ delivered
       ▲                 │ ├────refused for good──▶ failed ◀──callback──┘
       │                 │ └────refused for now──▶ queued, later
       │                 └──────no answer, or the worker died──▶ unknown
       ├──asked: not taken── unknown ──asked: taken──▶ sent
       └──cancelled: by hand, or the access was taken back, used or expired before it was sent, or a notification
          has nothing left to tell or is too old

``due_at`` is when somebody has to look at the row again: a queued one to send it, a sending one because
its worker must have died (the lease ran out), an unknown one because the callback did not come. A row
with ``settled_at`` is never looked at again.

``claim`` commits «sending» with an attempt id before the call, and no connection is held during it. Two
workers never get the same row: PostgreSQL skips locked rows, SQLite has one writer. What a worker records
counts only while the row still stands in that attempt, so a callback that was faster is not undone.

A provider that can be asked (Twilio) is asked before a message is sent again, so none is doubled. A mail
server cannot be asked: the mail goes again under the same attempt, hence the same Message-ID. After a
death that is one repeat for each death; after a silent server it is one repeat, then a person decides.
A push that goes again takes the place of the first on the person's screen.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import uuid4

from sqlalchemy import Connection, Select, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.delivery.reasons import Reason
from app.delivery.transports import TransportError
from app.models import Credential, Delivery, PushSubscription
from app.models.access import DeliveryChannel, DeliveryState

QUEUED, SENDING, UNKNOWN = DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.UNKNOWN
SENT, DELIVERED, FAILED = DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.FAILED
OPEN = (QUEUED, SENDING, UNKNOWN)
MAX_ATTEMPTS = 10
FIRST_DELAY, LONGEST_DELAY = 30.0, 3600.0  # seconds
CLOCKS_DIFFER = timedelta(minutes=10)
"""A message made later than this from now was made while the clock was wrong: it does not wait for that moment."""
LATEST = timedelta(hours=2)
"""Nothing that is to be sent is put off for longer."""
NOTICE_LASTS = timedelta(2)
"""After this long nobody wants to hear by a message what the diary shows."""


@dataclass(frozen=True)
class Timing:
    """How long to wait, in seconds.

    ``lease``: longer than any call to a provider takes; then its worker is taken for dead.
    ``callback``: how long the answer to an unanswered call may come by callback.
    """

    lease: float = 180.0
    callback: float = 90.0
    poll: float = 1.0


class Step(Enum):
    """What a claim is for."""

    SEND = auto()
    ASK = auto()


@dataclass(frozen=True)
class Claim:
    """A row that one worker holds until it is settled or the lease runs out."""

    delivery_id: int
    step: Step
    channel: DeliveryChannel
    attempt_id: str
    attempts: int
    attempted_at: datetime
    was_unanswered: bool
    is_in_doubt: bool = False


def queue(
    session: Session, credential: Credential, channel: DeliveryChannel, address: str, batch: str, now: datetime
) -> Delivery:
    """Write the message that brings ``credential``; it is sent after the caller's commit. A slip is not sent."""
    delivery = Delivery(
        credential=credential, user_id=credential.user_id, channel=channel, address=address, batch=batch,
        due_at=now, created_at=now,
    )  # fmt: skip
    if channel is DeliveryChannel.SLIP:
        delivery.state, delivery.settled_at = SENT, now
    session.add(delivery)
    return delivery


def claim(session: Session, now: datetime, timing: Timing, asked: Collection[DeliveryChannel]) -> Claim | None:
    """Take the row that has been due longest, and commit; None when nothing is due.

    ``asked`` are channels whose provider can be asked. Rows whose access has lapsed are settled on the way.
    """
    while (delivery := session.scalars(_due(now)).one_or_none()) is not None:
        worn_out = delivery.attempts >= MAX_ATTEMPTS and delivery.channel not in asked
        lapsed = lapse(delivery.credential, now) or late(delivery, now) or (Reason.UNANSWERED if worn_out else None)
        if lapsed:
            _give_up(delivery, lapsed, now)
            session.commit()
            continue
        taken = _take(delivery, now, timing, asked)
        session.commit()
        return taken
    session.commit()
    return None


def _due(now: datetime) -> Select[Delivery]:
    of_tomorrow = and_(
        Delivery.state != SENDING, Delivery.created_at > now + CLOCKS_DIFFER, Delivery.due_at > now + LATEST
    )
    due = or_(Delivery.due_at <= now, of_tomorrow)
    waiting = select(Delivery).where(Delivery.state.in_(OPEN), Delivery.settled_at.is_(None), due)
    oldest = waiting.order_by(Delivery.due_at, Delivery.id).limit(1)
    return oldest.with_for_update(skip_locked=True).execution_options(populate_existing=True)


def lapse(credential: Credential | None, now: datetime) -> Reason | None:
    """Why a message with this access is of no use any more; None while it is."""
    if credential is None:
        return None
    if credential.activated_at is not None:
        return Reason.USED
    if credential.revoked_at is not None:
        return Reason.REVOKED
    return Reason.EXPIRED if credential.expires_at <= now else None


def late(delivery: Delivery, now: datetime) -> Reason | None:
    """Why a notification is not worth sending any more; None while it is, and for messages with access."""
    return Reason.LATE if delivery.is_notice and delivery.created_at < now - NOTICE_LASTS else None


def _give_up(delivery: Delivery, lapsed: Reason, now: datetime) -> None:
    """A message that may have left stays «unknown»: calling it cancelled would be untrue."""
    delivery.settled_at = now
    if delivery.state is QUEUED:
        delivery.state, delivery.error = DeliveryState.CANCELLED, lapsed.value
    else:
        delivery.state, delivery.error = UNKNOWN, Reason.UNANSWERED.value


def _take(delivery: Delivery, now: datetime, timing: Timing, asked: Collection[DeliveryChannel]) -> Claim:
    was_unanswered = delivery.error == Reason.UNANSWERED.value
    in_doubt = delivery.state is not QUEUED
    if in_doubt and delivery.channel in asked:
        delivery.state = UNKNOWN
        step = Step.ASK
    else:
        step = Step.SEND
        delivery.state, delivery.attempted_at = SENDING, now
        delivery.attempts += 1
        if not in_doubt or delivery.attempt_id is None:
            delivery.attempt_id = str(uuid4())
    delivery.due_at = now + timedelta(seconds=timing.lease)
    return Claim(
        delivery.id, step, delivery.channel, delivery.attempt_id or "", delivery.attempts,
        delivery.attempted_at or now, was_unanswered, in_doubt,
    )  # fmt: skip


def record_sent(session: Session, taken: Claim, provider_id: str, now: datetime) -> None:
    """The provider has the message; commits."""
    _record(session, taken, state=SENT, provider_id=provider_id, error="", settled_at=now)


def record_never_taken(session: Session, taken: Claim, now: datetime) -> None:
    """The provider was asked and has no such message: it is sent again; commits."""
    _record(session, taken, state=QUEUED, error="", due_at=now)


def record_nothing_to_say(session: Session, taken: Claim, now: datetime) -> None:
    """There is nothing left to send, as far as it has not left before; commits."""
    if taken.is_in_doubt:
        _record(session, taken, state=UNKNOWN, error=Reason.UNANSWERED.value, settled_at=now)
    else:
        _record(session, taken, state=DeliveryState.CANCELLED, error=Reason.NOTHING_LEFT.value, settled_at=now)


def record_failure(session: Session, taken: Claim, error: TransportError, now: datetime, timing: Timing) -> None:
    """The provider refused the message, or did not answer; commits."""
    last = taken.attempts >= MAX_ATTEMPTS
    later = now + timedelta(seconds=max(delay(taken.attempts), min(error.wait, LONGEST_DELAY)))
    if taken.step is Step.ASK:  # the question failed: ask again after as long as we have waited already
        waited = min(timedelta(seconds=LONGEST_DELAY), now - taken.attempted_at)
        _record(session, taken, state=UNKNOWN, error=Reason.UNANSWERED.value, due_at=max(later, now + waited))
    elif error.unanswered:
        # A mail server's second silence ends it; Twilio is asked as long as the access is valid.
        over = taken.was_unanswered and taken.channel is not DeliveryChannel.SMS
        wait = now + timedelta(seconds=timing.callback)
        _record(session, taken, state=UNKNOWN, error=error.reason, due_at=wait, settled_at=now if over else None)
    elif error.permanent or last:
        if error.reason.partition(":")[0] == Reason.PUSH_GONE:
            _forget_browser(session, taken)
        _record(session, taken, state=FAILED, error=error.reason, settled_at=now)
    else:
        _record(session, taken, state=QUEUED, error=error.reason, due_at=later)


def _forget_browser(session: Session, taken: Claim) -> None:
    """Its push service knows the browser no more: nothing is ever sent there again."""
    gone = select(Delivery.subscription_id).where(Delivery.id == taken.delivery_id)
    number = session.scalar(gone)
    session.execute(delete(PushSubscription).where(PushSubscription.id == number))


def _record(session: Session, taken: Claim, **values: object) -> None:
    """Write the outcome unless a callback or another worker has settled this attempt."""
    still = (Delivery.id == taken.delivery_id, Delivery.attempt_id == taken.attempt_id)
    standing = Delivery.state.in_((SENDING, UNKNOWN))
    session.execute(
        update(Delivery).where(*still, standing).values(**values).execution_options(synchronize_session=False)
    )
    session.commit()


def delay(attempts: int, draw: float | None = None) -> float:
    """Seconds until the next attempt: doubled each time, up to an hour, of which a random half.

    ``draw`` in 0..1 takes the place of chance.
    """
    longest = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** (max(attempts, 1) - 1))
    chance = random.random() if draw is None else draw  # noqa: S311  # nosec B311 # when to try again is no secret
    return longest / 2 + longest / 2 * chance


def note_callback(
    session: Session, attempt_id: str, state: DeliveryState, provider_id: str | None, error: str, now: datetime
) -> bool:
    """What the provider tells of an attempt, in any order and as often as it likes; commits.

    Delivered beats failed beats sent, so a late or repeated word changes nothing. False: no such attempt,
    or nothing new.
    """
    weaker = {SENT: OPEN, FAILED: (*OPEN, SENT), DELIVERED: (*OPEN, SENT, FAILED, DeliveryState.CANCELLED)}[state]
    values: dict[str, object] = {"state": state, "error": error, "settled_at": now}
    if provider_id:
        values["provider_id"] = provider_id
    changed = session.execute(
        update(Delivery)
        .where(Delivery.attempt_id == attempt_id, Delivery.state.in_(weaker))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    session.commit()
    return bool(changed.rowcount)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Progress:
    """How far a batch has come: number of messages in each state, still open, and by reason of failure."""

    states: dict[DeliveryState, int]
    open: int
    errors: dict[str, int]

    @property
    def total(self) -> int:
        """All messages of the batch, slips included."""
        return sum(self.states.values())

    @property
    def is_finished(self) -> bool:
        """Nothing is left to be sent or asked for; callbacks may still come."""
        return self.open == 0


def progress(session: Session, batch: str) -> Progress:
    """The batch as far as the session's person may see it, in two small statements."""
    number, settled = func.count(Delivery.id), func.count(Delivery.settled_at)
    mine = Delivery.batch == batch
    states = session.execute(select(Delivery.state, number, settled).where(mine).group_by(Delivery.state)).all()
    wrong = select(Delivery.error, number).where(mine, Delivery.error != "").group_by(Delivery.error)
    return Progress(
        states={state: count for state, count, _done in states},
        open=sum(count - done for _state, count, done in states),
        errors=dict(session.execute(wrong).all()),
    )


def backlog(connection: Connection, now: datetime) -> dict[str, int]:
    """For /healthz: messages waiting, and for how many seconds the oldest of them has been due."""
    row = Delivery.__table__.c
    waiting = select(func.count(), func.min(row.due_at)).where(row.state.in_(OPEN), row.settled_at.is_(None))
    length, oldest = connection.execute(waiting).one()
    age = max(0, int((now - oldest).total_seconds())) if oldest else 0
    return {"length": length, "oldest_due_seconds": age}
