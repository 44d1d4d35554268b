"""Somebody can always give access: the last deputy director stays able to sign in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import models
from app.policy.touched import changed_columns
from app.regulation.tables import (
    account,
    user,
)


def touches_access(session: Session) -> bool:
    """Whether the flush writes what lets somebody in."""
    written: Iterable[Any] = [*session.dirty, *session.deleted]
    access = {"is_deputy_director", "is_active", "password_hash"}
    return any(
        isinstance(row, models.User | models.Account) and (row in session.deleted or changed_columns(row) & access)
        for row in written
    )


def deputy_can_sign_in(session: Session) -> bool:
    """Whether a deputy director can; locks their rows, so that two who end each other's access take turns."""
    usable = (
        select(user.c.id)
        .join(account, account.c.user_id == user.c.id)
        .where(user.c.is_deputy_director, user.c.is_active, account.c.password_hash.is_not(None))
        .order_by(user.c.id)
        .with_for_update()
    )
    return session.connection().execute(usable).first() is not None
