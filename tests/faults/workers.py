"""Message workers in processes of their own, which can be killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from app import policy
from app.models import Delivery
from app.models.access import DeliveryState
from tests.mail_server import MailServer
from tests.post import PUBLIC
from tests.twilio_server import ACCOUNT, SENDER, TOKEN, TwilioServer

ROOT = Path(__file__).resolve().parent.parent.parent


class Workers:
    """``number`` worker processes; a killed one is replaced."""

    def __init__(
        self, app: Flask, sms: TwilioServer, mail: MailServer, folder: Path, number: int = 2,
        settings: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.environment = os.environ | {
            "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"], "SECRET_KEY": app.config["SECRET_KEY"],
            "PUBLIC_URL": PUBLIC, "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_FROM": SENDER,
            "TWILIO_API_URL": sms.url, "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(mail.port), **(settings or {}),
        }  # fmt: skip
        self.command, self.number = [sys.executable, "-m", "tests.run_worker", str(folder)], number

    def __enter__(self) -> Workers:
        self.nest = subprocess.Popen(
            self.command, cwd=ROOT, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.running = [self._ask("start") for _ in range(self.number)]
        return self

    def _ask(self, what: str) -> int:
        assert self.nest.stdin is not None
        assert self.nest.stdout is not None
        self.nest.stdin.write(what + "\n")
        self.nest.stdin.flush()
        return int(self.nest.stdout.readline())

    def kill_one(self) -> None:
        """kill -9 of one of them; another takes its place."""
        number = random.randrange(self.number)
        os.kill(self.running[number], signal.SIGKILL)
        assert self._ask(f"end {self.running[number]}") == -signal.SIGKILL
        self.running[number] = self._ask("start")

    def __exit__(self, *_: object) -> None:
        for process in self.running:
            os.kill(process, signal.SIGTERM)
        self.ends = [self._ask(f"end {process}") for process in self.running]
        self.nest.communicate()


def unsettled() -> int:
    """How many messages are still on their way."""
    with policy.system() as session:
        return session.scalar(select(func.count(Delivery.id)).where(Delivery.settled_at.is_(None))) or 0


def states() -> set[DeliveryState]:
    """In which states messages are."""
    with policy.system() as session:
        return set(session.scalars(select(Delivery.state)))
