"""The same school with more rows: everything there are many of is there again, and leads where it led."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Table, UniqueConstraint, insert, select

from app.extensions import Base

AGAIN: dict[str, set[str] | None] = {
    "subject": {"teaching_assignment", "timetable_slot", "final_mark"},
    "user": {"account", "credential", "delivery", "guardianship", "consent", "sign_in", "user_session"},
    **dict.fromkeys((
        "student", "lesson", "holiday", "handover", "excused_period", "news_item", "thread", "message",
        "support_request", "notification", "reminder", "absence_note", "correction",
    )),
}  # fmt: skip
"""Tables whose rows are copied, one after the other, with the rows that lead to them: all, or those of some tables."""


def grow(connection: Connection) -> None:
    """Copy the rows. Those that were there before keep their numbers, so that the same pages can be asked for."""
    for name, following in AGAIN.items():
        _copy(connection, name, following)


def _copy(connection: Connection, name: str, following: set[str] | None) -> None:
    """Rows of a table once more, with the rows that lead to them; what they lead to themselves, they share."""
    copied: dict[Table, dict[int, int]] = {}
    for table in Base.metadata.sorted_tables:
        if table.name != name and following is not None and table.name not in following:
            continue
        keys = {column.name: target for column in table.c if (target := _target(column)) in copied}
        rows = (
            connection.execute(select(table).order_by(table.c.id)).mappings().all()
            if keys or table.name == name
            else []
        )
        copies = copied[table] = {}
        made = []
        for row in rows:
            moved = {key: copied[target].get(row[key]) for key, target in keys.items()}
            moved = {key: number for key, number in moved.items() if number is not None}
            if moved or table.name == name:
                copies[row["id"]] = number = rows[-1]["id"] + len(made) + 1
                made.append({**row, **moved, "id": number, **_apart(table, row, moved, number)})
        if made:
            connection.execute(insert(table), made)


def _target(column: Column[Any]) -> Table | None:
    return next((key.column.table for key in column.foreign_keys), None)


def _apart(table: Table, row: Any, moved: dict[str, int], number: int) -> dict[str, Any]:
    """Other values where a copy would say again what only one row may say."""
    unique = [each.columns for each in table.constraints if isinstance(each, UniqueConstraint)]
    unique += [each.columns for each in table.indexes if each.unique]
    changed: dict[str, Any] = {}
    for columns in unique:
        if not moved.keys() & {column.name for column in columns}:
            *_, last = columns
            value = row[last.name]
            changed[last.name] = None if last.nullable else value + 7 if isinstance(value, int) else f"{value} {number}"
    return changed
