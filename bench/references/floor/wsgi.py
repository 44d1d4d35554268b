"""The callable that a web server serves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from bench.references.floor import pages, saving

HTML, JSON = "text/html; charset=utf-8", "application/json"


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request."""
    _, place, *rest = environ["PATH_INFO"].split("/")
    if environ["REQUEST_METHOD"] == "POST":
        edits = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))["edits"]
        kind, text = JSON, json.dumps({"results": saving.save(edits, int(rest[0]))})
    else:
        kind, text = (
            HTML,
            _page(place, rest, {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}),
        )
    body = text.encode()
    start_response("200 OK", [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [body]


def _page(place: str, rest: list[str], asked: dict[str, str]) -> str:
    if place == "students":
        return pages.students(asked.get("search", ""), int(asked.get("page", 0)))
    if place == "marks":
        return pages.marks(int(asked["before"]) if "before" in asked else None)
    if place == "student":
        return pages.student(int(rest[0]))
    if place == "grid":
        return pages.grid(int(rest[0]), int(rest[1]))
    return pages.week(int(rest[0]), rest[1])
