"""What must not come back with a backup: messages that waited go to nobody a second time, sign-ins end."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from app.delivery.outbox import OPEN
from app.delivery.reasons import Reason
from app.models import AuditRecord, BackupRun, Delivery, Happening, Notification, UserSession
from app.models.access import DeliveryState
from app.policy.scopes import table_of


class Settled(NamedTuple):
    """How many messages were cancelled, how many notices that were not written yet were dropped, sign-ins ended."""

    messages: int
    notices: int
    sign_ins: int


def settle(connection: Connection, now: datetime) -> Settled:
    """Cancel what waited when the backup was made, and end the sign-ins that were open then."""
    delivery, session = table_of(Delivery), table_of(UserSession)
    cancelled = {"state": DeliveryState.CANCELLED, "error": Reason.RESTORED.value, "settled_at": now}
    messages = connection.execute(update(delivery).where(delivery.c.state.in_(OPEN)).values(cancelled)).rowcount
    notification = table_of(Notification)
    notices = connection.execute(delete(notification).where(notification.c.delivery_id.is_(None))).rowcount
    notices += connection.execute(delete(table_of(Happening))).rowcount
    ended = update(session).where(session.c.ended_at.is_(None)).values(ended_at=now)
    return Settled(messages, notices, connection.execute(ended).rowcount)


def note(connection: Connection, file: str, size: int, digest: str, now: datetime) -> None:
    """Write down, in the list of backups and in the audit, that this one was restored."""
    runs = table_of(BackupRun)
    slot = f"restored {now:%Y-%m-%dT%H:%M:%S.%f}"
    row = {"slot": slot, "started_at": now, "finished_at": now, "file": file, "size": size, "digest": digest}
    connection.execute(insert(runs).values(row))
    number = connection.scalar(select(func.max(runs.c.id)))
    connection.execute(
        insert(table_of(AuditRecord)).values(
            at=now, action="create", model=BackupRun.__name__, object_id=number, summary=f"restored {file}",
            source="cli", changes={"file": [None, file], "digest": [None, digest]},
        )
    )  # fmt: skip
