"""No page reads a large table from end to end: SQLite's plans for what a crawl of the small demo asks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

from app.extensions import db
from tests.crawling import crawl, path_shape
from tests.demo import ROLES, demo_school, reader
from tests.plan_exceptions import SCANNED

LARGE = ("mark", "attendance", "lesson", "audit_record")
Asked = dict[str, tuple[str, Any]]
"""By statement: the first page that asked it, and with what values."""


def test_no_page_reads_a_large_table_from_end_to_end(tmp_path: Path) -> None:
    """A new scan is mended, or named in tests/plan_exceptions.py with its reason."""
    app = demo_school(tmp_path)
    asked = _asked(app)
    assert len(asked) > 200
    found = defaultdict[str, set[str]](set)
    for statement, (kind, values) in asked.items():
        found[kind] |= _scanned(app, statement, values)
    assert {kind: tables for kind, tables in sorted(found.items()) if tables} == SCANNED


def _asked(app: Flask) -> Asked:
    """What the pages of each person ask, one page of each kind."""
    asked: Asked = {}
    for login in ROLES:
        visitor = reader(app, login)
        with _noted() as seen:
            for page, _answer in crawl(visitor, _kind):
                for statement, values in seen:
                    asked.setdefault(statement, (f"{login} {path_shape(page)}", values))
                seen.clear()
    return asked


def _kind(address: str) -> str:
    """The kind of page; lists made into files are all of one, so that one of them is made."""
    return "file" if "/export" in address or ".xlsx" in address else path_shape(address)


@contextmanager
def _noted() -> Iterator[list[tuple[str, Any]]]:
    seen = list[tuple[str, Any]]()

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.lstrip("( \n").startswith(("SELECT", "WITH")):
            seen.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _scanned(app: Flask, statement: str, values: Any) -> set[str]:
    """Large tables that the plan of the statement goes through without a condition on an index."""
    aliases = {alias: table for table, alias in re.findall(rf"\b({'|'.join(LARGE)}) AS (\w+)", statement)}
    with app.app_context(), db.engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    names = {found[1] for line in plan if (found := re.match(r"SCAN (\w+)", line))}
    return {aliases.get(name, name) for name in names} & set(LARGE)
