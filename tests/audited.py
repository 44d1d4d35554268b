"""Whether the audit tells all: what stood before, with the records of what happened since, is what stands now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from sqlalchemy import Connection, func, select

from app import audit
from app.extensions import Base, db
from app.models import AuditRecord
from app.policy import HIDDEN

Rows = dict[str, dict[int, dict[str, Any]]]
"""By model and id: the values of the columns that the audit tells of, as it writes them."""

LINKS = {relation.secondary for mapper in Base.registry.mappers for relation in mapper.relationships}
"""Tables of links: told with the row that they belong to."""
RECORDED = [
    mapper.class_
    for mapper in Base.registry.mappers
    if audit.records(mapper.class_) and mapper.local_table not in LINKS
]


def snapshot(connection: Connection) -> Rows:
    """All rows of the models that are recorded."""
    return {model.__name__: _rows(connection, model) for model in RECORDED}


def last_record(connection: Connection) -> int:
    return connection.scalar(select(func.max(AuditRecord.id))) or 0


def untold(before: Rows, since: int, connection: Connection) -> list[str]:
    """Differences between the database and what its audit tells after the record ``since``."""
    table = AuditRecord.__table__
    told = {model: {number: dict(row) for number, row in rows.items()} for model, rows in before.items()}
    faults: list[str] = []
    touched: set[tuple[str, int, str]] = set()
    for record in connection.execute(select(table).where(table.c.id > since).order_by(table.c.id)).mappings():
        touched |= {(record["model"], record["object_id"], name) for name in record["changes"]}
        faults += _apply(record, told.setdefault(record["model"], {}))
    return faults + list(_compare(told, snapshot(connection), before, touched))


def told_of_an_empty_database() -> list[str]:
    """For a test that began without rows."""
    with db.engine.connect() as connection:
        return untold({}, 0, connection)


def _apply(record: Any, rows: dict[int, dict[str, Any]]) -> list[str]:
    number, place = record["object_id"], f"{record['action']} {record['model']} {record['object_id']}"
    changes = {name: pair for name, pair in record["changes"].items() if _is_column(record["model"], name)}
    stood = {} if record["action"] == "create" else rows.get(number, {})
    faults = [f"{place}: created twice"] if record["action"] == "create" and number in rows else []
    for name, (old, new) in changes.items():
        if name not in HIDDEN and stood.get(name) != old:
            faults.append(f"{place}: {name} was {stood.get(name)!r}, told {old!r}")
        rows.setdefault(number, {})[name] = new
    if record["action"] == "delete":
        rows.pop(number, None)
    return faults


def _compare(told: Rows, stands: Rows, before: Rows, touched: set[tuple[str, int, str]]) -> Iterable[str]:
    for model, rows in stands.items():
        partly = any(kept.__name__ == model for kept in audit.ONLY)
        for number in rows.keys() | told.get(model, {}).keys():
            here, said = rows.get(number), told.get(model, {}).get(number)
            if here is None or said is None:
                if not partly:
                    yield f"{model} {number}: stands {here}, told {said}"
                continue
            was = before.get(model, {}).get(number, {})
            for name, value in here.items():
                if name in HIDDEN:
                    if value != was.get(name) and not partly and (model, number, name) not in touched:
                        yield f"{model} {number}: {name} was changed and is not told"
                elif said.get(name) != value and not (partly and name not in said):
                    yield f"{model} {number}: {name} stands {value!r}, told {said.get(name)!r}"


def _rows(connection: Connection, model: type[Base]) -> dict[int, dict[str, Any]]:
    rows = connection.execute(select(model.__table__)).mappings()
    return {row["id"]: {name: _plain(row[name]) for name in row if name not in audit.UNSAID} for row in rows}


def _is_column(model: str, name: str) -> bool:
    return next(name in kind.__table__.c for kind in RECORDED if kind.__name__ == model)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date | datetime | time) else value
