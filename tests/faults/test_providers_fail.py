"""A mail server and Twilio on a bad day: slow, refusing, closing, hanging. Nothing is lost, no SMS comes twice."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app import policy
from app.delivery.reasons import Reason
from app.extensions import db
from app.models import Delivery, User
from app.models.access import DeliveryChannel, DeliveryState
from tests.at_length import FULL
from tests.faults.conftest import Tell
from tests.faults.kit import wait_for
from tests.faults.workers import Workers, unsettled
from tests.mail_server import MailServer
from tests.post import issued
from tests.twilio_server import TwilioServer

TIMES = 10 if FULL else 1
TWILIO: list[int | str] = [20429, "500", "503", "504", "silent", "deaf", "slow"]
MAIL = [
    "421 too many", "451 later", "data 451 later", "data 552 too much", "550 no such box", "silent", "slow", "deaf",
]  # fmt: skip
REFUSED = {"data 552 too much", "550 no such box"}
IN_DOUBT = {"silent", "slow"}


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"] if FULL else ["sqlite"], indirect=True)
def test_messages_survive_a_bad_day_of_the_providers(app: Flask, tmp_path: Path, tell: Tell) -> None:
    each = 4 + TIMES * max(len(MAIL), len(TWILIO))
    people = [User(family_name="Петрова", given_name="Анна", phone=f"+7912345{n:04}") for n in range(each)]
    people += [User(family_name="Петрова", given_name="Анна", email=f"parent{n}@mail.example") for n in range(each)]
    db.session.add_all(people)
    db.session.commit()
    issued(*people)
    with TwilioServer() as sms, MailServer() as mail:
        sms.answers, mail.answers, sms.retry_after = TWILIO * TIMES, MAIL * TIMES, "1"
        random.shuffle(sms.answers)
        random.shuffle(mail.answers)
        with Workers(app, sms, mail, tmp_path, settings={"HURRY": "1"}):
            wait_for(lambda: unsettled() == 0)
        assert (sms.answers, mail.answers) == ([], [])
    with policy.system() as session:
        rows = session.execute(select(Delivery.channel, Delivery.state, Delivery.error))
        ended = Counter((row.channel, row.state, row.error) for row in rows)
    refused, in_doubt = TIMES * len(REFUSED), TIMES * len(IN_DOUBT)
    assert ended.pop((DeliveryChannel.SMS, DeliveryState.SENT, "")) == each
    assert set(sms.times_received().values()) == {1}
    assert len(sms.messages) == each
    received = mail.times_received()
    failed = {reason for _channel, state, reason in ended if state is DeliveryState.FAILED}
    assert failed == {f"{Reason.ADDRESS_REFUSED.value}:550", f"{Reason.MAIL_REFUSED.value}:552"}
    # One that was taken without an answer can be refused when it goes again.
    assert each - refused <= len(received) <= each - refused + in_doubt
    assert received.total() - len(received) <= in_doubt
    assert len({message["Message-ID"] for message in mail.mails}) == len(received)
    waiting = ended.total() - ended[DeliveryChannel.EMAIL, DeliveryState.SENT, ""] - refused
    unanswered = (DeliveryChannel.EMAIL, DeliveryState.UNKNOWN, Reason.UNANSWERED.value)
    assert ended[unanswered] == waiting  # silent twice for the same mail: a person decides
    tell("Twilio: 429, 500, 503, 504, closing, hanging", tried=len(TWILIO) * TIMES, acknowledged=each)
    tell(
        "mail server: 421, 451, 550, 552, closing, hanging", tried=len(MAIL) * TIMES, acknowledged=len(received),
        doubled=received.total() - len(received),
        remark="no answer after the mail was handed over: it goes once more under the same Message-ID",
    )  # fmt: skip
