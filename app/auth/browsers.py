"""Browsers that signed in before: a signed cookie with an id of the browser and the accounts it knows."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug import Response

COOKIE = "known_browser"  # over https «__Host-known_browser», see the name of the session's cookie
MOST_ACCOUNTS = 10
YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Browser:
    """The browser of a request and who signed in with it, latest first."""

    id: str
    accounts: tuple[int, ...] = ()

    def knows(self, user_id: int | None) -> bool:
        return user_id in self.accounts


def of_request() -> Browser:
    """What the cookie says; a new browser when there is none or it is not ours."""
    try:
        identity, *accounts = _serializer().loads(request.cookies.get(_cookie(), ""))
    except (BadSignature, ValueError, TypeError):
        return Browser(secrets.token_hex(8))
    return Browser(str(identity), tuple(accounts))


def remember(response: Response, browser: Browser, user_id: int) -> None:
    """Let the browser know the account from now on."""
    accounts = (user_id, *(known for known in browser.accounts if known != user_id))[:MOST_ACCOUNTS]
    response.set_cookie(
        _cookie(),
        _serializer().dumps([browser.id, *accounts]),
        max_age=YEAR,
        path="/",
        httponly=True,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        samesite="Lax",
    )


def _cookie() -> str:
    return f"__Host-{COOKIE}" if current_app.config["SESSION_COOKIE_NAME"].startswith("__Host-") else COOKIE


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="known browser")
