"""What a running installation forgets: rows that protect or explain the last weeks only."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_
from sqlalchemy.orm import Session

from app.models import EditReceipt, SignIn, UserSession

RECEIPTS = timedelta(60)  # a browser that comes back later is asked about what changed meanwhile, by the versions
SIGN_INS = timedelta(180)


def forget(session: Session, now: datetime, longest_sign_in: timedelta) -> None:
    """Delete old receipts of edits, attempts to sign in, and sign-ins that have ended. Commits.

    ``session`` is one of ``policy.system()``; no sign-in lasts longer than ``longest_sign_in``.
    """
    session.execute(delete(EditReceipt).where(EditReceipt.at < now - RECEIPTS))
    session.execute(delete(SignIn).where(SignIn.at < now - SIGN_INS))
    ended = or_(UserSession.ended_at < now - SIGN_INS, UserSession.created_at < now - longest_sign_in - SIGN_INS)
    session.execute(delete(UserSession).where(ended))
    session.commit()
