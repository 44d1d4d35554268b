"""The quiet hours that a member of staff has chosen, else those of the school."""

from __future__ import annotations

from datetime import time

from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import policy
from app.models import QuietHours
from app.notifications.quiet import Hours, UsualHours
from app.people.refusal import Refusal

NO_TIME = lazy_gettext("Enter a time like 20:00. Nothing was saved.")


def of(session: Session, usual: UsualHours) -> Hours:
    """Those of the session's person."""
    return _own(session) or usual


def keep(session: Session, starts_at: str, ends_at: str, *, weekends: bool) -> None:
    """Write them as they stand in the form. Raises Refusal for what is no time. The caller commits."""
    first, last = _time(starts_at, "starts_at"), _time(ends_at, "ends_at")
    row = _own(session)
    if row is None:
        row = QuietHours(user_id=policy.actor_of(session).user_id)
        session.add(row)
    row.starts_at, row.ends_at, row.weekends = first, last, weekends
    session.flush()


def _own(session: Session) -> QuietHours | None:
    mine = select(QuietHours).where(QuietHours.user_id == policy.actor_of(session).user_id)
    return session.scalars(mine).one_or_none()


def _time(text: str, field: str) -> time:
    try:
        return time.fromisoformat(text.strip()).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise Refusal(NO_TIME, field) from None
