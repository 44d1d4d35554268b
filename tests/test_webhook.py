"""Twilio's status callbacks: only signed ones count, in any order and number."""

from __future__ import annotations

from itertools import permutations

import pytest
from flask import Flask
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from app.extensions import db
from app.models.access import DeliveryState
from tests.post import PUBLIC, guardian_of, issued, the_delivery
from tests.school import School
from tests.twilio_server import TOKEN

ATTEMPT, SID = "8b0a5a5e-0000-4000-8000-000000000001", "SM" + "0c" * 16
State = DeliveryState


@pytest.fixture
def delivery(app: Flask, school: School) -> None:
    app.config.update(TWILIO_AUTH_TOKEN=TOKEN, PUBLIC_URL=PUBLIC)
    issued(guardian_of(school, phone="+79123456789"))
    row = the_delivery()
    row.state, row.attempt_id = State.SENDING, ATTEMPT
    db.session.commit()


def call(app: Flask, status: str, attempt: str = ATTEMPT, token: str = TOKEN, **more: str) -> TestResponse:
    form = {"MessageSid": SID, "MessageStatus": status, "To": "+79123456789"} | more
    path = f"/webhooks/twilio/status?attempt={attempt}"
    signature = RequestValidator(token).compute_signature(PUBLIC + path, form)
    return app.test_client().post(path, data=form, headers={"X-Twilio-Signature": signature})


STATUSES = {
    "queued": State.SENT, "sent": State.SENT, "delivered": State.DELIVERED, "read": State.DELIVERED,
    "undelivered": State.FAILED, "failed": State.FAILED, "unheard of": State.SENDING,
}  # fmt: skip


def set_back() -> None:
    row = the_delivery()
    row.state, row.error, row.provider_id = State.SENDING, "", None
    db.session.commit()


@pytest.mark.usefixtures("delivery")
def test_a_status_moves_the_delivery(app: Flask) -> None:
    for status, state in STATUSES.items():
        assert call(app, status).status_code == 204
        assert the_delivery().state == state
        assert (the_delivery().provider_id == SID) == (state is not State.SENDING)
        set_back()


@pytest.mark.usefixtures("delivery")
def test_a_failure_says_why(app: Flask) -> None:
    call(app, "undelivered", ErrorCode="30006")
    assert the_delivery().error == "not_mobile:30006"


@pytest.mark.usefixtures("delivery")
def test_late_and_repeated_calls_change_nothing(app: Flask) -> None:
    for order in permutations(["sent", "delivered", "failed"]):
        set_back()
        for status in (*order, *order):
            assert call(app, status).status_code == 204
        assert (the_delivery().state, the_delivery().error) == (State.DELIVERED, ""), order


@pytest.mark.usefixtures("delivery")
def test_a_false_or_missing_signature_is_refused(app: Flask) -> None:
    assert call(app, "delivered", token="other").status_code == 403
    assert app.test_client().post(f"/webhooks/twilio/status?attempt={ATTEMPT}").status_code == 403
    assert the_delivery().state == State.SENDING


@pytest.mark.usefixtures("delivery")
def test_without_a_key_nobody_can_sign(app: Flask) -> None:
    app.config["TWILIO_AUTH_TOKEN"] = ""
    assert call(app, "delivered", token="").status_code == 403


@pytest.mark.usefixtures("delivery")
def test_an_unknown_attempt_has_no_effect(app: Flask) -> None:
    for attempt in ("8b0a5a5e-0000-4000-8000-000000000002", "", "x" * 500):
        assert call(app, "delivered", attempt=attempt).status_code == 204
        assert the_delivery().state == State.SENDING


@pytest.mark.usefixtures("delivery")
def test_strange_values_do_no_harm(app: Flask) -> None:
    assert call(app, "failed", ErrorCode="9" * 400, MessageSid="'; --").status_code == 204
    assert (the_delivery().state, the_delivery().provider_id) == (State.FAILED, None)
