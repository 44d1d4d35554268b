"""How often sign-in may fail, counted in the sign_in table and so for all processes and hosts.

For one name: 5 failures in a row are free, then each further one costs a growing wait, up to 30 minutes;
a success, or a day without failures, clears it. For one address: a high limit within 15 minutes, of failures
only, because a whole school is one address. It holds for strangers there: who has signed in from the address
before, with whatever browser, is judged by the name's own limit, so that one pupil with a list of passwords does
not stop a school. A browser that has signed in to the account before is counted apart and does not mind its
address, so nobody locks a teacher out by typing wrong passwords. Activation codes have a limit of their own.

An attempt is written down as failed before the password is looked at: any number of guesses at once gets
no further than one after the other.
"""

from __future__ import annotations

import ipaddress
import math
from datetime import datetime, timedelta

from flask_babel import format_time, ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import SignIn

FREE = 5
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 15, 30))
ACCOUNT_WINDOW = timedelta(days=1)
ADDRESS_WINDOW = timedelta(minutes=15)


class ThrottledError(Exception):
    """Too many failures; the next attempt is looked at from ``until`` on, in ``seconds``. Answered with 429."""

    def __init__(self, until: datetime, now: datetime) -> None:
        super().__init__(until)
        self.until = until
        self.seconds = max(1, math.ceil((until - now).total_seconds()))

    @property
    def message(self) -> str:
        """How long to wait, and until when, for the person who has to."""
        text: str = ngettext(
            "Too many failed attempts. Wait %(num)d minute and try again at %(time)s.",
            "Too many failed attempts. Wait %(num)d minutes and try again at %(time)s.",
            math.ceil(self.seconds / 60),
            time=format_time(self.until + timedelta(seconds=59), "short"),
        )
        return text


def network(address: str) -> str:
    """Who an address stands for: an IPv6 customer has a whole /64 to change addresses in."""
    try:
        if ipaddress.ip_address(address).version == 4:
            return address
        return str(ipaddress.ip_network(f"{address}/64", strict=False).network_address)
    except ValueError:
        return address[:45]


def check_address(
    session: Session, address: str, limit: int, now: datetime, *,
    only: str = "", but: str = "", user_id: int | None = None,
) -> None:  # fmt: skip
    """Raise ThrottledError when ``limit`` attempts from the address failed lately: all ``but`` those for one account
    hash, or ``only`` those. Not for the person ``user_id`` who has signed in from there before."""
    failed = select(SignIn.at).where(
        SignIn.address == network(address), SignIn.succeeded.is_(False), SignIn.at > now - ADDRESS_WINDOW,
        SignIn.account_hash == only if only else SignIn.account_hash != but,
    )  # fmt: skip
    decisive = session.scalar(failed.order_by(SignIn.at.desc()).offset(limit - 1).limit(1))
    if decisive is not None and not _was_let_in(session, user_id, address):
        raise ThrottledError(decisive + ADDRESS_WINDOW, now)


def _was_let_in(session: Session, user_id: int | None, address: str) -> bool:
    """Whether the person has signed in from the address, as far as sign-ins are kept."""
    let_in = select(SignIn.id).where(
        SignIn.user_id == user_id, SignIn.address == network(address), SignIn.succeeded.is_(True)
    )
    return user_id is not None and session.scalar(let_in.limit(1)) is not None


def check_account(session: Session, account_hash: str, now: datetime, *, but: int = 0) -> None:
    """Raise ThrottledError while the name has to wait for its last failures in a row.

    ``but`` is an attempt that does not count: the one whose second step this is.
    """
    _one_at_a_time(session, account_hash)
    latest = session.execute(
        select(SignIn.at, SignIn.succeeded)
        .where(SignIn.account_hash == account_hash, SignIn.at > now - ACCOUNT_WINDOW, SignIn.id != but)
        .order_by(SignIn.at.desc(), SignIn.id.desc())
        .limit(FREE + len(WAITS))
    ).all()
    failures = next((count for count, row in enumerate(latest) if row.succeeded), len(latest))
    if failures >= FREE:
        until = latest[0].at + WAITS[min(failures - FREE, len(WAITS) - 1)]
        if until > now:
            raise ThrottledError(until, now)


def note_failure(session: Session, account_hash: str, address: str, now: datetime, user_id: int | None = None) -> int:
    """Write an attempt down as failed; the id of its row."""
    attempt = SignIn(user_id=user_id, account_hash=account_hash, address=network(address), succeeded=False, at=now)
    session.add(attempt)
    session.flush()
    return attempt.id


def note_success(session: Session, attempt_id: int) -> None:
    """The attempt was right after all."""
    session.get_one(SignIn, attempt_id).succeeded = True


def _one_at_a_time(session: Session, account_hash: str) -> None:
    """Until the transaction ends nobody else counts for this name; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(int(account_hash[:15], 16))))
