"""Workers that are killed at any moment lose no message, and repeat at most one mail for each death."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from app import policy
from app.extensions import db
from app.models import Delivery, User
from app.models.access import DeliveryState
from tests.mail_server import MailServer
from tests.post import PUBLIC, issued
from tests.twilio_server import ACCOUNT, SENDER, TOKEN, TwilioServer

ROOT = Path(__file__).parent.parent
KILLS, LATENCY = 6, 0.12


class Workers:
    """Two worker processes; a killed one is replaced."""

    def __init__(self, app: Flask, sms: TwilioServer, mail: MailServer, folder: Path) -> None:
        self.environment = os.environ | {
            "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"], "SECRET_KEY": app.config["SECRET_KEY"],
            "PUBLIC_URL": PUBLIC, "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_FROM": SENDER,
            "TWILIO_API_URL": sms.url, "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(mail.port),
        }  # fmt: skip
        self.command = [sys.executable, "-m", "tests.run_worker", str(folder)]

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self.command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE)

    def __enter__(self) -> Workers:
        self.running = [self._start(), self._start()]
        return self

    def kill_one(self) -> None:
        number = random.randrange(2)
        self.running[number].kill()
        self.running[number].communicate()
        self.running[number] = self._start()

    def __exit__(self, *_: object) -> None:
        for process in self.running:
            assert process.stdout is not None
            process.stdout.readline()  # it has taken charge of the signal
            process.terminate()
        self.ends = [process.wait(30) for process in self.running]


def wait_for(condition: Callable[[], bool]) -> None:
    """Give up after two minutes: then a message is stuck."""
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "the workers do not get on"
        time.sleep(0.02)


def unsettled() -> int:
    with policy.system() as session:
        return session.scalar(select(func.count(Delivery.id)).where(Delivery.settled_at.is_(None))) or 0


def test_killed_workers_lose_nothing_and_repeat_at_most_one_each(app: Flask, tmp_path: Path) -> None:
    phones = [{"phone": f"+791234567{n:02}"} for n in range(30)]
    mails = [{"email": f"parent{n}@mail.example"} for n in range(30)]
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
    assert set(db.session.scalars(select(Delivery.state))) == {DeliveryState.SENT}
    assert sms.times_received() == {contact["phone"]: 1 for contact in phones}
    received = mail.times_received()
    assert set(received) == {contact["email"] for contact in mails}
    assert received.total() - len(mails) <= KILLS
    assert len({message["Message-ID"] for message in mail.mails}) == len(mails)
