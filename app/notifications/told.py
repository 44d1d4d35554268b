"""The last messages that told a person of something, for that person."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import policy
from app.models import Delivery

SHOWN = 10


def last_messages(session: Session) -> list[Delivery]:
    """The newest first; those to the session's person."""
    own = (Delivery.user_id == policy.actor_of(session).user_id, Delivery.credential_id.is_(None))
    return list(session.scalars(select(Delivery).where(*own).order_by(Delivery.id.desc()).limit(SHOWN)))
