"""The pulse of the message workers: each writes down now and then that it is at work, on whatever host."""

from __future__ import annotations

import os
import socket
import time
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select, update

from app import policy
from app.models import WorkerPulse

EVERY = 30.0  # seconds
SILENT = timedelta(minutes=3)
"""After this long without a beat a worker is taken for dead; a message in hand takes half a minute at most."""
FORGOTTEN = timedelta(days=1)


def host() -> str:
    """What this host calls itself."""
    return socket.gethostname()[:60]


class Pulse:
    """The pulse of this process."""

    def __init__(self) -> None:
        self.started_at: datetime | None = None
        self.next_at = 0.0

    def beat(self, now: datetime) -> None:
        """Write the moment down, each half minute, and forget workers that have ended."""
        if time.monotonic() < self.next_at:
            return
        self.next_at = time.monotonic() + EVERY
        self.started_at = self.started_at or now
        name = f"{host()}:{os.getpid()}"
        with policy.system() as session:
            mine = update(WorkerPulse).where(WorkerPulse.name == name).values(seen_at=now, started_at=self.started_at)
            if not session.execute(mine).rowcount:  # type: ignore[attr-defined]
                session.add(WorkerPulse(name=name, started_at=self.started_at, seen_at=now))
            session.execute(delete(WorkerPulse).where(WorkerPulse.seen_at < now - FORGOTTEN))
            session.commit()


def hosts(connection: Connection, now: datetime) -> set[str]:
    """The names of the hosts whose workers are at work, as each host calls itself."""
    pulse = WorkerPulse.__table__.c
    names = connection.scalars(select(pulse.name).where(pulse.seen_at > now - SILENT))
    return {name.rpartition(":")[0] for name in names}


def latest(connection: Connection) -> datetime | None:
    """When a worker was last at work; None when none ever was, or not within a day."""
    moment: datetime | None = connection.scalar(select(func.max(WorkerPulse.__table__.c.seen_at)))
    return moment
