"""The world of the rights, written, and the panel bound to one of its people."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from app import policy
from app.extensions import db
from tests.rights.screens import Screens
from tests.rights.world import NOW, TODAY, World, build


@pytest.fixture
def world(app: Flask) -> World:
    return build(db.session())


@pytest.fixture
def bound(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Screens]]:
    """Screens of a person, at the world's day; all applications of the process share what loads who is signed in."""
    monkeypatch.setattr("admin_views.looks.note", lambda *_: None)  # reading writes no rows that nobody judged
    loader = app.login_manager._user_callback  # type: ignore[attr-defined]

    def screens_of(who: str) -> Screens:
        screens = Screens(app, world, who)
        sign_in(app, screens.user_id)
        return screens

    yield screens_of
    app.login_manager.user_loader(loader)  # type: ignore[attr-defined]


def sign_in(app: Flask, user_id: int) -> None:
    def bind() -> None:
        db.session.rollback()  # the test's own context lasts over all requests
        with policy.system() as facts:
            actor = policy.load_actor(facts, user_id, TODAY, NOW)
        policy.act_as(db.session(), actor)

    app.config["WTF_CSRF_ENABLED"] = False
    app.before_request_funcs.setdefault(None, []).append(bind)
    app.login_manager.user_loader(lambda _number: None)  # type: ignore[attr-defined]
