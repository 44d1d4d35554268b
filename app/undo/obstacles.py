"""What stands in the way of rows that are to come back, and can be told before they are written.

What the rights and the regulation say is asked of them by writing (see ``admin_views/undo.py``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Session

from app.models import BY_NAME, AuditRecord
from app.undo import history, values
from app.undo.history import Object
from app.undo.kinds import LOST, UNDOABLE


@dataclass(frozen=True)
class Obstacle:
    """``record`` cannot come back: ``needs`` is gone (undo ``deletion`` first), or ``stands`` has its place."""

    record: AuditRecord
    needs: Object | None = None
    deletion: AuditRecord | None = None
    stands: Any = None


def of(session: Session, records: list[AuditRecord], now: datetime) -> list[Obstacle]:
    """What stands in the way of the rows of ``records``, each thing once."""
    back = {history.of(record) for record in records}
    return [*_gone(session, records, back, now), *_taken(session, records)]


def missing(session: Session, wanted: Iterable[Object]) -> set[Object]:
    """Those rows that are not there, or not for the session's person to see."""
    numbers: dict[str, set[int]] = defaultdict(set)
    for name, number in wanted:
        numbers[name].add(number)
    gone: set[Object] = set()
    for name, ids in numbers.items():
        model: Any = BY_NAME[name]
        there = set(session.scalars(select(model.id).where(model.id.in_(ids))))
        gone |= {(name, number) for number in ids - there}
    return gone


def _gone(session: Session, records: list[AuditRecord], back: set[Object], now: datetime) -> Iterator[Obstacle]:
    needed: dict[Object, AuditRecord] = {}
    for record in records:
        for whole in history.parents(record) - back:
            needed.setdefault(whole, record)
    for what in sorted(missing(session, needed)):
        yield Obstacle(needed[what], needs=what, deletion=history.deletion_of(session, what, now))


def _taken(session: Session, records: list[AuditRecord]) -> Iterator[Obstacle]:
    """Where another row has taken the place that only one can have."""
    back = {history.of(record) for record in records}
    for record in records:
        if history.parents(record) & back:
            continue  # its place went with what it is a part of
        for columns, empty in _unique(UNDOABLE[record.model]):
            stands = _standing(session, record, columns, empty)
            if stands is not None:
                yield Obstacle(record, stands=stands)
                break


def _standing(session: Session, record: AuditRecord, columns: list[str], empty: str | None) -> Any:
    """The row that has the values of ``columns``; None also when some are not known, or ``empty`` was not empty."""
    model = UNDOABLE[record.model]
    written = {name: record.changes.get(name, [None])[0] for name in columns}
    if (
        None in written.values()
        or LOST & written.keys()
        or (empty and record.changes.get(empty, [None])[0] is not None)
    ):
        return None
    same = [getattr(model, name) == values.read(model, name, value) for name, value in written.items()]
    if empty:
        same.append(getattr(model, empty).is_(None))
    return session.scalars(select(model).where(*same).limit(1)).first()


def _unique(model: type[Any]) -> Iterator[tuple[list[str], str | None]]:
    """The columns of each unique constraint and index, and which one has to be empty for a partial one to hold."""
    keys = {column.columns[0].name: column.key for column in model.__mapper__.column_attrs}
    for constraint in model.__table__.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield [keys[column.name] for column in constraint.columns], None
    for index in model.__table__.indexes:
        where = index.dialect_options["sqlite"]["where"]
        if index.unique:
            yield (
                [keys[column.name] for column in index.columns],
                str(where).removesuffix(" IS NULL") if where is not None else None,
            )
