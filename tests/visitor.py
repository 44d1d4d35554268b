"""A person at a browser: requests in contexts of their own, forms filled in as they stand on the page."""

from __future__ import annotations

import contextvars
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.auth import passwords
from app.extensions import db
from app.models import User

PASSWORD = "летний дождь идёт"  # noqa: S105
OTHER = "correct horse battery"


class Visitor(FlaskClient):
    """A client whose requests share nothing with the test's own application context."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        return contextvars.Context().run(super().open, *args, **options)

    def send(self, page: str, action: str | None = None, **fields: str) -> TestResponse:
        """Open a page, fill in the form that goes to ``action`` (the first one otherwise) and send it."""
        soup = BeautifulSoup(self.get(page).text, "html.parser")
        form = soup.find("form", {"action": action} if action else {"action": None})
        assert isinstance(form, Tag), f"{page} has no form for {action}"
        typed = {
            str(field["name"]): str(field.get("value", ""))
            for field in form.find_all("input")
            if field.get("type") != "radio" or field.has_attr("checked")
        }
        return self.post(action or page, data=typed | fields)

    def sign_in(self, name: str, password: str = PASSWORD, page: str = "/login") -> TestResponse:
        return self.send(page, username=name, password=password)


def text(answer: TestResponse) -> str:
    """What stands on the page, in one line."""
    return " ".join(BeautifulSoup(answer.text, "html.parser").get_text(" ").split())


def person(login: str | None = "petrova", password: str | None = PASSWORD, **fields: Any) -> User:
    """Somebody with an account, written."""
    names = {"family_name": "Петрова", "given_name": "Анна", "patronymic": "Ильинична"}
    user = User(**(names | fields), login=login)
    assert user.account is not None
    user.account.password_hash = passwords.hashed(password) if password else None
    db.session.add(user)
    db.session.commit()
    return user
