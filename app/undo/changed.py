"""Puts a changed row back to what it was before one change of it; what was changed since is shown and asked about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.journal.stamps import BROUGHT_BACK, ENTRIES
from app.models import AuditRecord, User
from app.people.refusal import Refusal
from app.undo import history, obstacles, values
from app.undo.deleted import IN_THE_WAY, note
from app.undo.history import Object
from app.undo.kinds import LOST, UNDOABLE, link_tables, references
from app.undo.obstacles import Obstacle

GONE = lazy_gettext("What was changed here was deleted since. Bring that back first.")
ALREADY_SO = lazy_gettext("It stands as it did before this change: there is nothing to put back.")
NEVER = lazy_gettext("Passwords and files are not kept, so they cannot be put back. Set them anew.")


@dataclass(frozen=True)
class Line:
    """One column, with values as the audit writes them: what stands there ``now``, what the change had ``made`` of it,
    and what stood ``before`` and will again."""

    column: str
    now: Any
    made: Any
    before: Any

    @property
    def changed_since(self) -> bool:
        """Whether somebody wrote another value after the change."""
        return bool(self.now != self.made)


@dataclass(frozen=True)
class Plan:
    """What is going to be written to ``row``; ``lost`` are columns that cannot be put back."""

    record: AuditRecord
    row: Any
    lines: list[Line]
    lost: list[str]
    obstacles: list[Obstacle]
    entered: tuple[datetime, int | None] | None

    @property
    def changed_since(self) -> bool:
        """Whether a later value goes."""
        return any(line.changed_since for line in self.lines)

    @property
    def is_entered(self) -> bool:
        """Whether a mark or an absence is put back, which has a stamp."""
        return ENTRIES.get(type(self.row)) in {line.column for line in self.lines}

    @property
    def seen(self) -> str:
        """What a person has looked at before saying yes: other values have another one."""
        shown = json.dumps([[line.column, line.now, line.before] for line in self.lines])
        return hashlib.sha256(shown.encode()).hexdigest()[:16]


def plan(session: Session, record: AuditRecord, now: datetime) -> Plan:
    """What is written to undo a change. Raises Refusal for one that cannot be undone by anybody."""
    history.require(session, record, now)
    row = session.get(UNDOABLE[record.model], record.object_id)
    if row is None:
        raise Refusal(GONE)
    lost = [column for column in record.changes if column in LOST]
    lines = [line for line in _lines(record, row) if line.now != line.before]
    if not lines:
        raise Refusal(NEVER if lost else ALREADY_SO)
    needed = set(_referred(record, lines))
    gone = [
        Obstacle(record, needs=what, deletion=history.deletion_of(session, what, now))
        for what in sorted(obstacles.missing(session, needed))
    ]
    return Plan(record, row, lines, lost, gone, history.entered(session, [record]).get(history.of(record)))


def put_back(session: Session, what: Plan, now: datetime) -> None:
    """Write it. The caller commits. Raises Refusal, PolicyError, RegulationError, IntegrityError."""
    if what.obstacles:
        raise Refusal(IN_THE_WAY)
    row, model = what.row, type(what.row)
    links = {relation.key: relation.mapper.class_ for relation in link_tables(model)}
    with session.no_autoflush:
        for line in what.lines:
            if target := links.get(line.column):
                setattr(row, line.column, list(session.scalars(select(target).where(target.id.in_(line.before)))))
            else:
                setattr(row, line.column, values.read(model, line.column, line.before))
        if what.is_entered and what.entered is None:
            session.flush()  # stamped as any entry
        else:
            _flush_with_stamps(session, what)
    note(session, {what.record.id: row.id}, now)


def _flush_with_stamps(session: Session, what: Plan) -> None:
    """An older mark is that of who entered it then."""
    if what.is_entered and what.entered is not None:
        at, by = what.entered
        seen = session.scalar(select(User.id).where(User.id == by)) if by is not None else None
        what.row.entered_at, what.row.entered_by_id = at, seen
    session.info[BROUGHT_BACK] = {what.row}
    try:
        session.flush()
    finally:
        del session.info[BROUGHT_BACK]


def _lines(record: AuditRecord, row: Any) -> Iterator[Line]:
    """The columns of a change that are still columns of the row."""
    mapper = type(row).__mapper__
    links = {relation.key for relation in link_tables(type(row))}
    for column, (old, new) in record.changes.items():
        if column in links:
            ids = sorted(each.id for each in getattr(row, column))
            made = sorted({*ids, *new} - set(old))
            yield Line(column, ids, made, sorted(({*ids} - set(new)) | set(old)))
        elif column in mapper.column_attrs and column not in LOST:
            yield Line(column, values.plain(getattr(row, column)), new, old)


def _referred(record: AuditRecord, lines: list[Line]) -> Iterator[Object]:
    """The rows that will be referred to again."""
    targets = {key: relation.mapper.class_.__name__ for key, relation in references(UNDOABLE[record.model])}
    for line in lines:
        if line.column in targets and line.before is not None:
            yield targets[line.column], line.before
