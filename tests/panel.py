"""A person at the panel: requests bound to them without a sign-in, which has tests of its own."""

from __future__ import annotations

import contextvars
import re
from typing import Any

from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from app import clock, policy
from app.extensions import db, login
from app.models import User


class Panel:
    """Requests of ``user``, each in contexts of its own; forms carry the token of the page they stand on."""

    def __init__(self, app: Flask, user: User) -> None:
        db.session.commit()  # SQLite has one writer: give its lock back
        self.app, self.user_id = app, user.id
        if not app.extensions.get("tests.panel"):
            app.extensions["tests.panel"] = Who()
            app.before_request(app.extensions["tests.panel"].bind)
            if login._user_callback is None:
                login.user_loader(lambda _token: None)
        self.client, self.token = app.test_client(), ""

    def get(self, address: str, **options: Any) -> TestResponse:
        return self._open("GET", address, **options)

    def post(self, address: str, **fields: Any) -> TestResponse:
        """Post a form with the CSRF token of a page."""
        if not self.token:
            found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get("/admin/").text)
            self.token = found.group(1) if found else ""
        return self._open("POST", address, data={"csrf_token": self.token} | fields)

    def _open(self, method: str, address: str, **options: Any) -> TestResponse:
        db.session.rollback()
        self.app.extensions["tests.panel"].user_id = self.user_id
        return contextvars.Context().run(self.client.open, address, method=method, **options)

    def press(self, answer: TestResponse, action: str, button: str = "", **changes: Any) -> TestResponse:
        """Send the form of ``answer`` that goes to ``action`` (or where ``button`` says), as its boxes stand."""
        form = page(answer).select_one(f'form[action^="{action}"]')
        assert form is not None, f"no form for {action}"
        fields: dict[str, Any] = {}
        outside = page(answer).select(f'[form="{form["id"]}"][name]') if form.has_attr("id") else []
        for field in [*form.select("input[name]"), *(each for each in outside if each.name == "input")]:
            if field.get("type") != "checkbox" or field.has_attr("checked"):
                fields.setdefault(str(field["name"]), []).append(str(field.get("value", "")))
        for choice in (each for each in outside if each.name == "select"):
            chosen = choice.select_one("option[selected]") or choice.select_one("option")
            fields[str(choice["name"])] = [str(chosen["value"])] if chosen else []
        return self._open("POST", button or str(form["action"]), data=fields | changes)


class Who:
    """Whom the next request is bound to."""

    user_id: int | None = None

    def bind(self) -> None:
        if self.user_id is None:
            return
        now = clock.now()
        with policy.system() as session:
            actor = policy.load_actor(session, self.user_id, clock.day_of(now), now)
        policy.act_as(db.session(), actor)


def page(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def words(answer: TestResponse) -> str:
    """What stands on the page, in one line."""
    return " ".join(page(answer).get_text(" ").split())


class Statements:
    """SQL statements run inside the block; rows that SQLite inserts one by one count once."""

    def __enter__(self) -> Statements:
        self.seen: list[str] = []
        event.listen(db.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(db.engine, "before_cursor_execute", self._note)

    def _note(self, *call: Any) -> None:
        self.seen.append(call[2])

    @property
    def number(self) -> int:
        inserts = {statement.partition("(")[0] for statement in self.seen if statement.startswith("INSERT")}
        return len(inserts) + sum(not statement.startswith("INSERT") for statement in self.seen)
