"""/metrics counts over all processes, tells nobody else, and is not there unless asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from app import create_app, signals
from app.delivery.pulse import Pulse
from app.extensions import db
from app.models import SignIn
from tests.visitor import Visitor

OTHER = {"REMOTE_ADDR": "192.0.2.1"}


@pytest.fixture
def counted(app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """A second application on the same database, which counts."""
    settings = {
        "SQLALCHEMY_DATABASE_URI": app.config["SQLALCHEMY_DATABASE_URI"], "TESTING": True, "LOCALE": "en",
        "SECRET_KEY": "test key", "METRICS_TOKEN": "the token",
    }  # fmt: skip
    application = create_app(settings, instance=tmp_path / "counted")
    application.test_client_class = Visitor
    yield application
    for signal in (signals.edits_answered, signals.delivery_recorded):
        signal.receivers.clear()
    with application.app_context():
        db.engine.dispose()


def value(page: str, name: str) -> float:
    """The number behind ``name``; 0 when nothing was counted yet."""
    return next((float(line.split()[-1]) for line in page.splitlines() if line.startswith(name)), 0)


def test_it_is_off_unless_asked_for(app: Flask) -> None:
    assert app.test_client().get("/metrics").status_code == 404
    assert not signals.edits_answered.receivers


def test_it_counts_what_happens_and_asks_the_database(counted: Flask) -> None:
    visitor = counted.test_client()
    asked = 'journal_http_requests_total{endpoint="sign_in.sign_in",method="GET",status="200"}'
    saved = 'journal_edits_total{outcome="saved"}'
    sent = 'journal_deliveries_total{channel="sms",outcome="sent"}'
    before = visitor.get("/metrics").text
    visitor.get("/login")
    visitor.get("/login")
    signals.edits_answered.send(results=[{"status": "saved"}, {"status": "conflict"}])
    signals.delivery_recorded.send(channel="sms", outcome="record_sent")
    Pulse().beat(datetime.now(UTC))
    db.session.add(SignIn(account_hash="0" * 64, address="::1", succeeded=False))
    db.session.commit()
    after = visitor.get("/metrics").text
    assert value(after, asked) - value(before, asked) == 2
    assert value(after, saved) - value(before, saved) == 1
    assert value(after, sent) - value(before, sent) == 1
    assert value(after, "journal_http_in_flight") == 1  # the one that asks
    assert value(after, 'journal_http_request_seconds_count{endpoint="sign_in.sign_in"}') >= 2
    assert value(after, "journal_sign_in_failures_15m") == 1
    assert value(after, "journal_worker_seen_timestamp_seconds ") == pytest.approx(
        datetime.now(UTC).timestamp(), abs=600
    )
    assert value(after, "journal_queue_messages ") == 0


def test_it_is_for_this_machine_and_for_who_has_the_token(counted: Flask) -> None:
    visitor = counted.test_client()
    assert visitor.get("/metrics", environ_overrides=OTHER).status_code == 404
    given = {"Authorization": "Bearer the token"}
    assert visitor.get("/metrics", environ_overrides=OTHER, headers=given).status_code == 200
