"""The clock jumps a day ahead and back, under teachers who type and a worker that sends."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.credentials.issue import issue
from app.extensions import db
from app.models import User
from app.models.access import DeliveryState
from tests.at_length import FULL
from tests.faults.conftest import Tell
from tests.faults.kit import Typing, Web, journals, wait_for
from tests.faults.workers import Workers, states, unsettled
from tests.mail_server import MailServer
from tests.twilio_server import TwilioServer

DAY = 24 * 3600
CLOCK = Path(__file__).parent / "wrong_clock"


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"] if FULL else ["sqlite"], indirect=True)
def test_a_clock_that_jumps_a_day_ahead_and_back(app: Flask, tmp_path: Path, tell: Tell) -> None:
    """Messages are queued by a clock a day ahead of the worker's: they do not wait for tomorrow."""
    held = journals(2)
    people = [User(family_name="Петрова", given_name="Анна", phone=f"+7912345000{n}") for n in range(8)]
    db.session.add_all(people)
    db.session.commit()
    off = tmp_path / "off"
    off.write_text("0")
    wrong = {"PYTHONPATH": str(CLOCK), "WRONG_CLOCK": str(off)}
    longest, jumps = 0.0, (1, 0, -1, 0)
    with (
        Web(app.config["SQLALCHEMY_DATABASE_URI"], tmp_path, wrong) as web,
        TwilioServer() as sms,
        MailServer() as mail,
        Workers(app, sms, mail, tmp_path, number=1, settings=wrong | {"HURRY": "1"}),
        Typing(web.address, held) as typing,
    ):
        typing.go_on(time.monotonic())
        for number, days in enumerate(jumps):
            off.write_text(str(days * DAY))
            moved = time.monotonic()
            issue(db.session(), people[2 * number : 2 * number + 2], None, datetime.now(UTC) + timedelta(days + 1))
            db.session.commit()
            longest = max(longest, typing.go_on(moved, times=2))
            wait_for(lambda: unsettled() == 0)
        found = typing.found()
    # Each jump signs them out: a sign-in of tomorrow does not count, and one of yesterday has been idle too long.
    assert {typist.sign_ins for typist in typing.typists} == {1 + len(jumps)}
    assert states() == {DeliveryState.SENT}
    assert sms.times_received() == {person.phone: 1 for person in people}
    assert (found["lost"], found["doubled"]) == (0, 0)
    tell("the clock jumps by a day, teachers typing", tried=len(jumps), recovery=longest, **found)
    tell("the clock jumps by a day, messages flowing", tried=len(jumps), acknowledged=len(people))
