"""A code is used: found, opened, and spent by exactly one of those who come with it.

All three need a session of ``policy.system()``: whoever comes with a code is not signed in yet.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from app import audit
from app.credentials.codes import code_hash
from app.credentials.logins import new_login
from app.models import Account, Credential, User, UserSession


def _usable(now: datetime) -> ColumnElement[bool]:
    return and_(
        Credential.activated_at.is_(None),
        Credential.revoked_at.is_(None),
        Credential.expires_at > now,
        Credential.user_id.in_(select(User.id).where(User.is_active)),
    )


def find(session: Session, code: str, now: datetime) -> Credential | None:
    """The credential behind a code as somebody typed it; None when it is unknown, used, replaced or expired."""
    return session.scalars(
        select(Credential).where(Credential.code_hash == code_hash(code), _usable(now))
    ).one_or_none()


def open_(session: Session, credential: Credential, now: datetime) -> None:
    """Note that the link was opened for the first time, which spends nothing; commits.

    The commit before the change ends the read: SQLite cannot turn a read into a write after somebody
    else has written.
    """
    credential_id = credential.id
    session.commit()
    first = update(Credential).where(Credential.id == credential_id, Credential.opened_at.is_(None))
    opened = session.execute(first.values(opened_at=now).execution_options(synchronize_session=False))
    if opened.rowcount == 1:  # type: ignore[attr-defined]
        audit.add(session, "change", credential, {"opened_at": None}, {"opened_at": now})
    session.commit()


def activate(session: Session, credential: Credential, password_hash: str, now: datetime) -> bool:
    """Spend the code and let the person in with ``password_hash``; the caller commits, or rolls back on False.

    False when somebody was faster, or the code has lapsed meanwhile. The condition stands in the UPDATE
    itself, so of any number at once the database lets one through. Sessions from before are ended; a
    person without a login gets one (``Account.login``).
    """
    user_id = credential.user_id
    spend = update(Credential).where(Credential.id == credential.id, _usable(now)).values(activated_at=now)
    spent = session.execute(spend.execution_options(synchronize_session=False))
    if spent.rowcount != 1:  # type: ignore[attr-defined]
        return False
    audit.on_behalf_of(session, user_id)
    session.refresh(credential)
    audit.add(session, "change", credential, {"activated_at": None}, {"activated_at": now})
    user = session.get_one(User, user_id)
    account = session.scalars(
        select(Account).where(Account.user_id == user_id).execution_options(populate_existing=True)
    ).one_or_none()
    if account is None:
        account = Account(user_id=user_id)
        session.add(account)
    account.password_hash = password_hash
    account.login = account.login or new_login(session, user)
    for before in session.scalars(
        select(UserSession).where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
    ):
        before.ended_at = now
    session.flush()
    return True
