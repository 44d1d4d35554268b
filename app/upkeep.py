"""What a running installation forgets: rows that protect or explain the last weeks only."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, or_
from sqlalchemy.orm import Session

from app.models import Delivery, EditReceipt, Happening, Notification, SignIn, UserSession

RECEIPTS = timedelta(60)  # a browser that comes back later is asked about what changed meanwhile, by the versions
SIGN_INS = timedelta(180)
NOTICES = timedelta(60)


def forget(session: Session, now: datetime, longest_sign_in: timedelta) -> None:
    """Delete old receipts of edits, attempts to sign in, sign-ins that have ended, notifications. Commits.

    ``session`` is one of ``policy.system()``; no sign-in lasts longer than ``longest_sign_in``.
    """
    session.execute(delete(EditReceipt).where(EditReceipt.at < now - RECEIPTS))
    session.execute(delete(SignIn).where(SignIn.at < now - SIGN_INS))
    ended = or_(UserSession.ended_at < now - SIGN_INS, UserSession.created_at < now - longest_sign_in - SIGN_INS)
    session.execute(delete(UserSession).where(ended))
    forget_notices(session, now)
    session.commit()


def forget_notices(session: Session, now: datetime) -> None:
    """Delete what told people of something long ago, and the messages that did; those with access stay."""
    session.execute(delete(Happening).where(Happening.at < now - NOTICES))
    session.execute(delete(Notification).where(Notification.created_at < now - NOTICES))
    notices = (Delivery.credential_id.is_(None), Delivery.created_at < now - NOTICES)
    untold = ~exists().where(Notification.delivery_id == Delivery.id)
    session.execute(delete(Delivery).where(*notices, untold))
