"""One connection a thread to the database of ``DATABASE_URL``: sqlite3 or psycopg, with the same durability as ours."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg

SQLITE = "sqlite:///"
_local = threading.local()
_told: list[list[str]] = []


@cache
def address() -> str:
    """Where the database is; read once, so that a change of the environment changes nothing."""
    return os.environ["DATABASE_URL"]


def _connected() -> Any:
    if not address().startswith(SQLITE):
        return psycopg.connect(address().replace("+psycopg", ""), autocommit=True)
    connection = sqlite3.connect(address().removeprefix(SQLITE), isolation_level=None, timeout=10)
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


@cache
def _written(sql: str) -> str:
    """A statement in the words of the driver: parameters are «?» here."""
    return sql if address().startswith(SQLITE) else sql.replace("?", "%s")


def _held() -> Any:
    if not hasattr(_local, "connection"):
        _local.connection = _connected()
    return _local.connection


@contextmanager
def noted(seen: list[str]) -> Iterator[None]:
    """Put into ``seen`` what runs inside the block."""
    _told.append(seen)
    try:
        yield
    finally:
        _told.remove(seen)


def _note(sql: str) -> None:
    for seen in _told:
        seen.append(sql)


def ask(sql: str, *values: Any) -> Sequence[Any]:
    """The rows of a statement."""
    _note(sql)
    rows: Sequence[Any] = _held().execute(_written(sql), values).fetchall()
    return rows


def tell(sql: str, *values: Any) -> None:
    """Run a statement that gives back no rows."""
    _note(sql)
    _held().execute(_written(sql), values)


@contextmanager
def transaction() -> Iterator[None]:
    """All of it or nothing, on the disk when it ends; SQLite's one writer is waited for at the beginning."""
    held = _held()
    held.execute("BEGIN IMMEDIATE" if address().startswith(SQLITE) else "BEGIN")
    try:
        yield
    except BaseException:
        held.execute("ROLLBACK")
        raise
    held.execute("COMMIT")


def marks_of(count: int) -> str:
    """Places for ``count`` parameters: «?, ?, ?»."""
    return ", ".join("?" * count)
