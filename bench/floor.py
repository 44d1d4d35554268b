"""The floor: a bare WSGI callable that saves the same edit with raw SQL and the same durability. No rights, no rules.

``FLOOR_DATABASE`` is the SQLite file; a request is the JSON of the journal page's protocol.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable
from typing import Any

_local = threading.local()


def _connection() -> sqlite3.Connection:
    if not hasattr(_local, "connection"):
        connection = sqlite3.connect(os.environ["FLOOR_DATABASE"], isolation_level=None, timeout=10)
        for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")
        _local.connection = connection
    held: sqlite3.Connection = _local.connection
    return held


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Save the edits of the request in one transaction."""
    edits = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))["edits"]
    connection, results = _connection(), []
    connection.execute("BEGIN IMMEDIATE")
    for edit in edits:
        where = (edit["work"], edit["student"])
        row = connection.execute("SELECT version FROM mark WHERE work_id = ? AND student_id = ?", where).fetchone()
        version = (row[0] if row else 0) + 1
        connection.execute(
            "INSERT INTO mark (work_id, student_id, value, version, entered_at) VALUES (?, ?, ?, ?, datetime('now')) "
            "ON CONFLICT (work_id, student_id) DO UPDATE SET value = excluded.value, version = excluded.version",
            (*where, int(edit["value"]), version),
        )
        results.append({"key": edit["key"], "status": "saved", "value": edit["value"], "version": version})
    connection.execute("COMMIT")
    body = json.dumps({"results": results}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
