"""A name to sign in with, made from a person's name: semenova.a42."""

from __future__ import annotations

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Account, User

_LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y - e iu ia".replace("-", "").split(" "),
        strict=True,
    )
)


def latin(name: str) -> str:
    """Small Latin letters for a name, as in Russian passports (ICAO 9303); other signs are left out."""
    letters = "".join(_LATIN.get(letter, letter) for letter in name.casefold())
    return "".join(letter for letter in letters if "a" <= letter <= "z")


def new_login(session: Session, user: User) -> str:
    """Family name, initial and the person's number; with more digits where somebody has chosen just that."""
    name = ".".join(part for part in (latin(user.family_name)[:40], latin(user.given_name)[:1]) if part) or "user"
    login = f"{name}{user.id}"
    while session.scalars(select(Account.id).where(Account.login == login)).first() is not None:
        login = f"{name}{user.id}{secrets.randbelow(9000) + 1000}"
    return login
