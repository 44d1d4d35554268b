"""A browser without a screen: signs in over HTTP, asks for pages, sends edits, and notes how long each took."""

from __future__ import annotations

import json
import re
import time
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit


class Browser:
    """One person on one kept connection. ``took`` holds the seconds of each request."""

    def __init__(self, address: str) -> None:
        self.connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
        self.cookies: dict[str, str] = {}
        self.token = ""
        self.took: list[float] = []
        self.assignment_id = 0  # of the journal it has open

    def sign_in(self, login: str, password: str) -> None:
        """Fill in the sign-in page."""
        _status, page = self.ask("GET", "/login")
        found = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found, "no form to sign in with"
        fields = {"username": login, "password": password, "csrf_token": found[1].decode()}
        status, _page = self.ask(
            "POST", "/login", urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"}
        )
        assert status == 302, f"{login} is not signed in"

    def journals(self) -> list[int]:
        """The journals on the person's list, in its order."""
        _status, page = self.ask("GET", "/admin/journal/")
        return list(dict.fromkeys(int(number) for number in re.findall(rb"/admin/journal/(\d+)/", page)))

    def state(self, assignment_id: int) -> dict[str, Any]:
        """The data of a journal."""
        status, body = self.ask("GET", f"/admin/journal/{assignment_id}/state")
        assert status == 200, status
        return dict(json.loads(body))

    def edit(self, assignment_id: int, edits: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Send edits as the journal page does."""
        headers = {"Content-Type": "application/json", "X-CSRFToken": self.token}
        status, body = self.ask("POST", f"/admin/journal/{assignment_id}/edits", json.dumps({"edits": edits}), headers)
        assert status == 200, (status, body[:300])
        return list(json.loads(body)["results"])

    def ask(self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        """One request; cookies and the token of the answer are kept."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        begun = time.perf_counter()
        answer = self._answer(method, path, body or None, {"Cookie": cookie, **(headers or {})})
        content = answer.read()
        self.took.append(time.perf_counter() - begun)
        for header in answer.headers.get_all("Set-Cookie", []):
            self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(header).items()})
        self.token = answer.headers.get("X-CSRFToken", self.token)
        return answer.status, content

    def _answer(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> HTTPResponse:
        """The answer; a connection that was idle too long is opened anew."""
        try:
            self.connection.request(method, path, body, headers)
            return self.connection.getresponse()
        except ConnectionError:
            self.connection.close()
            self.connection.request(method, path, body, headers)
            return self.connection.getresponse()
