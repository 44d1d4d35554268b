"""``python -m bench.counting TARGET``: statements and processor time of a request, inside the process that answers it.

Reads ``{name: request}`` as JSON: ``path``, ``headers``, and for what is saved ``cells`` or ``form`` (see load.Writer).
Writes ``{name: {"statements", "cpu_ms", "bytes", "gzip"}}``: how many, the median, the answer's size plain and as gzip
makes it. No other process, no load and no waiting is in these. ``again``: what came before is asked for again.
With ``--bodies`` each is asked once, and ``{name: body}`` is written: tests/test_bench.py compares them.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from statistics import median
from typing import Any

from werkzeug.test import Client

OPENING = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")
"""What begins and ends transactions is no question to the database."""
WARMING, TIMED, AT_MOST = 3, 15, 1.0
"""Requests before and while the processor time is taken; fewer once they have used that many seconds of it."""


def count(target: str, requests: dict[str, dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Figures by the name of the request. Raises RuntimeError for an answer that is not 200, or not saved."""
    module, client = target.partition(":")[0], _client(target)
    found: dict[str, dict[str, float]] = {}
    for what, asked in requests.items():
        ask = _Asking(client, asked)
        warming = [_seconds(ask)]
        while len(warming) < WARMING and sum(warming) < AT_MOST:
            warming.append(_seconds(ask))
        with _statements(module) as seen:
            taken = [_seconds(ask)]
        while len(taken) < TIMED and sum(taken) < AT_MOST:
            taken.append(_seconds(ask))
        questions = [each for each in seen if not each.lstrip().upper().startswith(OPENING)]
        found[what] = {"statements": len(questions), "cpu_ms": 1000 * median(taken), **ask.sizes}
    return found


def _seconds(ask: Callable[[], Any]) -> float:
    """Processor time of one request."""
    begun = time.process_time()
    ask()
    return time.process_time() - begun


def bodies(target: str, requests: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The answers by the name of the request."""
    client = _client(target)
    return {what: _Asking(client, asked)() for what, asked in requests.items()}


def _client(target: str) -> Client:
    module, _, name = target.partition(":")
    return Client(getattr(import_module(module), name), use_cookies=False)


class _Asking:
    """One request again and again; an edit with the versions of the answer before."""

    def __init__(self, client: Client, asked: dict[str, Any]) -> None:
        self.client, self.asked, self.times = client, asked, 0
        self.sizes: dict[str, float] = {}

    def __call__(self) -> str:
        """The answer's body."""
        self.times += 1
        writes = "cells" in self.asked or "form" in self.asked
        answer = self.client.open(
            self.asked["path"], method="POST" if writes else "GET", headers=self.asked["headers"],
            data=self._body() if writes else None,
        )  # fmt: skip
        body = answer.get_data(as_text=True)
        self.sizes = {"bytes": len(answer.data), "gzip": len(gzip.compress(answer.data, 6)) if answer.data else 0}
        if self.asked.get("again") and "ETag" in answer.headers:
            self.asked["headers"]["If-None-Match"] = answer.headers["ETag"]
        cells = self.asked.get("cells", [])
        for cell, version in zip(cells, re.findall(r'"version": ?(\d+)', body), strict=bool(cells)):
            cell["version"] = int(version)
        saved = len(re.findall(r'"status": ?"saved"', body))
        if answer.status_code not in (200, 304) or (self.times > 1 and saved != len(cells)):
            raise RuntimeError(f"{self.asked['path']}: {answer.status}\n{body[:500]}")
        return body

    def _body(self) -> str:
        value = 2 + self.times % 4
        if "form" in self.asked:
            return str(self.asked["form"] % value)
        key = f"counted-{time.time_ns()}"
        edits = [{**cell, "key": f"{key}-{n}", "value": str(value)} for n, cell in enumerate(self.asked["cells"])]
        return json.dumps({"edits": edits})


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
    answer = bodies if "--bodies" in sys.argv else count
    print(json.dumps(answer(sys.argv[1], json.load(sys.stdin))))
