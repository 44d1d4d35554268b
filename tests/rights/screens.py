"""The panel as one person sees it: what a page gives away, and what changed in the database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin_views.base import SchoolModelView
from app.extensions import Base, db
from tests.rights.table import Rights
from tests.rights.words import forbidden, text_of
from tests.rights.world import World

UNTOLD = {("account", "last_seen_at"), ("user_session", "last_seen_at")}  # a visit is no change of a row
VISITS = {"news_reading", "data_access"}  # nor is that a news item was opened, or somebody's data


class Screens:
    """The panel as one person sees it, with a count of what was looked at and what leaked."""

    def __init__(self, app: Flask, world: World, who: str) -> None:
        self.app, self.world, self.who = app, world, who
        rights = Rights(world)
        models = [mapper.class_ for mapper in Base.registry.mappers]
        rows = {model: list(db.session.scalars(select(model))) for model in models}
        self.words = forbidden(rights, who, [row for some in rows.values() for row in some])
        self.ids = {model: [row.id for row in some] for model, some in rows.items()}
        self.seen = {model: {row.id for row in some if rights.sees(who, row)} for model, some in rows.items()}
        self.changes = {model: {row.id for row in some if rights.changes(who, row)} for model, some in rows.items()}
        self.deletes = {model: {row.id for row in some if rights.deletes(who, row)} for model, some in rows.items()}
        self.user_id = world.users[who].id
        db.session.commit()
        db.session.expunge_all()
        self.client: FlaskClient = app.test_client()
        self.cells, self.leaks = 0, list[str]()

    def views(self) -> list[SchoolModelView]:
        """Every model view of the panel."""
        return [view for view in self.app.extensions["admin"][0]._views if isinstance(view, SchoolModelView)]

    def some_words(self, most: int = 6) -> list[str]:
        """Some of the forbidden words, of every kind."""
        words = sorted(self.words)
        return words[:: max(1, len(words) // most)]

    def get(self, path: str, typed: str = "") -> Any:
        """Open a page; what was ``typed`` may stand in it again."""
        answer = self.client.get(path)
        self.check(path, answer, typed)
        return answer

    def check(self, path: str, answer: Any, typed: str = "") -> None:
        """Note what the answer gives away, and that it is no mistake of ours."""
        self.cells += 1
        if answer.status_code >= 500:
            self.leaks.append(f"{self.who} {path}: {answer.status_code}")
        text = text_of(answer)
        for word in self.words:
            if word in text and word not in typed:
                self.leaks.append(f"{self.who} {path}: {word}")

    def post(self, path: str, **fields: Any) -> Any:
        """Send a form."""
        answer = self.client.post(path, data=fields)
        self.check(path, answer, " ".join(str(value) for value in fields.values()))
        return answer


def snapshot() -> dict[str, list[Any]]:
    """Everything in the database."""
    db.session.rollback()
    with Session(db.engine) as session:
        connection = session.connection()
        return {
            table.name: [
                tuple(str(value) for key, value in row._mapping.items() if (table.name, key) not in UNTOLD)
                for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in Base.metadata.sorted_tables
            if table.name not in VISITS
        }


def changed(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> Iterator[str]:
    """What differs between two snapshots."""
    for name, rows in before.items():
        yield from (f"{name}: {row}" for row in set(rows) ^ set(after[name]))
