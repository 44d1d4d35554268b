"""The five people of the demo, signed in as a browser would."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from judges.journal import URL

ROLES = ("deputy", "classteacher", "teacher", "guardian", "student")
ACCOUNT = "/account/"


@dataclass(frozen=True)
class Person:
    """Somebody signed in: what their browser sends with every request."""

    login: str
    cookie: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """Headers of a request that may write."""
        return {"Cookie": self.cookie, "X-CSRFToken": self.token}


def sign_in(login: str) -> Person:
    """A new session; in the demo the password is the login."""
    jar = CookieJar()
    browser = build_opener(HTTPCookieProcessor(jar))
    fields = {"username": login, "password": login, "csrf_token": _token(browser, "/login")}
    with browser.open(f"{URL}/login", urlencode(fields).encode()) as answer:
        if answer.url.startswith(f"{URL}/login"):
            raise SystemExit(f"{login} could not sign in.")
    token = _token(browser, ACCOUNT)
    return Person(login, "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar), token)


def _token(browser: OpenerDirector, page: str) -> str:
    with browser.open(URL + page) as answer:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.read().decode())
    if found is None:
        raise SystemExit(f"{page} has no form.")
    return found[1]
