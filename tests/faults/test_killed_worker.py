"""Workers that are killed at any moment lose no message, and repeat at most one mail for each death."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from flask import Flask

from app.extensions import db
from app.models import User
from app.models.access import DeliveryState
from tests.at_length import BOTH, FULL
from tests.faults.conftest import Tell
from tests.faults.kit import wait_for
from tests.faults.workers import Workers, states, unsettled
from tests.mail_server import MailServer
from tests.post import issued
from tests.twilio_server import TwilioServer

KILLS, EACH, LATENCY = (50, 200, 0.12) if FULL else (4, 20, 0.12)


@pytest.mark.parametrize("database_url", BOTH if FULL else ["postgresql"], indirect=True)
def test_killed_workers_lose_nothing_and_repeat_at_most_one_mail_each(app: Flask, tmp_path: Path, tell: Tell) -> None:
    phones = [{"phone": f"+7912345{n:04}"} for n in range(EACH)]
    mails = [{"email": f"parent{n}@mail.example"} for n in range(EACH)]
    contacts = [contact for pair in zip(phones, mails, strict=True) for contact in pair]
    people = [User(family_name="Петрова", given_name="Анна", **contact) for contact in contacts]
    db.session.add_all(people)
    db.session.commit()
    issued(*people)
    with TwilioServer(LATENCY) as sms, MailServer(LATENCY) as mail, Workers(app, sms, mail, tmp_path) as workers:
        for _kill in range(KILLS):
            seen = len(sms.messages) + len(mail.mails)
            some = random.randint(1, 5)
            wait_for(lambda: len(sms.messages) + len(mail.mails) >= seen + some or unsettled() == 0)  # noqa: B023
            time.sleep(random.uniform(0, 2 * LATENCY))
            workers.kill_one()
        wait_for(lambda: unsettled() == 0)
    assert workers.ends == [0, 0]  # a stop signal ends them cleanly
    assert states() == {DeliveryState.SENT}
    assert sms.times_received() == {contact["phone"]: 1 for contact in phones}
    received = mail.times_received()
    assert set(received) == {contact["email"] for contact in mails}
    repeated = received.total() - len(mails)
    assert repeated <= KILLS
    assert len({message["Message-ID"] for message in mail.mails}) == len(mails)
    tell("kill -9 of a message worker, SMS", tried=KILLS, acknowledged=len(phones))
    tell("kill -9 of a message worker, mail", tried=KILLS, acknowledged=len(mails), doubled=repeated,
         remark="the same mail under the same Message-ID: a mail server cannot be asked what it took")  # fmt: skip
