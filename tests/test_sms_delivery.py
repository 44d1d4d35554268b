"""Access by SMS, against a server that speaks Twilio's published interface."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.credentials import texts
from app.delivery import worker
from app.delivery.outbox import Timing
from app.delivery.reasons import words
from app.delivery.transports import twilio
from app.extensions import db
from app.models import Delivery, User
from app.models.access import DeliveryState
from tests.post import HURRY, PUBLIC, code_of, guardian_of, issued, make_due, send_due, the_delivery, use_twilio
from tests.school import School
from tests.twilio_server import SENDER, SERVICE, TwilioServer

PHONE = "+79123456789"
State = DeliveryState


@pytest.fixture
def server(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwilioServer]:
    monkeypatch.setattr(worker, "PAUSE", 0.05)
    with TwilioServer() as running:
        use_twilio(app, running)
        yield running
        assert running.complaints == []


@pytest.fixture
def guardian(server: TwilioServer, school: School) -> User:
    person = guardian_of(school, phone=PHONE)
    issued(person)
    return person


def test_the_guardian_gets_the_link(server: TwilioServer, guardian: User) -> None:
    send_due()
    (message,) = server.messages
    delivery = the_delivery()
    assert (message["to"], message["from"]) == (PHONE, SENDER)
    assert f"{PUBLIC}/a/{code_of(guardian)}" in message["body"]
    assert message["callback"] == f"{PUBLIC}/webhooks/twilio/status?attempt={delivery.attempt_id}"
    assert (delivery.state, delivery.provider_id, delivery.error) == (State.SENT, message["sid"], "")


def test_a_messaging_service_takes_the_place_of_the_number(app: Flask, server: TwilioServer, guardian: User) -> None:
    app.config["TWILIO_MESSAGING_SERVICE_SID"] = SERVICE
    send_due()
    assert (server.messages[0]["messaging_service_sid"], server.messages[0]["from"]) == (SERVICE, None)


REFUSALS = [
    (21211, "number_invalid", "Correct it"),
    (21614, "not_mobile", "Enter a mobile number"),
    (21610, "opted_out", "refused SMS"),
    (21408, "region", "Allow the country"),
    (20003, "sms_account", "Check the account"),
    (21617, "too_long", "Shorten"),
    (20404, "sms_account", "Check the account"),
]


def test_a_final_refusal_stops_at_once_and_says_what_to_do(server: TwilioServer, school: School) -> None:
    issued(*(guardian_of(school, phone=f"+7912345670{n}") for n in range(len(REFUSALS))))
    server.answers = [code for code, _reason, _advice in REFUSALS]
    send_due()
    send_due(HURRY)
    deliveries = db.session.scalars(select(Delivery).order_by(Delivery.id)).all()
    for delivery, (code, reason, advice) in zip(deliveries, REFUSALS, strict=True):
        assert (delivery.state, delivery.error, delivery.attempts) == (State.FAILED, f"{reason}:{code}", 1)
        assert advice in words(delivery.error)
        assert delivery.settled_at is not None
    assert server.messages == []


TROUBLES: list[tuple[int | str, str]] = [
    (20429, "rate_limited"),
    ("429", "rate_limited"),
    ("500", "service_down"),
    ("503", "service_down"),
]


def test_a_passing_trouble_is_waited_for(server: TwilioServer, guardian: User) -> None:
    for answer, reason in TROUBLES:
        server.answers = [answer]
        send_due()
        delivery = the_delivery()
        assert (delivery.state, delivery.error) == (State.QUEUED, reason)
        assert delivery.due_at > datetime.now(UTC) + timedelta(seconds=5)
        make_due(delivery)
    send_due()
    assert (the_delivery().state, the_delivery().attempts, len(server.messages)) == (State.SENT, 5, 1)


def test_twilio_says_for_how_long_it_wants_to_be_left_alone(server: TwilioServer, guardian: User) -> None:
    server.answers, server.retry_after = ["429"], "900"
    send_due()
    assert the_delivery().due_at > datetime.now(UTC) + timedelta(seconds=890)


def test_a_server_that_is_not_there_is_tried_again(app: Flask, server: TwilioServer, guardian: User) -> None:
    app.config["TWILIO_API_URL"] = "http://127.0.0.1:9"
    send_due()
    assert (the_delivery().state, the_delivery().error) == (State.QUEUED, "service_down")


@pytest.mark.parametrize("answer", ["silent", "slow", "504"])
def test_without_an_answer_twilio_is_asked_before_anything_is_sent_again(
    server: TwilioServer, guardian: User, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio, "READ_TIMEOUT", 0.3)
    server.answers = [answer]
    send_due(Timing(callback=60))
    assert (the_delivery().state, the_delivery().error) == (State.UNKNOWN, "unanswered")
    make_due(the_delivery())
    send_due()
    assert the_delivery().state == State.SENT
    assert the_delivery().provider_id == server.messages[0]["sid"]
    assert server.times_received() == {PHONE: 1}


def test_what_twilio_never_took_is_sent_again(server: TwilioServer, guardian: User) -> None:
    server.answers = ["deaf"]
    send_due(HURRY)
    delivery = the_delivery()
    assert (delivery.state, delivery.attempts, delivery.error) == (State.SENT, 2, "")
    assert server.times_received() == {PHONE: 1}


def test_while_twilio_cannot_be_asked_nothing_is_sent_again(server: TwilioServer, guardian: User) -> None:
    server.answers, server.list_answers = ["silent"], ["401", "503"]
    send_due(Timing(callback=0))
    for state in (State.UNKNOWN, State.UNKNOWN, State.SENT):
        assert the_delivery().state in {State.UNKNOWN, state}
        make_due(the_delivery())
        send_due()
    assert the_delivery().state == State.SENT
    assert server.times_received() == {PHONE: 1}


def test_an_older_message_to_the_same_number_is_not_taken_for_this_one(
    app: Flask, server: TwilioServer, guardian: User, school: School
) -> None:
    send_due()
    issued(guardian)
    server.answers = ["deaf"]
    send_due(HURRY)
    assert server.times_received() == {PHONE: 2}
    assert f"/a/{code_of(guardian)}" in server.messages[-1]["body"]


def test_replaced_access_is_not_sent(server: TwilioServer, guardian: User) -> None:
    issued(guardian)
    send_due()
    first, second = db.session.query(Delivery).order_by(Delivery.id)
    assert (first.state, first.error, second.state) == (State.CANCELLED, "revoked", State.SENT)
    assert len(server.messages) == 1


def test_expired_access_is_not_sent(server: TwilioServer, guardian: User) -> None:
    the_delivery().credential.expires_at = datetime.now(UTC)
    send_due()
    assert (the_delivery().state, the_delivery().error) == (State.CANCELLED, "expired")
    assert server.messages == []


def test_the_log_holds_no_number_name_or_code(
    server: TwilioServer, guardian: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.NOTSET)
    code = code_of(guardian)
    server.answers = ["500", "silent"]
    for _ in range(4):
        send_due(HURRY)
        make_due(the_delivery())
    assert len(server.messages) == 1
    assert f"delivery {the_delivery().id}: sent" in caplog.text
    for secret in (code, PHONE[1:], guardian.family_name, "Semenova"):
        assert secret not in caplog.text


def test_a_demo_shows_the_text_on_demand(app: Flask, guardian: User) -> None:
    text = texts.render(db.session(), the_delivery(), app.config["SECRET_KEY"])
    assert f"{PUBLIC}/a/{code_of(guardian)}" in text
