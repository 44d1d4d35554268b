"""How many SELECT statements each page takes, as each person of a demo school opens it.

``python -m tests.statement_numbers`` prints the pages of more than ``MOST``, as tests/statement_exceptions.py holds
them. What a page writes (a look that is noted, a visit to the diary) it writes once a day, and is not counted.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

from app.demo.sign_ins import DEPUTY
from tests.crawling import crawl, path_shape
from tests.demo import ROLES, demo_school, reader

MOST = 8
Numbers = dict[tuple[str, str], int]
"""By person and kind of page."""


@contextmanager
def selects() -> Iterator[list[str]]:
    """The SELECT statements of all databases meanwhile."""
    seen = list[str]()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip("( \n").startswith(("SELECT", "WITH")):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def numbers(app: Flask, people: tuple[str, ...] = ROLES) -> Numbers:
    """One page of each kind, opened by each person."""
    found: Numbers = {}
    for login in people:
        visitor = reader(app, login)
        with selects() as seen:
            for page, answer in crawl(visitor, _kind):
                if answer.mimetype == "text/html" and answer.status_code == 200:
                    found[login, path_shape(page)] = len(seen)
                seen.clear()
    return found


def _kind(address: str) -> str:
    """The kind of page; files are all of one, so that one of them is made."""
    return "file" if "/export" in address or ".xlsx" in address else path_shape(address)


def largest(found: Numbers) -> dict[str, int]:
    """By kind of page, whoever opens it."""
    most: dict[str, int] = defaultdict(int)
    for (_login, kind), number in found.items():
        most[kind] = max(most[kind], number)
    return dict(sorted(most.items()))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for kind, number in largest(numbers(demo_school(Path(folder)), (DEPUTY,))).items():
            if number > MOST:
                print(f'    "{kind}": {number},')
