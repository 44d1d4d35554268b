"""How many SELECT statements each page takes, as each person of a demo school opens it.

``python -m tests.statement_numbers`` prints the pages of more than ``MOST``, as tests/statement_exceptions.py holds
them. What a page writes (a look that is noted, a visit to the diary) it writes once a day, and is not counted.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import Engine, event

from app import clock
from tests.crawling import crawl, page_kind, path_shape
from tests.demo import ROLES, TODAY, demo_school, reader

MOST = 8
Page = tuple[str, str]
"""Who opens it, and its address."""


@contextmanager
def selects() -> Iterator[list[tuple[str, Any]]]:
    """The SELECT statements of all databases meanwhile, with their values."""
    seen = list[tuple[str, Any]]()

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.lstrip("( \n").startswith(("SELECT", "WITH")):
            seen.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@contextmanager
def on_the_day(app: Flask) -> Iterator[None]:
    """The day on which the demo stands, whenever it is looked at."""
    moment = TODAY.replace(tzinfo=ZoneInfo(app.config["TIMEZONE"])).astimezone(UTC)
    with mock.patch.object(clock, "now", return_value=moment):
        yield


def found(app: Flask, people: tuple[str, ...] = ROLES) -> dict[Page, int]:
    """One page of each kind, opened by each person."""
    numbers: dict[Page, int] = {}
    for login in people:
        visitor = reader(app, login)
        with selects() as seen:
            for page, answer in crawl(visitor, page_kind):
                if answer.mimetype == "text/html" and answer.status_code == 200:
                    numbers[login, page] = len(seen)
                seen.clear()
    return numbers


def again(app: Flask, pages: Iterable[Page]) -> dict[Page, int]:
    """The same pages, opened once more."""
    numbers: dict[Page, int] = {}
    visitors = {login: reader(app, login) for login in ROLES}
    for login, page in pages:
        with selects() as seen:
            visitors[login].get(page)
        numbers[login, page] = len(seen)
    return numbers


def largest(numbers: Mapping[Page, int]) -> dict[str, int]:
    """By kind of page, whoever opens it."""
    most: dict[str, int] = defaultdict(int)
    for (_login, page), number in numbers.items():
        most[path_shape(page)] = max(most[path_shape(page)], number)
    return dict(sorted(most.items()))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        school = demo_school(Path(folder))
        with on_the_day(school):
            for kind, number in largest(found(school)).items():
                if number > MOST:
                    print(f'    "{kind}": {number},')
