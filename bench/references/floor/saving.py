"""Edits of the journal page, saved with the durable rows of ours: mark, audit record, receipt, in one transaction."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from bench.references.floor.database import ask, marks_of, tell, transaction

MARK = ("INSERT INTO mark (work_id, student_id, value, version, entered_at, entered_by_id) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (work_id, student_id) DO UPDATE SET value = excluded.value, version = excluded.version "
        "RETURNING id")  # fmt: skip
AUDIT = ("INSERT INTO audit_record "
         "(at, actor_id, source, unit, action, model, object_id, student_id, lesson_id, changes) "
         "VALUES (?, ?, 'panel', ?, ?, 'Mark', ?, ?, ?, ?)")  # fmt: skip
RECEIPT = "INSERT INTO edit_receipt (user_id, key, at, result) VALUES (?, ?, ?, ?)"


def save(edits: list[dict[str, Any]], teacher: int) -> list[dict[str, Any]]:
    """Write the edits of a request as the journal page sends them; a cell that stands otherwise is left and told."""
    now, unit = str(datetime.now(UTC))[:26], uuid.uuid4().hex
    results, records, receipts = [], [], []
    with transaction():
        works = {edit["work"] for edit in edits}
        lessons = dict(ask(f"SELECT id, lesson_id FROM work WHERE id IN ({marks_of(len(works))})", *works))
        stands = {(work, student): (value, version) for work, student, value, version in ask(
            f"SELECT work_id, student_id, value, version FROM mark WHERE work_id IN ({marks_of(len(works))})",
            *works)}  # fmt: skip
        for edit in edits:
            work, student = where = edit["work"], edit["student"]
            value, version = stands.get(where, (None, 0))
            if version != edit["version"]:
                results.append({"key": edit["key"], "status": "conflict", "value": value, "version": version})
                continue
            wanted = int(edit["value"])
            number = ask(MARK, *where, wanted, version + 1, now, teacher)[0][0]
            change = json.dumps({"value": [value, wanted]})
            action = "update" if version else "create"
            records.append((now, teacher, unit, action, number, student, lessons[work], change))
            result = {"key": edit["key"], "status": "saved", "value": edit["value"], "version": version + 1}
            receipts.append((teacher, edit["key"], now, json.dumps(result)))
            results.append(result)
        tell(AUDIT, records)
        tell(RECEIPT, receipts)
    return results
