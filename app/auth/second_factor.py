"""The second factor: codes that an app on a telephone shows, and recovery codes for who has lost the telephone.

The codes are those of RFC 6238 with the values that every app knows: six digits of HMAC-SHA-1, a new one every
30 seconds. The secret behind them is derived from the installation's key and kept nowhere.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyotp
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.credentials.codes import ALPHABET, LENGTH, code_hash
from app.models import AuditRecord, RecoveryCode, SecondFactor, SignIn, UserSession

STEP = 30
"""Seconds that a code is shown for."""
DRIFT = 1
"""Steps by which the clock of a telephone may go before or after ours."""
RECOVERY_CODES = 10
LONGEST_TYPED = 64
LONGEST_ISSUER = 40
"""Letters of the school's name in the QR code: a longer one would make it too fine for a telephone."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Standing:
    """What a person is told of their own second factor; ``left`` counts the recovery codes that are unused."""

    confirmed_at: datetime | None
    left: int


def secret(secret_key: str, factor: SecondFactor) -> str:
    """The shared secret, 160 bits in Base32: another one for each version, and for each factor that ever was.

    The moment of creation is part of it: SQLite gives the number of a deleted row to the next one.
    """
    created = (factor.created_at - _EPOCH) // timedelta(microseconds=1)
    told = f"second factor:{factor.user_id}:{factor.id}:{factor.version}:{created}"
    return base64.b32encode(hmac.digest(secret_key.encode(), told.encode(), "sha256")[:20]).decode()


def address(shared: str, person: str, school: str) -> str:
    """What the QR code says to the app: otpauth://totp/…, with the names it shows beside the code."""
    issuer = " ".join(school.replace(":", " ").split())[:LONGEST_ISSUER]
    return pyotp.TOTP(shared, interval=STEP).provisioning_uri(name=person, issuer_name=issuer)


def step_of(shared: str, typed: str, now: datetime, last_step: int | None) -> int | None:
    """The time step of the code that was typed; None for a wrong one, and for one that is not newer than the last."""
    digits = "".join(letter for letter in typed if letter not in " -\u00a0")
    present = int(now.timestamp()) // STEP
    codes, found = pyotp.TOTP(shared, interval=STEP), None
    for step in range(present - DRIFT, present + DRIFT + 1):  # all of them, however early one fits
        if hmac.compare_digest(codes.generate_otp(step).encode(), digits.encode()):
            found = step
    return found if found is not None and (last_step is None or found > last_step) else None


def of(session: Session, user_id: int, *, to_change: bool = False) -> SecondFactor | None:
    """The person's factor, confirmed or not; ``to_change``: as it stands once nobody else is changing it."""
    query = select(SecondFactor).where(SecondFactor.user_id == user_id)
    if to_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def is_on(session: Session, user_id: int) -> bool:
    """Whether the person is asked for a code."""
    factor = of(session, user_id)
    return factor is not None and factor.confirmed_at is not None


def standing(session: Session, user_id: int) -> Standing:
    """Since when it is on, and how many recovery codes are left."""
    factor = of(session, user_id)
    unused = select(func.count(RecoveryCode.id)).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return Standing(factor.confirmed_at if factor else None, session.scalar(unused) or 0)


def begin(session: Session, user_id: int, now: datetime) -> bool:
    """Give the person a new secret to set up; False when the factor is on already. The caller commits.

    A secret that was shown and not confirmed is good no longer: somebody else may have seen it.
    """
    factor = of(session, user_id, to_change=True)
    if factor is None:
        session.add(SecondFactor(user_id=user_id, created_at=now))
    elif factor.confirmed_at is not None:
        return False
    else:
        factor.version += 1
    session.flush()
    return True


def confirm(session: Session, user_id: int, typed: str, secret_key: str, now: datetime) -> list[str] | None:
    """Switch the factor on if the code is right; the recovery codes to show, or None. The caller commits."""
    factor = of(session, user_id, to_change=True)
    if factor is None or factor.confirmed_at is not None:
        return None
    step = step_of(secret(secret_key, factor), typed, now, factor.last_step)
    if step is None:
        return None
    factor.confirmed_at, factor.last_step = now, step
    return renew_recovery_codes(session, user_id)


def accept(session: Session, user_id: int, typed: str, secret_key: str, now: datetime) -> bool:
    """Whether the code is right, of the app or a recovery code; either is taken once. The caller commits.

    Of any number that come at once with the same code one is let through: each waits for the factor's row.
    """
    factor = of(session, user_id, to_change=True)
    if factor is None or factor.confirmed_at is None or len(typed) > LONGEST_TYPED:
        return False
    step = step_of(secret(secret_key, factor), typed, now, factor.last_step)
    if step is not None:
        factor.last_step = step
        session.flush()
        return True
    unused = select(RecoveryCode).where(
        RecoveryCode.user_id == user_id, RecoveryCode.code_hash == code_hash(typed), RecoveryCode.used_at.is_(None)
    )
    code = session.scalars(unused.execution_options(populate_existing=True)).one_or_none()
    if code is None:
        return False
    code.used_at = now
    session.flush()
    return True


def renew_recovery_codes(session: Session, user_id: int) -> list[str]:
    """Put new recovery codes in the place of all earlier ones; as they are to be shown, once. The caller commits."""
    _forget_recovery_codes(session, user_id)
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(user_id=user_id, code_hash=code_hash(code)) for code in codes)
    session.flush()
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def remove(session: Session, user_id: int) -> bool:
    """Switch the factor off; False when there is none. The caller commits."""
    factor = of(session, user_id, to_change=True)
    if factor is None:
        return False
    session.delete(factor)
    _forget_recovery_codes(session, user_id)
    return True


def reset(session: Session, user_id: int, now: datetime) -> bool:
    """Take the factor off for somebody who has lost it, and sign them out; False without one. The caller commits.

    The person is told at the next sign-in, see ``reset_unknown_to``.
    """
    if not remove(session, user_id):
        return False
    for browser in session.scalars(
        select(UserSession).where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
    ):
        browser.ended_at = now
    session.flush()
    return True


def reset_unknown_to(session: Session, user_id: int) -> datetime | None:
    """When somebody else took the person's factor off since the person was last let in; None if nobody did.

    ``session`` is one of ``policy.system()``.
    """
    last = session.scalar(select(func.max(SignIn.at)).where(SignIn.user_id == user_id, SignIn.succeeded))
    taken_off = select(AuditRecord).where(AuditRecord.model == SecondFactor.__name__, AuditRecord.action == "delete")
    if last is not None:
        taken_off = taken_off.where(AuditRecord.at > last)
    records: Sequence[AuditRecord] = session.scalars(taken_off.order_by(AuditRecord.id)).all()
    mine = [
        record.at
        for record in records
        if record.changes.get("user_id", [None])[0] == user_id and record.actor_id != user_id
    ]
    return mine[-1] if mine else None


def _forget_recovery_codes(session: Session, user_id: int) -> None:
    for code in session.scalars(select(RecoveryCode).where(RecoveryCode.user_id == user_id)):
        session.delete(code)
    session.flush()
