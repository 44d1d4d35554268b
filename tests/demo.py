"""The small demo school, read by its four people. Tests share it: they look, and change nothing."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from flask import Flask, request
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import select

from app import clock, create_app, policy
from app.cli import fill_demo
from app.extensions import db, login
from app.models import Account

ROLES = ("deputy", "classteacher", "teacher", "guardian")
TODAY = datetime(2026, 11, 24, 10)


def demo_school(folder: Path) -> Flask:
    """An application on a database that holds the small demo, as it stands on ``TODAY``."""
    settings = {
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'demo.sqlite'}",
        "TESTING": True,
        "LOCALE": "en",
        "SECRET_KEY": "test key",
    }
    app = create_app(settings, instance=folder / "instance")
    with app.app_context():
        upgrade()
        fill_demo(app, "small", 7, TODAY)

    if login._user_callback is None:  # the session is not looked at: the header below says who it is
        login.user_loader(lambda _number: None)

    @app.before_request
    def act() -> None:
        if name := request.headers.get("X-Demo-Person"):
            now = clock.now()
            with policy.system() as session:
                number = session.scalars(select(Account.user_id).where(Account.login == name)).one()
                actor = policy.load_actor(session, number, clock.day_of(now), now)
            policy.act_as(db.session(), actor)

    return app


def reader(app: Flask, login: str) -> FlaskClient:
    """A browser in which the person with this login has signed in."""
    client = app.test_client()
    client.environ_base["HTTP_X_DEMO_PERSON"] = login
    return client


def token_of(html: str) -> str:
    """The CSRF token of a page's first form."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found
    return found[1]
