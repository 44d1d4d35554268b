"""How the backups of an installation stand: what the deputy director has to know of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import demo, policy
from app.extensions import begin_reading
from app.models import BackupRun, User

LATE = timedelta(hours=26)  # a day, and what the worker takes to come to it


class Worry(NamedTuple):
    """The last backup that was made, None for never, and why the last try failed (empty when it did not)."""

    last_at: datetime | None
    error: str


def worry(session: Session, now: datetime, hours: str) -> Worry | None:
    """What is wrong with the scheduled backups; None when all is well, or none are wanted, or the school is a demo."""
    if not hours.strip():
        return None
    made = (BackupRun.finished_at.is_not(None), BackupRun.error == "", ~BackupRun.slot.startswith("restored"))
    last_made = select(func.max(BackupRun.finished_at)).where(*made).scalar_subquery()
    begun = select(BackupRun.error, last_made).order_by(BackupRun.started_at.desc()).limit(1)
    error, last_at = session.execute(begun).first() or ("", None)
    if error:
        return Worry(last_at, error)
    if last_at is not None:
        return Worry(last_at, "") if last_at < now - LATE else None
    return None if _is_new_or_demo(now) else Worry(None, "")


def _is_new_or_demo(now: datetime) -> bool:
    """Nobody expects a backup yet."""
    with policy.system() as session:
        begin_reading(session)
        is_old = select(User.id).where(User.created_at < now - LATE).limit(1)
        return demo.is_demo(session) or session.scalar(is_old) is None
