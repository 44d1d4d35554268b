"""SQLite reads only so many subqueries inside each other: no right is written deeper than it takes, with room left."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import Select, select

from app import policy
from app.extensions import db
from app.models import User
from app.policy import GRANTS, Action
from app.policy.scopes import table_of

ROOM = 2  # subqueries that a statement may put around a criterion


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_right_can_be_asked_of_sqlite_by_somebody_with_every_role(app: Flask) -> None:
    somebody = policy.Actor(1, date(2026, 10, 1), datetime(2026, 10, 1, tzinfo=UTC), "", *[True] * 6)
    user = table_of(User)
    for model in GRANTS:
        table = table_of(model)
        for action in (Action.SEE, Action.CREATE, Action.CHANGE, Action.DELETE):
            rows = policy.criterion(somebody, model, action, row=table.c)
            asked: Select[tuple[int]] = select(table.c.id).where(rows)
            for _ in range(ROOM):
                asked = select(user.c.id).where(user.c.id.in_(asked))
            db.session.connection().execute(asked).all()
