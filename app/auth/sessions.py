"""Signed-in browsers: one row each, so that ending the row ends every copy of the cookie."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, Select, bindparam, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import policy
from app.auth.signed_in_person import SignedIn
from app.extensions import in_a_hurry
from app.models import Account, SecondFactor, UserSession
from app.policy import Actor
from app.policy.scopes import table_of, user

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


@dataclass(frozen=True)
class Visit:
    """When a request came, on which day of the school, and from where."""

    now: datetime
    today: date
    address: str


def _look_up() -> Select[Any]:
    """Columns of SignedIn without the token, then what the person is besides staff and deputy director."""
    begun, account, factor = table_of(UserSession), table_of(Account), table_of(SecondFactor)
    today: Any = bindparam("today", type_=Date)
    is_deputy_director, is_staff, *further = policy.facts(begun.c.user_id, today)
    found = begun.join(user, user.c.id == begun.c.user_id)
    found = found.outerjoin(account, account.c.user_id == begun.c.user_id)
    return (
        select(
            begun.c.id, begun.c.user_id, user.c.family_name, user.c.given_name, user.c.patronymic,
            is_staff, is_deputy_director, account.c.login, account.c.locale, begun.c.created_at, begun.c.last_seen_at,
            factor.c.confirmed_at.is_not(None), *further,
        )
        .select_from(found.outerjoin(factor, factor.c.user_id == begun.c.user_id))
        .where(begun.c.token_hash == bindparam("token_hash"), begun.c.ended_at.is_(None), user.c.is_active)
    )  # fmt: skip


_LOOK_UP = _look_up()


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


def look_up(session: Session, token: str, limits: Limits, visit: Visit) -> tuple[SignedIn, Actor] | None:
    """Who is signed in with the token, and what they are today, in one statement; None if ended, expired, unknown or
    switched off."""
    row = session.connection().execute(_LOOK_UP, {"token_hash": token_hash(token), "today": visit.today}).first()
    if row is None:
        return None
    known, further = row[:-4], row[-4:]
    person = SignedIn(*known, token)  # type: ignore[call-arg]  # as many as _look_up selects
    is_what = (person.is_deputy_director, person.is_staff, *further)
    actor = Actor(person.user_id, visit.today, visit.now, visit.address, *is_what)
    alive = limits.hold(person.created_at, person.last_seen_at, staff=person.works_here, now=visit.now)
    return (person, actor) if alive else None


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
