"""What people type to say who they are: a login, an e-mail address or a phone number."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.contacts import phone_number
from app.models import Account, User


@dataclass(frozen=True)
class Person:
    """Who a name belongs to, as much as a sign-in needs."""

    user_id: int
    is_active: bool
    is_staff: bool
    password_hash: str | None


def normal(typed: str) -> str:
    """One form for every way to write the same name: lower case, phones as E.164."""
    name = _stripped(typed).lower()
    return name if "@" in name else phone_number(name) or name


def fingerprint(secret_key: str, *parts: str) -> str:
    """What is kept of a name: 64 hexadecimal digits that do not give it away."""
    return hmac.new(secret_key.encode(), "\0".join(("sign-in", *parts)).encode(), hashlib.sha256).hexdigest()


def of_codes(secret_key: str) -> str:
    """What is kept in the place of a name for an activation code that was not right."""
    return fingerprint(secret_key, "code")


def find(session: Session, typed: str) -> Person | None:
    """Whose name it is. A login wins; an e-mail or phone that several people share is nobody's."""
    name, as_typed = normal(typed), _stripped(typed)
    rows = session.execute(
        select(Account.login, User.id, User.is_active, User.is_staff | User.is_deputy_director, Account.password_hash)
        .join(User, User.id == Account.user_id)
        .where(or_(Account.login.in_({as_typed, as_typed.lower()}), Account.email == name, Account.phone == name))
    ).all()
    if not name:
        return None
    by_login = [row for row in rows if row.login in (as_typed, as_typed.lower())]
    by_login.sort(key=lambda row: row.login != as_typed)
    if not by_login and len(rows) != 1:
        return None
    return Person(*(by_login or rows)[0][1:])


def _stripped(typed: str) -> str:
    """Without what nobody sees: space around it, and control characters, which PostgreSQL refuses."""
    text = unicodedata.normalize("NFC", typed)
    return "".join(letter for letter in text if unicodedata.category(letter) not in {"Cc", "Cs"}).strip()
