"""The outbox: who gets a row, when it is tried again, and what becomes of a dead worker's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from app import policy
from app.credentials import texts
from app.delivery import outbox, worker
from app.delivery.outbox import MAX_ATTEMPTS, Claim, Step, Timing
from app.delivery.reasons import Reason, words
from app.delivery.transports import Message, TransportError
from app.delivery.worker import Worker
from app.extensions import db
from app.models import Delivery
from app.models.access import DeliveryChannel, DeliveryState
from tests.post import guardian_of, issued, the_delivery
from tests.school import School

SMS, EMAIL = DeliveryChannel.SMS, DeliveryChannel.EMAIL
TIMING, ASKED = Timing(lease=60, callback=30), {SMS}


@pytest.fixture
def now(app: Flask, school: School) -> datetime:
    issued(guardian_of(school, phone="+79123456789"))
    return datetime.now(UTC)


def claim(moment: datetime) -> Claim | None:
    with policy.system() as session:
        return outbox.claim(session, moment, TIMING, ASKED)


def taken(moment: datetime) -> Claim:
    row = claim(moment)
    assert row is not None
    return row


def test_a_row_goes_to_one_worker(now: datetime) -> None:
    assert taken(now).step is Step.SEND
    assert claim(now) is None


def test_workers_at_once_share_the_rows(app: Flask, school: School) -> None:
    issued(*(guardian_of(school, phone=f"+791234567{n:02}") for n in range(12)))
    start = Barrier(4)

    def work(_number: int) -> list[int]:
        with app.app_context():
            start.wait()
            return [row.delivery_id for row in iter(lambda: claim(datetime.now(UTC)), None)]

    with ThreadPoolExecutor(4) as pool:
        rows = [row for rows in pool.map(work, range(4)) for row in rows]
    assert sorted(rows) == sorted(db.session.scalars(select(Delivery.id)))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_row_that_is_being_taken_is_passed_over_without_waiting(app: Flask, school: School) -> None:
    issued(*(guardian_of(school, phone=f"+7912345678{n}") for n in range(2)))
    with policy.system() as first, policy.system() as second:
        held = first.scalars(select(Delivery).order_by(Delivery.due_at, Delivery.id).limit(1).with_for_update()).one()
        second.execute(text("SET LOCAL lock_timeout = '2s'"))
        other = outbox.claim(second, datetime.now(UTC), TIMING, ASKED)
        assert other is not None
        assert other.delivery_id != held.id


def test_no_connection_is_held_while_a_provider_is_called(app: Flask, now: datetime) -> None:
    held = []

    class Carrier:
        def send(self, message: Message) -> str:
            held.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
            return message.attempt_id

    Worker({SMS: Carrier()}, texts.compose, per_second=0, stop=Event()).run(once=True)
    assert held == [0]
    assert the_delivery().state == DeliveryState.SENT


def test_the_row_of_a_dead_worker_is_asked_for_and_sent_again_if_unknown(now: datetime) -> None:
    dead = taken(now)
    later = now + timedelta(seconds=61)
    question = taken(later)
    assert (question.step, question.attempt_id) == (Step.ASK, dead.attempt_id)
    assert the_delivery().state == DeliveryState.UNKNOWN
    with policy.system() as session:
        outbox.record_never_taken(session, question, later)
    again = taken(later)
    assert (again.step, again.attempts, again.attempt_id != dead.attempt_id) == (Step.SEND, 2, True)


def test_the_mail_of_a_dead_worker_goes_again_under_the_same_attempt(app: Flask, school: School) -> None:
    issued(guardian_of(school, email="anna@mail.example"))
    now = datetime.now(UTC)
    first, second = taken(now), taken(now + timedelta(seconds=61))
    assert (second.step, second.attempt_id) == (Step.SEND, first.attempt_id)


def test_a_mail_that_kills_every_worker_is_given_up(app: Flask, school: School) -> None:
    issued(guardian_of(school, email="anna@mail.example"))
    now = datetime.now(UTC)
    for attempt in range(MAX_ATTEMPTS):
        taken(now + timedelta(seconds=61 * attempt))
    assert claim(now + timedelta(hours=1)) is None
    delivery = the_delivery()
    assert (delivery.state, delivery.error) == (DeliveryState.UNKNOWN, "unanswered")
    assert delivery.settled_at is not None


def test_a_callback_that_was_faster_is_not_undone(now: datetime) -> None:
    row = taken(now)
    with policy.system() as session:
        assert outbox.note_callback(session, row.attempt_id, DeliveryState.DELIVERED, "SM1", "", now)
    with policy.system() as session:
        outbox.record_sent(session, row, "SM1", now)
    with policy.system() as session:
        outbox.record_failure(session, row, TransportError(Reason.UNANSWERED, unanswered=True), now, TIMING)
    assert the_delivery().state == DeliveryState.DELIVERED


def test_a_worker_thought_dead_does_not_overwrite_its_successor(now: datetime) -> None:
    slow = taken(now)
    later = now + timedelta(seconds=61)
    with policy.system() as session:
        outbox.record_never_taken(session, taken(later), later)
    successor = taken(later)
    with policy.system() as session:
        outbox.record_failure(session, slow, TransportError(Reason.NUMBER_INVALID, permanent=True), later, TIMING)
    assert (the_delivery().state, the_delivery().attempt_id) == (DeliveryState.SENDING, successor.attempt_id)


def test_a_message_of_a_clock_that_was_ahead_does_not_wait_for_tomorrow(now: datetime) -> None:
    yesterday = now - timedelta(days=1)  # what the clock says since it was set right
    row = taken(yesterday)
    assert row.step is Step.SEND
    with policy.system() as session:
        outbox.record_failure(session, row, TransportError(Reason.SERVICE_DOWN), yesterday, TIMING)
    assert claim(yesterday) is None  # what was put off since then waits as always
    assert taken(yesterday + timedelta(minutes=1)).attempts == 2


def test_an_outcome_is_written_however_long_the_database_is_away(
    app: Flask, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as nobody else takes the message: otherwise a mail would go twice."""
    monkeypatch.setattr(worker.time, "sleep", lambda _seconds: None)
    tries: list[int] = []

    def write(*_arguments: object) -> None:
        tries.append(1)
        if len(tries) <= 3 * worker.TRIES_TO_RECORD:
            raise OperationalError("", {}, Exception())

    Worker({}, texts.compose, per_second=0, stop=Event())._record(write, taken(now))
    assert len(tries) == 3 * worker.TRIES_TO_RECORD + 1
    tries.clear()
    stopped = Event()
    stopped.set()
    Worker({}, texts.compose, per_second=0, stop=stopped)._record(write, taken(now + timedelta(hours=1)))
    assert len(tries) == worker.TRIES_TO_RECORD


def test_a_lasting_trouble_ends_in_failure(now: datetime) -> None:
    for attempt in range(MAX_ATTEMPTS):
        row = taken(now + timedelta(hours=2 * attempt))
        with policy.system() as session:
            moment = now + timedelta(hours=2 * attempt)
            outbox.record_failure(session, row, TransportError(Reason.SERVICE_DOWN), moment, TIMING)
    assert (the_delivery().state, the_delivery().error) == (DeliveryState.FAILED, "service_down")


@given(st.integers(1, 40), st.floats(0, 1))
def test_waiting_grows_to_an_hour_and_is_spread(attempts: int, draw: float) -> None:
    longest = min(3600, 30 * 2 ** (attempts - 1))
    assert longest / 2 <= outbox.delay(attempts, draw) <= longest
    assert longest / 2 <= outbox.delay(attempts) <= longest


def test_the_progress_of_a_batch(app: Flask, school: School) -> None:
    people = [guardian_of(school, phone=f"+7912345678{n}") for n in range(3)]
    batch = issued(*people, guardian_of(school))
    with policy.system() as session:
        row = outbox.claim(session, datetime.now(UTC), TIMING, ASKED)
        assert row is not None
        outbox.record_failure(
            session, row, TransportError(Reason.OPTED_OUT, permanent=True, code=21610), datetime.now(UTC), TIMING
        )
    progress = outbox.progress(db.session(), batch)
    assert (progress.total, progress.open, progress.is_finished) == (4, 2, False)
    assert progress.states == {DeliveryState.QUEUED: 2, DeliveryState.SENT: 1, DeliveryState.FAILED: 1}
    assert progress.errors == {"opted_out:21610": 1}


def test_the_queue_is_in_the_health_page(app: Flask, now: datetime) -> None:
    delivery = the_delivery()
    delivery.due_at = now - timedelta(minutes=5)
    db.session.commit()
    health = app.test_client().get("/healthz").json
    assert health is not None
    assert health["queue"]["length"] == 1
    assert 300 <= health["queue"]["oldest_due_seconds"] < 400


def test_reasons_are_said_in_words() -> None:
    assert words("") == ""
    assert words("provider_refused:30034") == "The SMS service refused the message. (code 30034)"
    assert words("something older") == "something older"
