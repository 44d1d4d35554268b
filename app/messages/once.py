"""A form that is sent twice, by a double tap, a reload or a bad network, writes once.

Each form carries a key made with it; the receipt is kept under the key and what was typed, so that the same form with
another text is another message.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import policy
from app.models import EditReceipt


def new_key() -> str:
    """A key for a new form."""
    return secrets.token_urlsafe(12)


def receipt_key(key: str, *typed: object) -> str:
    """Under what the receipt of a form is kept."""
    return "message " + hashlib.sha256(repr((key, typed)).encode("utf-8", "replace")).hexdigest()[:40]


def written_before(session: Session, kept: str) -> int | None:
    """The thread that the same form has written in, None when it comes for the first time."""
    actor = policy.actor_of(session)
    result = session.scalar(
        select(EditReceipt.result).where(EditReceipt.user_id == actor.user_id, EditReceipt.key == kept)
    )
    return result["thread"] if result is not None else None


def remember(session: Session, kept: str, thread_id: int, now: datetime) -> None:
    """Keep the receipt in the transaction of the message; the database refuses a second one of the same key."""
    actor = policy.actor_of(session)
    session.add(EditReceipt(user_id=actor.user_id, key=kept, at=now, result={"thread": thread_id}))
    session.flush()
