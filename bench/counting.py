"""``python -m bench.counting TARGET``: SQL statements of each request, counted inside the process that answers it.

Reads ``{name: {"path", "headers", "body"?}}`` as JSON and writes ``{name: statements}``; each is asked three times and
the last time counts, when nothing is compiled or loaded for the first time. Nothing is timed here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from werkzeug.test import Client

OPENING = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")
"""What begins and ends transactions is no question to the database."""


def count(target: str, requests: dict[str, dict[str, Any]]) -> dict[str, int]:
    """Statements by the name of the request. Raises RuntimeError for an answer that is not 200."""
    module, _, name = target.partition(":")
    application = getattr(import_module(module), name)
    client = Client(application, use_cookies=False)
    counted = {}
    for what, asked in requests.items():
        for _ in range(3):
            with _statements(module) as seen:
                answer = client.open(
                    asked["path"], method="POST" if "body" in asked else "GET", headers=asked["headers"],
                    data=asked.get("body"),
                )  # fmt: skip
                answer.get_data()
            if answer.status_code != 200:
                raise RuntimeError(f"{asked['path']}: {answer.status}")
        counted[what] = sum(not each.lstrip().upper().startswith(OPENING) for each in seen)
    return counted


@contextmanager
def _statements(module: str) -> Iterator[list[str]]:
    """The statements that run inside the block, whoever sends them."""
    seen: list[str] = []
    if "django" in module:
        from django.db import connection

        def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            seen.append(sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(note):
            yield seen
    elif "floor" in module:
        from bench.references.floor import database

        with database.noted(seen):
            yield seen
    else:
        from sqlalchemy import Engine, event

        def listen(*call: Any) -> None:
            seen.append(call[2])

        event.listen(Engine, "before_cursor_execute", listen)
        try:
            yield seen
        finally:
            event.remove(Engine, "before_cursor_execute", listen)


if __name__ == "__main__":
    print(json.dumps(count(sys.argv[1], json.load(sys.stdin))))
