"""Finding and spending an activation code: throttled by address, read again before it is spent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import policy
from app.auth import entry, names, throttle
from app.auth.entry import Entered, Pending, Visit
from app.credentials import activation
from app.extensions import begin_writing
from app.models import Account, Credential, Guardianship

MOST_TYPED = 64


@dataclass(frozen=True)
class Invited:
    """Whom a code is for, as much as the page may tell, and what a password must not be made of."""

    short_name: str
    is_staff: bool
    is_guardian: bool
    personal: tuple[str | None, ...]


def look(code: str, visit: Visit) -> Invited | None:
    """Whom the code is for; None when it is unknown, used, replaced or expired, which counts as a failure.

    Spends nothing: only the first opening is noted. Raises ThrottledError.
    """
    with policy.system() as session:
        begin_writing(session)
        credential = _find(session, code, visit)
        if credential is None:
            return None
        invited = _invited(session, credential)
        activation.open_(session, credential, visit.now)
        return invited


def activate(code: str, password_hash: Callable[[], str], visit: Visit) -> Entered | Pending | None:
    """Spend the code, set the password and sign in; None when the code is no longer good.

    New access takes no second factor off: who has one is asked for it.

    ``password_hash`` is called while no transaction is open. Raises ThrottledError.
    """
    stored = password_hash()
    with policy.system() as session:
        credential = _find(session, code, visit)
        if credential is None or not activation.activate(session, credential, stored, visit.now):
            return None
        user = credential.user
        is_staff = user.is_staff or user.is_deputy_director
        note = throttle.note_failure(session, _account_hash(f"activated {user.id}"), visit.address, visit.now, user.id)
        let = entry.let_in(session, user.id, is_staff, note, stored, visit)
        session.commit()
        return let


def _find(session: Session, code: str, visit: Visit) -> Credential | None:
    limit, codes = current_app.config["SIGN_IN_FAILURES_PER_ADDRESS"], names.of_codes(current_app.config["SECRET_KEY"])
    throttle.check_address(session, visit.address, limit, visit.now, only=codes)
    credential = activation.find(session, code, visit.now) if len(code) <= MOST_TYPED else None
    if credential is None:
        throttle.note_failure(session, codes, visit.address, visit.now)
        session.commit()
    return credential


def _invited(session: Session, credential: Credential) -> Invited:
    user = credential.user
    account = session.scalars(select(Account).where(Account.user_id == user.id)).one_or_none()
    guards = session.scalars(select(Guardianship.id).where(Guardianship.user_id == user.id).limit(1)).first()
    contacts = (account.login, account.email, account.phone) if account else ()
    return Invited(
        short_name=" ".join(part for part in (user.given_name, user.patronymic) if part),
        is_staff=user.is_staff or user.is_deputy_director,
        is_guardian=guards is not None,
        personal=(user.family_name, user.given_name, user.patronymic, *contacts, current_app.config["SCHOOL_NAME"]),
    )


def _account_hash(name: str) -> str:
    return names.fingerprint(current_app.config["SECRET_KEY"], name)
