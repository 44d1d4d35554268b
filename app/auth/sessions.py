"""Signed-in browsers: one row each, so that ending the row ends every copy of the cookie."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import policy
from app.auth.signed_in_person import SignedIn
from app.extensions import in_a_hurry
from app.models import Account, SecondFactor, User, UserSession

SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class Limits:
    """How long a sign-in lasts unused, and at all."""

    staff_idle: timedelta
    idle: timedelta
    staff_longest: timedelta
    longest: timedelta

    def hold(self, created_at: datetime, last_seen_at: datetime, *, staff: bool, now: datetime) -> bool:
        """Whether a sign-in with these moments still counts."""
        idle, longest = (self.staff_idle, self.staff_longest) if staff else (self.idle, self.longest)
        return now - last_seen_at < idle and now - created_at < longest


def begin(session: Session, user_id: int, address: str, agent: str, now: datetime) -> str:
    """Write a sign-in; its token, of which only the hash is kept."""
    token = secrets.token_urlsafe(32)
    session.add(
        UserSession(
            user_id=user_id,
            token_hash=token_hash(token),
            address=address[:45],
            agent=agent[:200],
            created_at=now,
            last_seen_at=now,
        )
    )
    return token


def token_hash(token: str) -> str:
    """What is stored of a token, 64 hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def look_up(session: Session, token: str, limits: Limits, now: datetime) -> SignedIn | None:
    """Who is signed in with the token, in one statement; None if ended, expired, unknown or switched off."""
    row = session.execute(
        select(
            UserSession.id.label("session_id"),
            UserSession.created_at,
            UserSession.last_seen_at,
            UserSession.user_id,
            User.family_name,
            User.given_name,
            User.patronymic,
            User.is_staff,
            User.is_deputy_director,
            Account.login,
            Account.locale,
            SecondFactor.confirmed_at.is_not(None).label("has_second_factor"),
        )
        .join(User, User.id == UserSession.user_id)
        .outerjoin(Account, Account.user_id == User.id)
        .outerjoin(SecondFactor, SecondFactor.user_id == User.id)
        .where(UserSession.token_hash == token_hash(token), UserSession.ended_at.is_(None), User.is_active)
    ).first()
    if row is None:
        return None
    person = SignedIn(token=token, **row._mapping)
    alive = limits.hold(person.created_at, person.last_seen_at, staff=person.works_here, now=now)
    return person if alive else None


def touch(person: SignedIn, now: datetime) -> None:
    """Note that the person is here, at most every five minutes; given up at once when the database is busy."""
    if now - person.last_seen_at < SEEN_EVERY:
        return
    try:
        with policy.system() as session:
            with in_a_hurry(session):
                session.execute(update(UserSession).where(UserSession.id == person.session_id).values(last_seen_at=now))
                session.execute(update(Account).where(Account.user_id == person.user_id).values(last_seen_at=now))
            session.commit()
    except OperationalError:
        return  # The next request tries again.


def end(session: Session, user_id: int, now: datetime, *, only: int | None = None, but: int | None = None) -> int:
    """End the person's sign-ins: all, ``only`` one, or all ``but`` one (ids of sessions); how many ended."""
    query = select(UserSession).where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
    if only is not None:
        query = query.where(UserSession.id == only)
    if but is not None:
        query = query.where(UserSession.id != but)
    rows = session.scalars(query).all()
    for row in rows:
        row.ended_at = now
    return len(rows)
