"""From a right password into the journal: at once, or after a code of the second factor.

In between there is no session. The browser holds the number of the attempt, which is written down as failed until
the code is right; so whoever stops here is counted and shown among the sign-ins like somebody with a wrong password.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, policy
from app.auth import names, second_factor, sessions, throttle
from app.auth.browsers import Browser
from app.extensions import begin_writing
from app.models import Account, SignIn, User, UserSession

LASTS = timedelta(minutes=5)


@dataclass(frozen=True)
class Visit:
    """Where and when somebody tries: the browser, the address and the moment."""

    browser: Browser
    address: str
    agent: str
    now: datetime


@dataclass(frozen=True)
class Entered:
    """A sign-in that succeeded; ``reset_at`` is when the school took the second factor off, until the person knows."""

    user_id: int
    is_staff: bool
    token: str
    reset_at: datetime | None = None


@dataclass(frozen=True)
class Pending:
    """The password was right, a code is to follow: the attempt's row and a fingerprint of the password's hash."""

    attempt_id: int
    password: str


class LapsedError(Exception):
    """The first step is too long ago, was used, or is worth nothing any more: the person begins anew."""


def let_in(
    session: Session, user_id: int, is_staff: bool, attempt_id: int, stored: str, visit: Visit
) -> Entered | Pending:
    """The password, whose hash is ``stored``, was right: in, or on to the second factor. The caller commits."""
    if second_factor.is_on(session, user_id):
        return Pending(attempt_id, _fingerprint(stored))
    reset_at = second_factor.reset_unknown_to(session, user_id)
    throttle.note_success(session, attempt_id)
    token = sessions.begin(session, user_id, visit.address, visit.agent, visit.now)
    return Entered(user_id, is_staff, token, reset_at)


def finish(pending: Pending, typed: str, visit: Visit) -> Entered | None:
    """Sign in with the code; None when it is wrong, old, or was used.

    Raises LapsedError, and ThrottledError: codes are counted together with passwords.
    """
    with policy.system() as session:
        begin_writing(session)
        row = session.get(SignIn, pending.attempt_id)
        if row is None or row.user_id is None:
            raise LapsedError
        if not visit.browser.knows(row.user_id):
            limit = current_app.config["SIGN_IN_FAILURES_PER_ADDRESS"]
            codes = names.of_codes(current_app.config["SECRET_KEY"])
            throttle.check_address(session, visit.address, limit, visit.now, but=codes, user_id=row.user_id)
        throttle.check_account(session, row.account_hash, visit.now, but=row.id)
        attempt, user = _still_good(session, pending, visit.now)
        audit.on_behalf_of(session, user.id)
        if not second_factor.accept(session, user.id, typed, current_app.config["SECRET_KEY"], visit.now):
            throttle.note_failure(session, attempt.account_hash, visit.address, visit.now, user.id)
            session.commit()
            return None
        attempt.succeeded, attempt.at = True, visit.now  # the latest of its name: clears what failed before
        token = sessions.begin(session, user.id, visit.address, visit.agent, visit.now)
        entered = Entered(user.id, user.is_staff or user.is_deputy_director, token)
        session.commit()
    return entered


def _still_good(session: Session, pending: Pending, now: datetime) -> tuple[SignIn, User]:
    """The attempt as it stands now that nobody else counts for its name, and whose it is. Raises LapsedError.

    Whatever ends sign-ins of the person ends this one too: a new password, «Sign out everywhere», access taken back.
    """
    attempt = session.get(SignIn, pending.attempt_id, populate_existing=True, with_for_update=True)
    if attempt is None or attempt.user_id is None or attempt.succeeded or now - attempt.at >= LASTS:
        raise LapsedError
    user = session.get_one(User, attempt.user_id)
    stored = session.scalars(select(Account.password_hash).where(Account.user_id == user.id)).one_or_none()
    ended = select(UserSession.id).where(UserSession.user_id == user.id, UserSession.ended_at > attempt.at).limit(1)
    is_same = stored is not None and _fingerprint(stored) == pending.password
    if not user.is_active or not is_same or session.scalar(ended) is not None:
        raise LapsedError
    if not second_factor.is_on(session, user.id):
        raise LapsedError
    return attempt, user


def _fingerprint(stored: str) -> str:
    return names.fingerprint(current_app.config["SECRET_KEY"], "password", stored)
