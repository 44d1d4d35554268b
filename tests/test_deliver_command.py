"""``flask deliver`` as an operator runs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

from flask import Flask

from app.credentials import texts
from app.delivery.worker import Worker, transports
from app.models.access import DeliveryState
from tests.post import guardian_of, issued, the_delivery, use_twilio
from tests.school import School
from tests.twilio_server import TwilioServer

ROOT = Path(__file__).parent.parent


def deliver(app: Flask, *options: str) -> subprocess.Popen[str]:
    names = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM", "TWILIO_API_URL", "PUBLIC_URL", "SECRET_KEY")
    environment = os.environ | {name: app.config[name] for name in names}
    environment["DATABASE_URL"] = app.config["SQLALCHEMY_DATABASE_URI"]
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "deliver", *options]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


def test_once_sends_what_is_due_and_ends(app: Flask, school: School) -> None:
    with TwilioServer() as server:
        use_twilio(app, server)
        issued(guardian_of(school, phone="+79123456789"))
        process = deliver(app, "--once")
        log = process.communicate(timeout=60)[1]
    assert process.returncode == 0
    assert the_delivery().state == DeliveryState.SENT
    assert f"delivery {the_delivery().id}: sent" in log
    assert "79123456789" not in log


def test_it_finishes_the_message_in_hand_when_told_to_stop(app: Flask, school: School) -> None:
    with TwilioServer(latency=0.5) as server:
        use_twilio(app, server)
        issued(guardian_of(school, phone="+79123456789"))
        process = deliver(app)
        while not server.messages:
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert the_delivery().state == DeliveryState.SENT


def test_the_rate_is_kept(app: Flask, school: School) -> None:
    issued(*(guardian_of(school, phone=f"+7912345678{n}") for n in range(4)))
    begun = time.monotonic()
    Worker(transports(app), texts.compose, per_second=20, stop=Event()).run(once=True)
    assert time.monotonic() - begun >= 3 / 20
