"""No page reads a large table from end to end: the databases' plans for what a crawl of the small demo asks."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection

from app.extensions import db
from tests.conftest import new_database
from tests.crawling import crawl, page_kind, path_shape
from tests.demo import ROLES, demo_school, reader
from tests.plan_exceptions import SCANNED
from tests.statement_numbers import selects

LARGE = ("mark", "attendance", "lesson", "audit_record", "roll_call")
Asked = dict[str, tuple[str, Any]]
"""By statement: the first page that asked it, and with what values."""


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_no_page_reads_a_large_table_from_end_to_end(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:  # fmt: skip
    """A new scan is mended, or named in tests/plan_exceptions.py with its reason."""
    app = demo_school(tmp_path, new_database(request.getfixturevalue("postgres")) if database == "postgresql" else "")
    asked = _asked(app)
    assert len(asked) > 200
    scanned = _scanned if database == "sqlite" else _forced
    found = defaultdict[str, set[str]](set)
    with app.app_context(), db.engine.connect() as connection:
        for statement, (kind, values) in asked.items():
            found[kind] |= scanned(connection, statement, values)
    assert {kind: tables for kind, tables in sorted(found.items()) if tables} == SCANNED[database]


def _asked(app: Flask) -> Asked:
    """What the pages of each person ask, one page of each kind."""
    asked: Asked = {}
    for login in ROLES:
        visitor = reader(app, login)
        with selects() as seen:
            for page, _answer in crawl(visitor, page_kind):
                for statement, values in seen:
                    asked.setdefault(statement, (f"{login} {path_shape(page)}", values))
                seen.clear()
    return asked


def _scanned(connection: Connection, statement: str, values: Any) -> set[str]:
    """Large tables that SQLite's plan of the statement goes through without a condition on an index."""
    aliases = {alias: table for table, alias in re.findall(rf"\b({'|'.join(LARGE)}) AS (\w+)", statement)}
    plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    names = {found[1] for line in plan if (found := re.match(r"SCAN (\w+)", line))}
    return {aliases.get(name, name) for name in names} & set(LARGE)


def _forced(connection: Connection, statement: str, values: Any) -> set[str]:
    """Large tables that PostgreSQL goes through though it is told not to: no index serves the statement."""
    connection.exec_driver_sql("SET enable_seqscan = off")
    plan = [str(row[0]) for row in connection.exec_driver_sql(f"EXPLAIN {statement}", values)]
    return {found[1] for line in plan if (found := re.search(rf"Seq Scan on ({'|'.join(LARGE)})\b", line))}
