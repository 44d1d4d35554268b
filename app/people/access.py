"""How far a person has come with their access, in one word."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from flask_babel import lazy_gettext

from app.models import User
from app.models.columns import Titled


class AccessState(Titled):
    """From nothing issued to a person who comes in."""

    OFF = "off", lazy_gettext("switched off")
    VISITS = "visits", lazy_gettext("signs in")
    READY = "ready", lazy_gettext("has a password, never signed in")
    OPENED = "opened", lazy_gettext("opened the link, set no password")
    ISSUED = "issued", lazy_gettext("issued, not opened")
    EXPIRED = "expired", lazy_gettext("the code has expired")
    NONE = "none", lazy_gettext("not issued")


def access_states(people: Iterable[User], now: datetime) -> dict[int, AccessState]:
    """The state of each person by id; ``account`` and ``newest_credential`` are to be loaded."""
    return {person.id: _state(person, now) for person in people}


def _state(person: User, now: datetime) -> AccessState:
    account, credential = person.account, person.newest_credential
    if not person.is_active:
        return AccessState.OFF
    if account is not None and account.password_hash is not None:
        return AccessState.VISITS if account.last_seen_at is not None else AccessState.READY
    if credential is None or credential.revoked_at is not None or credential.activated_at is not None:
        return AccessState.NONE
    if credential.expires_at <= now:
        return AccessState.EXPIRED
    return AccessState.OPENED if credential.opened_at is not None else AccessState.ISSUED
