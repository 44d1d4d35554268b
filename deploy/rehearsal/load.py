"""People who use the journal through nginx while hosts come and go. Each request is tried once: what fails, counts."""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from http.client import HTTPException
from typing import Any, NamedTuple
from urllib.parse import urlencode

from bench.browser import Browser

PATIENCE = 180.0  # seconds that a browser waits for an answer
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
Cell = tuple[int, int]
"""A work and a student."""


class Asked(NamedTuple):
    """A request: the seconds it took, and what was wrong with the answer."""

    seconds: float
    fault: str


class Person(threading.Thread):
    """Somebody with a browser who does one thing after the other, with ``pause`` seconds in between.

    What they ask for is noted in ``log``, which all share.
    """

    def __init__(self, address: str, login: str, password: str, pause: float, log: list[Asked]) -> None:
        super().__init__(daemon=True)
        self.browser, self.login, self.password, self.pause = Browser(address), login, password, pause
        self.browser.connection.timeout = PATIENCE
        self.stopped = threading.Event()
        self.log, self.turn = log, 0

    def enter(self) -> None:
        """Sign in and look around; what fails here is a fault of the rehearsal, not of a host."""
        self.browser.sign_in(self.login, self.password)

    def run(self) -> None:
        """Work until stopped."""
        while not self.stopped.wait(self.pause):
            self.turn += 1
            self.step()

    def step(self) -> None:
        """One thing that such a person does."""
        raise NotImplementedError

    def ask(self, what: str, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> bytes:
        """One request, counted as ``what``; empty when it failed: no answer, or none that a person can use."""
        begun = time.perf_counter()
        try:
            status, content = self.browser.ask(method, path, body, headers)
        except (OSError, HTTPException) as error:
            self.browser.connection.close()
            status, content = 0, type(error).__name__.encode()
        is_good = status in {200, 302, 303}
        fault = "" if is_good else f"{what}: {status or content.decode()}"
        self.log.append(Asked(time.perf_counter() - begun, fault))
        return content or b"-" if is_good else b""


class Teacher(Person):
    """Enters marks, and looks at the journal now and then."""

    def enter(self) -> None:
        super().enter()
        self.cells: list[Cell] = []
        self.last: dict[Cell, tuple[int, str]] = {}
        self.acknowledged = self.changes = 0
        for number in self.browser.journals():
            self.journal, state = number, self.browser.state(number)
            self.cells = writable_cells(state)
            if self.cells:
                marks = [(entry[0], entry[1], entry[3]) for entry in state["entries"]]
                self.known = {(work, student): version for work, student, version in marks}
                return

    def step(self) -> None:
        if self.turn % 10 == 0:
            self.ask("the journal", "GET", f"/admin/journal/{self.journal}/")
            return
        if not self.cells:
            return
        cell = self.cells[self.turn % len(self.cells)]
        self.save(cell, str(2 + (self.turn + self.turn // len(self.cells)) % 4))

    def save(self, cell: Cell, value: str) -> None:
        """One edit under a key of its own, in the words of the journal page."""
        work, student = cell
        version = self.last[cell][0] if cell in self.last else self.known.get(cell, 0)
        edit = {"key": secrets.token_hex(8), "student": student, "work": work, "value": value, "version": version}
        headers = {"Content-Type": "application/json", "X-CSRFToken": self.browser.token}
        path = f"/admin/journal/{self.journal}/edits"
        body = self.ask("an edit", "POST", path, json.dumps({"edits": [edit]}), headers)
        if not body:  # the page would send it again under its key; here it has failed, and the cell is left alone
            self.cells.remove(cell)
            return
        answer: dict[str, Any] = json.loads(body)["results"][0]
        if answer["status"] != "saved":
            self.log.append(Asked(0.0, f"an edit: {answer['status']}"))
            return
        self.acknowledged += 1
        self.changes += answer["version"] != version
        self.last[cell] = answer["version"], answer["value"]


def writable_cells(state: dict[str, Any]) -> list[Cell]:
    """Some cells of a journal that its teacher may write in, of one work."""
    written = {lesson["id"] for lesson in state["lessons"] if lesson["writable"] and lesson["marks"]}
    there = [student["id"] for student in state["students"] if student["from"] is None and student["until"] is None]
    works = [work["id"] for work in state["works"] if work["lesson"] in written]
    return [(works[-1], student) for student in there[:5]] if works and not state["locked"] else []


class Parent(Person):
    """Reads the diary, writes to a teacher now and then, and signs in anew."""

    def enter(self) -> None:
        super().enter()
        _status, page = self.browser.ask("GET", "/diary/more/")
        _status, today = self.browser.ask("GET", "/diary/")
        found = re.findall(rb'href="(/diary/\d+/(?:today|week|marks|attendance|timetable|finals)?/?)"', page + today)
        self.pages = ["/diary/", "/diary/messages/", *dict.fromkeys(one.decode() for one in found)]
        self.words: list[str] = []
        self.thread = self._begin_thread()

    def _begin_thread(self) -> str:
        """The address of a conversation with a teacher; empty when there is nobody to write to."""
        _status, page = self.browser.ask("GET", "/diary/messages/new")
        found = re.search(rb'href="(/diary/messages/new\?[^"]*to=[^"]*)"', page)
        if not found:
            return ""
        path = found[1].decode().replace("&amp;", "&")
        _status, page = self.browser.ask("GET", path)
        typed = fields_of(page) | {"subject": "Вопрос", "body": "Здравствуйте!"}
        self.browser.ask("POST", path, urlencode(typed), FORM)
        _status, page = self.browser.ask("GET", "/diary/messages/")
        threads = re.findall(rb'href="(/diary/messages/\d+/)', page)
        return threads[0].decode() if threads else ""

    def step(self) -> None:
        if self.turn % 6 == 0 and self.thread:
            self.write()
        elif self.turn % 15 == 0:
            self.sign_in_anew()
        else:
            self.ask("a page of the diary", "GET", self.pages[self.turn % len(self.pages)])

    def write(self) -> None:
        """A message in the conversation."""
        page = self.ask("a conversation", "GET", self.thread)
        if page:
            word = secrets.token_hex(8)
            if self.ask("a message", "POST", self.thread, urlencode(fields_of(page) | {"body": word}), FORM):
                self.words.append(word)

    def sign_in_anew(self) -> None:
        """As on another day: the cookie is gone."""
        self.browser.cookies.clear()
        page = self.ask("the sign-in page", "GET", "/login")
        if page:
            fields = {"username": self.login, "password": self.password, "csrf_token": fields_of(page)["csrf_token"]}
            self.ask("a sign-in", "POST", "/login", urlencode(fields), FORM)


def fields_of(page: bytes) -> dict[str, str]:
    """The token of the form of a page, and the key that makes it one message."""
    fields = {}
    for name in ("csrf_token", "key"):
        found = re.search(rf'name="{name}"[^>]*value="([^"]+)"'.encode(), page)
        if found:
            fields[name] = found[1].decode()
    return fields
