"""The panel as one person has it: requests in contexts of their own, bound to the person at a given moment."""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from app import clock, policy
from app.extensions import db

binding = contextvars.ContextVar("who comes is being looked up", default=False)


class Panel(FlaskClient):
    """Its requests share nothing with the test's own application context."""

    def open(self, *arguments: Any, **options: Any) -> TestResponse:
        return contextvars.Context().run(super().open, *arguments, **options)


def panel_of(app: Flask, user_id: int, now: datetime) -> Panel:
    """A client of the person; the last one made is who is signed in."""

    def bind() -> None:
        binding.set(True)
        with policy.system() as facts:
            actor = policy.load_actor(facts, user_id, clock.day_of(now), now)
        policy.act_as(db.session(), actor)
        binding.set(False)

    app.config["WTF_CSRF_ENABLED"] = False
    app.before_request_funcs[None] = [bind]
    app.login_manager.user_loader(lambda _number: None)  # type: ignore[attr-defined]
    return Panel(app, app.response_class)


def text(answer: TestResponse) -> str:
    """What stands on the page, in one line."""
    return " ".join(BeautifulSoup(answer.text, "html.parser").get_text(" ").split())


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collects the queries that pages run, without those that find out who comes."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_arguments: Any) -> None:
        if not binding.get() and not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
