"""Who can sign in to a demo school, and how a database is known to be one.

Every password hash of the demo carries one salt that no other installation has: salts are random
elsewhere. So the database itself says that it is a demo, without a table for it.
"""

from __future__ import annotations

import base64
from random import Random

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Account

DEPUTY, CLASS_TEACHER, TEACHER, GUARDIAN, STUDENT = SIGN_INS = (
    "deputy", "classteacher", "teacher", "guardian", "student",
)  # fmt: skip
"""Logins of the demo; the password is the same word."""

_SALT = b"demo of a school"
# The parameters of app.auth.passwords: other ones would be hashed anew, with another salt, at the first sign-in.
_HASHER = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)


def demo_hash(password: str) -> str:
    """The hash of a password of the demo; the same every time."""
    return _HASHER.hash(password, salt=_SALT)


def hash_of_nobody(random: Random) -> str:
    """A hash that no password fits, for people of the demo who only look as if they had signed in."""
    return demo_hash("")[:-43] + base64.b64encode(random.randbytes(32)).decode().rstrip("=")


def is_demo(session: Session) -> bool:
    """Whether the database holds a demo school. ``session`` is one of ``policy.system()``."""
    salt = base64.b64encode(_SALT).decode().rstrip("=")
    marked = select(Account.id).where(Account.password_hash.like(f"$argon2id$%${salt}$%")).limit(1)
    return session.scalar(marked) is not None
