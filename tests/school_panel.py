"""The panel as people of a small school use it: requests of a person on a fixed day, without the sign-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from unittest.mock import patch

from bs4 import BeautifulSoup, Tag
from flask import Flask, request
from sqlalchemy import event, inspect, select
from werkzeug.test import TestResponse

from app import policy
from app.extensions import db
from app.models import SchoolClass, Student, User
from tests.school import School
from tests.visitor import text

NOW = datetime(2026, 10, 12, 9, tzinfo=UTC)
TODAY = NOW.date()

HOSTILE = (
    "", "'\"><script>alert(1)</script>", "'; DROP TABLE student; --", "я" * 10_000, "a\x00b\x1b[0m", "\ufffe",
    "0001-01-01", "9999-12-31", "2026-02-30", "-1", "99999999999999999999", "__None", "1,2", "ا" * 90, "{{7*7}}",
)  # fmt: skip


class Panel:
    """Requests for a person: ``panel.get(user, path)``, ``panel.post(user, path, **fields)``."""

    def __init__(self, app: Flask) -> None:
        self.app, self.client = app, app.test_client()
        app.config["WTF_CSRF_ENABLED"] = False
        app.before_request(self._bind)

    def _bind(self) -> None:
        if number := request.headers.get("X-Person"):
            with policy.system() as facts:
                actor = policy.load_actor(facts, int(number), TODAY, NOW)
            policy.act_as(db.session(), actor)

    def get(self, user: User, path: str) -> TestResponse:
        """Open a page."""
        return self._ask(user, self.client.get, path)

    def post(self, user: User, path: str, data: dict[str, Any] | None = None, **fields: Any) -> TestResponse:
        """Send a form."""
        return self._ask(user, self.client.post, path, data={**(data or {}), **fields})

    def send(self, user: User, path: str, body: Any) -> TestResponse:
        """Send JSON."""
        return self._ask(user, self.client.post, path, json=body)

    def page(self, user: User, path: str) -> str:
        """What stands on a page that opens."""
        answer = self.get(user, path)
        assert answer.status_code == 200, answer.status
        return text(answer)

    def _ask(self, user: User, ask: Callable[..., TestResponse], path: str, **options: Any) -> TestResponse:
        number = inspect(user).identity[0]
        db.session.commit()  # SQLite has one writer: give its lock back
        answer = ask(path, headers={"X-Person": str(number)}, **options)
        db.session.expire_all()
        return answer


def errors(answer: TestResponse) -> dict[str, str]:
    """The messages at the fields of a form that was sent back."""
    soup = BeautifulSoup(answer.text, "html.parser")
    return {str(p["id"]).removesuffix("-error"): p.get_text(" ") for p in soup.select("p.error[id]")}


def fields(answer: TestResponse, action: str | None = None) -> dict[str, str]:
    """Names and values of the inputs of a page's form."""
    soup = BeautifulSoup(answer.text, "html.parser")
    form = soup.select_one("form.form.card")
    assert isinstance(form, Tag)
    return {str(field["name"]): str(field.get("value", "")) for field in form.select("[name]")}


def deputy(name: str = "Завучева") -> User:
    """A deputy director who can sign in, written."""
    user = User(family_name=name, given_name="Ольга", is_staff=True, is_deputy_director=True, login=name.lower())
    assert user.account is not None
    user.account.password_hash = "hash"
    return written(user)


def written(row: Any) -> Any:
    db.session.add(row)
    db.session.commit()
    return row


def led(school: School) -> User:
    """The school's teacher, who now leads the class."""
    school.teacher.is_staff = True
    school.school_class.class_teacher = school.teacher
    db.session.commit()
    return school.teacher


def second_class(school: School, letter: str = "Б") -> SchoolClass:
    """Another class of the grade, written."""
    return written(SchoolClass(academic_year_id=school.year.id, grade=5, letter=letter))


def students() -> list[str]:
    """Who is in the database."""
    return list(db.session.scalars(select(Student.family_name).order_by(Student.sort_name)))


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that the engine runs meanwhile; that a look is noted (once a day) is no part of a page."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        with patch("admin_views.looks.note"):
            yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def day(month: int, number: int) -> date:
    """A day of autumn 2026."""
    return date(2026, month, number)
