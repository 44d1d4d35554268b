"""``python -m tests.memory_numbers FILE``: what a web process holds after every kind of page, opened by all of a demo.

FILE is an SQLite demo school; a copy is served. Gunicorn runs two processes as gunicorn.conf.py says, and each page is
asked twice, so that about every process makes it. Without ``--preload`` the processes share nothing that they import.
"""

from __future__ import annotations

import argparse
import http.client
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from app.demo.sign_ins import SIGN_INS
from bench.servers import Server
from tests.crawling import crawl, path_shape, shape


class Answer:
    """An answer as the crawler reads it."""

    def __init__(self, status: int, mimetype: str, body: bytes) -> None:
        self.status_code, self.mimetype, self.data = status, mimetype, body

    @property
    def text(self) -> str:
        """The body of a page."""
        return self.data.decode("utf-8", "replace")


class Browser:
    """A browser with cookies, signed in as one of the demo; a connection for each request, so that both processes
    are asked.
    """

    def __init__(self, address: str, login: str) -> None:
        self.host, self.cookies = urlsplit(address).netloc, dict[str, str]()
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/login").text)
        assert token
        form = {"csrf_token": token[1], "username": login, "password": login}
        assert self._ask("POST", "/login", urlencode(form)).status_code == 302, login

    def get(self, page: str) -> Answer:
        """A page, asked for twice."""
        self._ask("GET", page)
        return self._ask("GET", page)

    def _ask(self, method: str, page: str, body: str | None = None) -> Answer:
        connection = http.client.HTTPConnection(self.host, timeout=120)
        head = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            head["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, page, body, head)
        answer = connection.getresponse()
        data = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        if answer.status in {301, 302, 303, 308} and method == "GET":
            return self._ask("GET", answer.headers["Location"].removeprefix(f"http://{self.host}"))
        return Answer(answer.status, answer.headers.get_content_type(), data)


def grown(server: Server, every: bool) -> Iterator[tuple[str, int, float]]:
    """After each person: who, pages opened so far, memory of the larger process in MB."""
    opened = 0
    for login in SIGN_INS:
        for _page, _answer in crawl(Browser(server.address, login), shape if every else path_shape):  # type: ignore[arg-type]
            opened += 1
        yield login, opened, server.memory_mb()


def main() -> None:
    """Print a line for each person."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("file", type=Path)
    words.add_argument("--preload", action="store_true", help="import before the processes divide, as flask serve does")
    words.add_argument("--every", action="store_true", help="lists in every order and filter, not one of each kind")
    chosen = words.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = shutil.copyfile(chosen.file, folder / "journal.sqlite")
        environment = {"DATABASE_URL": f"sqlite:///{file}", "SECRET_KEY": "bench", "INSTANCE_FOLDER": name}
        with Server("wsgi:app", environment, folder / "log", preload=chosen.preload) as server:
            Browser(server.address, SIGN_INS[0]).get("/admin/")
            print(f"{'first page':16}{1:6} pages {server.memory_mb():8.1f} MB", flush=True)
            for login, opened, megabytes in grown(server, chosen.every):
                print(f"{login:16}{opened:6} pages {megabytes:8.1f} MB", flush=True)


if __name__ == "__main__":
    main()
