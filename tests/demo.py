"""The small demo school, read by its five people. Tests share it: they look, and change nothing."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.cli import fill_demo
from tests.visitor import Visitor

ROLES = ("deputy", "classteacher", "teacher", "guardian", "student")
TODAY = datetime(2026, 11, 24, 10)  # noqa: DTZ001


def demo_school(folder: Path, database_url: str = "") -> Flask:
    """An application on an empty database (by default a new file) in which is then the small demo of ``TODAY``."""
    settings = {
        "SQLALCHEMY_DATABASE_URI": database_url or f"sqlite:///{folder / 'demo.sqlite'}",
        "TESTING": True,
        "LOCALE": "en",
        "SECRET_KEY": "test key",
    }
    app = create_app(settings, instance=folder / "instance")
    with app.app_context():
        upgrade()
        fill_demo(app, "small", 7, TODAY)

    return app


def reader(app: Flask, login: str) -> Visitor:
    """A browser in which the person of the demo has signed in: the password is the login."""
    visitor = Visitor(app)
    answer = visitor.sign_in(login, login)
    assert answer.status_code == 302, f"{login} could not sign in"
    return visitor


def token_of(html: str) -> str:
    """The CSRF token of a page's first form."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found
    return found[1]
