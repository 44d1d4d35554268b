"""A telephone with an app for codes, and a clock that stands until it is moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from flask import current_app

from app import policy
from app.auth import second_factor
from app.models import User
from tests.school_panel import NOW


@dataclass
class Clock:
    """What time it is; ``app.clock.now`` in these tests."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def go(self, seconds: int) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)


@dataclass
class Telephone:
    """Shows the codes of one key."""

    key: str
    clock: Clock

    def code(self, steps: int = 0) -> str:
        """What it shows now, or so many half minutes later."""
        return pyotp.TOTP(self.key.replace(" ", "")).at(self.clock.at + timedelta(seconds=30 * steps))


def set_up(user: User, clock: Clock) -> tuple[Telephone, list[str]]:
    """Give the person a second factor: the telephone, which has shown its first code, and the recovery codes."""
    with policy.system() as session:
        second_factor.begin(session, user.id, clock.at)
        factor = second_factor.of(session, user.id)
        assert factor is not None
        secret_key = current_app.config["SECRET_KEY"]
        telephone = Telephone(second_factor.secret(secret_key, factor), clock)
        codes = second_factor.confirm(session, user.id, telephone.code(), secret_key, clock.at)
        session.commit()
    assert codes is not None
    clock.go(second_factor.STEP)
    return telephone, codes
