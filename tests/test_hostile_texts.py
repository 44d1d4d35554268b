"""The worst texts in every free-text column of a school: harmless on every page, in every export and calendar.

They are written past the forms, which refuse most of them: what is shown must not rest on what was let in.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import JSON, Column, Enum, LargeBinary, String, Table, update
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from app.extensions import db
from tests.crawling import crawl, parsed, path_shape
from tests.demo import demo_school, reader

# Each begins differently and says «hostile» where it would become something alive.
TEXTS = (
    "<hostile onhostile=1>",
    "\"'><hostile x='",
    "</script><hostile>",
    "</textarea></title><hostile>",
    "[a](javascript:hostile)",
    "![a](//hostile.example/x)",
    '=HYPERLINK("//hostile")',
    "@SUM(hostile)",
    "-1+hostile|cmd",
    "a\r\nATTENDEE:mailto:hostile",
    "{{191*7}}{%hostile%}",
    "%(hostile)s{0}%s",
    "\u202ehostile\u2066",
    "'; DROP TABLE user;--",
    "${191*7}`hostile`",
)
EXACT = re.compile(
    r"login|email|phone|hash|locale|token|address$|endpoint|stored|picture|p256dh|auth|color|zone|room|letter|key|code"
    r"|model|action|kind|state|source|unit|agent|batch|attempt|provider|error|version|^made$|name_key|sort_|search"
)
"""Columns whose form is exact or that nobody types: names of files, hashes, words of the program."""


def free_columns(table: Table) -> Iterator[Column[str]]:
    for column in table.columns:
        is_text = isinstance(column.type, String) and not isinstance(column.type, Enum | JSON | LargeBinary)
        if is_text and not column.unique and not column.foreign_keys and not EXACT.search(column.name):
            yield column


def poison(app: Flask) -> list[str]:
    """Write the texts, row by row another; the names of the columns that hold them."""
    written = []
    with app.app_context(), db.engine.begin() as connection:
        for table in db.metadata.sorted_tables:
            if "id" not in table.columns or table.name in {"audit_record", "academic_year"}:
                continue
            for column in free_columns(table):
                longest = getattr(column.type, "length", None) or 500
                try:
                    with connection.begin_nested():
                        for number, worst in enumerate(TEXTS):
                            those = table.c.id % len(TEXTS) == number
                            connection.execute(update(table).where(those).values({column: worst[:longest]}))
                except IntegrityError:  # a CHECK knows better
                    continue
                written.append(f"{table.name}.{column.name}")
    return written


def alive_in_page(answer: TestResponse) -> Iterator[str]:
    for tag in parsed(answer).find_all(True):
        if tag.name == "hostile" or any(name.startswith("on") or name == "style" for name in tag.attrs):
            yield str(tag)[:120]
        for name in ("href", "src", "action"):
            value = str(tag.get(name, ""))
            if value.lower().startswith(("javascript:", "//", "http://hostile")):
                yield f"{name}={value}"
        if tag.name == "script" and not tag.get("src") and tag.get("type") != "application/json":
            yield str(tag)[:120]
    if "1337" in parsed(answer).get_text():
        yield "a template was filled in"


def alive_in_file(answer: TestResponse) -> Iterator[str]:
    if answer.mimetype == "text/csv":
        rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=";")
        yield from (cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r")))
    elif "spreadsheet" in answer.mimetype:
        for sheet in load_workbook(io.BytesIO(answer.data)).worksheets:
            formulas = (str(cell.value) for row in sheet.iter_rows() for cell in row if cell.data_type == "f")
            yield from (formula for formula in formulas if "hostile" in formula)  # reports have formulas of their own
    elif answer.mimetype == "text/calendar":
        yield from (line for line in answer.text.splitlines() if line.startswith("ATTENDEE"))


@pytest.fixture
def school(tmp_path: Path) -> Flask:
    app = demo_school(tmp_path)
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    return app


def test_nothing_comes_alive(school: Flask, record_property: Callable[[str, int], None]) -> None:
    columns, seen, found = poison(school), set[str](), list[str]()
    for who in ("deputy", "guardian"):
        for page, answer in crawl(reader(school, who), path_shape):
            if path_shape(page) in seen:
                continue
            seen.add(path_shape(page))
            if answer.status_code >= 500:
                found.append(f"{page}: {answer.status_code}")
            alive = alive_in_page(answer) if answer.mimetype == "text/html" else alive_in_file(answer)
            found += [f"{who} {page}: {each}" for each in alive]
    record_property("hostile texts: columns", len(columns))
    record_property("hostile texts: pages and files", len(seen))
    record_property("hostile texts: alive", len(found))
    assert found == []
    assert len(columns) > 25
    assert len(seen) > 60
