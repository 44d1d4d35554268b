"""That whoever sits at the screen is the person it is signed in for: the password again, counted like a sign-in.

Somebody at an unattended screen must not guess it.
"""

from __future__ import annotations

from flask import current_app
from sqlalchemy import select

from app import policy
from app.auth import names, passwords, signed_in, throttle
from app.extensions import db
from app.models import Account


def begin(user_id: int) -> int:
    """Write an attempt down as failed; its number. Raises ThrottledError. No transaction may be open."""
    account_hash = names.fingerprint(current_app.config["SECRET_KEY"], "own", str(user_id))
    with policy.system() as session:
        throttle.check_account(session, account_hash, signed_in.now())
        attempt_id = throttle.note_failure(session, account_hash, signed_in.address(), signed_in.now())
        session.commit()
    return attempt_id


def succeed(attempt_id: int) -> None:
    """Everything about the attempt was right. No transaction may be open."""
    with policy.system() as session:
        throttle.note_success(session, attempt_id)
        session.commit()


def password_is_right(user_id: int, password: str) -> bool:
    """Whether it is the person's password; ends the transaction first, a hash takes a while."""
    stored = db.session.scalars(select(Account.password_hash).where(Account.user_id == user_id)).one_or_none()
    db.session.commit()
    return passwords.verified(stored, password)
