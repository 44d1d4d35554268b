"""The person of a request: plain values, no database row, so that nothing is loaded by looking at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in, and with which session; Flask-Login's ``current_user``."""

    session_id: int
    user_id: int
    family_name: str
    given_name: str
    patronymic: str
    is_staff: bool
    is_deputy_director: bool
    login: str | None
    locale: str | None
    created_at: datetime
    last_seen_at: datetime
    has_second_factor: bool
    token: str = field(repr=False)

    is_authenticated = True
    is_active = True
    is_anonymous = False

    @property
    def full_name(self) -> str:
        """«Семёнов Пётр Ильич»."""
        return " ".join(part for part in (self.family_name, self.given_name, self.patronymic) if part)

    @property
    def short_name(self) -> str:
        """«Пётр Ильич»."""
        return " ".join(part for part in (self.given_name, self.patronymic) if part)

    @property
    def works_here(self) -> bool:
        """Whether the person is staff of the school."""
        return self.is_staff or self.is_deputy_director

    def get_id(self) -> str:
        """What the session cookie holds: the token, never the number of the user."""
        return self.token
