"""Edits of the journal page, saved with the durable rows of ours: mark, audit record, receipt, in one transaction."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from bench.references.floor.database import ask, marks_of, tell, transaction

MARK = ("mark (work_id, student_id, value, version, entered_at, entered_by_id)",
        "ON CONFLICT (work_id, student_id) DO UPDATE SET value = excluded.value, version = excluded.version "
        "RETURNING work_id, student_id, id")  # fmt: skip
AUDIT = ("audit_record (at, actor_id, source, unit, action, model, object_id, student_id, lesson_id, changes)", "")
RECEIPT = ("edit_receipt (user_id, key, at, result)", "")


def save(edits: list[dict[str, Any]], teacher: int) -> list[dict[str, Any]]:
    """Write the edits of a request as the journal page sends them; a cell that stands otherwise is left and told."""
    now, unit = str(datetime.now(UTC))[:26], uuid.uuid4().hex
    with transaction():
        works = {edit["work"] for edit in edits}
        some = marks_of(len(works))
        lessons = dict(ask(f"SELECT id, lesson_id FROM work WHERE id IN ({some})", *works))
        sql = f"SELECT work_id, student_id, value, version FROM mark WHERE work_id IN ({some})"
        stands = {(work, student): (value, version) for work, student, value, version in ask(sql, *works)}
        results, written = [], []
        for edit in edits:
            where = edit["work"], edit["student"]
            value, version = stands.get(where, (None, 0))
            if version != edit["version"]:
                results.append({"key": edit["key"], "status": "conflict", "value": value, "version": version})
                continue
            results.append({"key": edit["key"], "status": "saved", "value": edit["value"], "version": version + 1})
            written.append((*where, int(edit["value"]), version + 1, now, teacher))
        if written:
            numbers = {(work, student): number for work, student, number in _insert(MARK, written)}
            tell_of = [
                (now, teacher, "panel", unit, "update" if version > 1 else "create", "Mark", numbers[work, student],
                 student, lessons[work], json.dumps({"value": [stands.get((work, student), (None,))[0], value]}))
                for work, student, value, version, *_ in written
            ]  # fmt: skip
            _insert(AUDIT, tell_of)
            saved = [result for result in results if result["status"] == "saved"]
            _insert(RECEIPT, [(teacher, result["key"], now, json.dumps(result)) for result in saved])
    return results


def _insert(what: tuple[str, str], rows: list[tuple[Any, ...]]) -> Any:
    """Write rows in one statement; what it gives back, where it does."""
    into, further = what
    places = ", ".join([f"({marks_of(len(rows[0]))})"] * len(rows))
    run = ask if further else tell
    return run(f"INSERT INTO {into} VALUES {places} {further}", *(value for row in rows for value in row))
