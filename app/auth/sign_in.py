"""Signing in with a name and a password: looked up, throttled, checked, recorded.

The password is checked between two short transactions, never inside one: a hash takes a while and SQLite
has one writer.
"""

from __future__ import annotations

from flask import current_app
from sqlalchemy import select

from app import audit, policy
from app.auth import entry, names, passwords, throttle
from app.auth.entry import Entered, Pending, Visit
from app.models import Account


def attempt(name: str, password: str, visit: Visit) -> Entered | Pending | None:
    """Sign in, or on to the second factor; None for whatever is wrong, and nobody learns what.

    Raises ThrottledError, for names that exist and that do not alike.
    """
    person, attempt_id = _look_up(name, visit)
    stored = person.password_hash if person else None
    if not passwords.verified(stored, password) or stored is None or person is None or not person.is_active:
        return None
    fresh = passwords.hashed(password) if passwords.outdated(stored) else None
    with policy.system() as session:
        audit.on_behalf_of(session, person.user_id)
        let = entry.let_in(session, person.user_id, person.is_staff, attempt_id, fresh or stored, visit)
        if fresh:  # the same password under today's parameters
            session.scalars(select(Account).where(Account.user_id == person.user_id)).one().password_hash = fresh
        session.commit()
    return let


def _look_up(name: str, visit: Visit) -> tuple[names.Person | None, int]:
    """Whose name it is, and the attempt written down as failed."""
    config = current_app.config
    with policy.system() as session:
        person = names.find(session, name)
        user_id = person.user_id if person else None
        known = person is not None and visit.browser.knows(person.user_id)
        parts = (names.normal(name), visit.browser.id) if known else (names.normal(name),)
        account_hash = names.fingerprint(config["SECRET_KEY"], *parts)
        if not known:
            limit = config["SIGN_IN_FAILURES_PER_ADDRESS"]
            codes = names.of_codes(config["SECRET_KEY"])
            throttle.check_address(session, visit.address, limit, visit.now, but=codes, user_id=user_id)
        throttle.check_account(session, account_hash, visit.now)
        attempt_id = throttle.note_failure(session, account_hash, visit.address, visit.now, user_id)
        session.commit()
    return person, attempt_id
