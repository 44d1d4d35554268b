"""Brings deleted rows back: under their old numbers where these are free, with the stamps that the audit knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.journal.stamps import BROUGHT_BACK, ENTRIES
from app.models import Account, AuditRecord, Undoing, User
from app.people.refusal import Refusal
from app.policy import Actor, actor_of
from app.policy.scopes import table_of
from app.undo import history, obstacles, values
from app.undo.history import Object
from app.undo.kinds import FILES, LOST, UNDOABLE, link_tables, place, references
from app.undo.obstacles import Obstacle

IN_THE_WAY = lazy_gettext("Something stands in the way: look at what is said about it, and mend that first.")


@dataclass(frozen=True)
class Plan:
    """What is going to come back.

    ``records`` tell of the rows that come back, what others refer to first, and ``lost`` of those that went along and
    do not. ``roots`` were no part of another one. ``renumbered`` get a new number, because the old one is taken; to
    ``unlinked`` no link leads back, because they are gone. ``entered`` says when and by whom a mark was entered, where
    that is known.
    """

    chosen: AuditRecord
    records: list[AuditRecord]
    roots: list[AuditRecord]
    lost: list[AuditRecord]
    obstacles: list[Obstacle]
    renumbered: set[Object]
    unlinked: set[Object]
    entered: dict[Object, tuple[datetime, int | None]] = field(repr=False)

    @property
    def accounts(self) -> int:
        """How many people come back who have to be given access anew."""
        return sum(record.model == Account.__name__ for record in self.records)

    @property
    def files(self) -> int:
        """How many files do not come back."""
        return sum(bool(record.changes.get(name, [None])[0]) for record in self.records for name in FILES)

    @property
    def unstamped(self) -> int:
        """How many marks and absences of which it is not known when and by whom they were entered."""
        stamped = {model.__name__ for model in ENTRIES}
        return sum(record.model in stamped and history.of(record) not in self.entered for record in self.records)


def plan(session: Session, chosen: AuditRecord, now: datetime, *, whole: bool = False) -> Plan:
    """What comes back with the row that ``chosen`` tells of; ``whole``: with everything that was deleted at once.

    Raises Refusal for what cannot be brought back by anybody.
    """
    history.require(session, chosen, now)
    deleted = history.unit(session, chosen, now)
    if not whole:
        wanted = history.together(deleted, chosen)
        deleted = [record for record in deleted if history.of(record) in wanted]
    records = sorted((each for each in deleted if each.model in UNDOABLE), key=lambda each: place(each.model))
    lost = [record for record in deleted if record.model not in UNDOABLE]
    return Plan(
        chosen, records, history.roots(records), lost, obstacles.of(session, records, now),
        _taken(session, records), obstacles.missing(session, _linked(records)), history.entered(session, records),
    )  # fmt: skip


def bring_back(session: Session, what: Plan, now: datetime) -> dict[Object, Any]:
    """Write the rows of a plan; give them back by their old numbers. The caller commits.

    Raises Refusal where something stands in the way, PolicyError, RegulationError, IntegrityError.
    """
    if what.obstacles:
        raise Refusal(IN_THE_WAY)
    with session.no_autoflush:
        rows = _rows(session, what)
    session.add_all(rows.values())
    session.info[BROUGHT_BACK] = set(rows.values())
    try:
        session.flush()
    finally:
        del session.info[BROUGHT_BACK]
    numbers = {history.of(record): record.id for record in what.records}
    note(session, {numbers[old]: row.id for old, row in rows.items()}, now)
    return rows


def note(session: Session, undone: dict[int, int], now: datetime) -> None:
    """Note by the ids of their records what was undone, and as which row it stands now."""
    actor = actor_of(session)
    user_id = actor.user_id if isinstance(actor, Actor) else None
    session.add_all(
        Undoing(record_id=record_id, object_id=object_id, at=now, user_id=user_id)
        for record_id, object_id in undone.items()
    )
    session.flush()


def _rows(session: Session, what: Plan) -> dict[Object, Any]:
    rows: dict[Object, Any] = {}
    seen = _seen_people(session, what.entered.values())
    for record in what.records:
        old, model = history.of(record), UNDOABLE[record.model]
        row = rows[old] = model(**dict(_columns(model, record)))
        if old not in what.renumbered:
            row.id = record.object_id
        if model in ENTRIES and old in what.entered:
            at, by = what.entered[old]
            row.entered_at, row.entered_by_id = at, by if by in seen else None
        elif model in ENTRIES and isinstance(actor := actor_of(session), Actor):
            row.entered_at, row.entered_by_id = actor.now, actor.user_id
        for key, relation in references(model):
            whole = rows.get((relation.mapper.class_.__name__, record.changes.get(key, [None])[0]))
            if whole is not None:
                setattr(row, key, None)
                setattr(row, relation.key, whole)
        for relation in link_tables(model):
            linked = record.changes.get(relation.key, [[]])[0]
            target = relation.mapper.class_
            setattr(row, relation.key, list(session.scalars(select(target).where(target.id.in_(linked)))))
    return rows


def _columns(model: type[Any], record: AuditRecord) -> Iterator[tuple[str, Any]]:
    """What stood in the columns; what is not told of a column that can be empty was empty."""
    for column in model.__mapper__.column_attrs:
        if column.key in record.changes and column.key not in LOST:
            yield column.key, values.read(model, column.key, record.changes[column.key][0])
        elif column.columns[0].nullable and column.key not in LOST:
            yield column.key, None


def _linked(records: Iterable[AuditRecord]) -> Iterator[Object]:
    """The rows that deleted ones were linked with by tables of links."""
    for record in records:
        for relation in link_tables(UNDOABLE[record.model]):
            for number in record.changes.get(relation.key, [[]])[0]:
                yield relation.mapper.class_.__name__, number


def _taken(session: Session, records: Iterable[AuditRecord]) -> set[Object]:
    """Rows whose number another one has now."""
    numbers: dict[str, set[int]] = {}
    for record in records:
        numbers.setdefault(record.model, set()).add(record.object_id)
    taken: set[Object] = set()
    for name, ids in numbers.items():
        table = table_of(UNDOABLE[name])
        there = session.connection().scalars(select(table.c.id).where(table.c.id.in_(ids)))
        taken |= {(name, number) for number in there}
    return taken


def _seen_people(session: Session, stamps: Iterable[tuple[datetime, int | None]]) -> set[int]:
    """Those who entered something, as far as the session's person sees them."""
    return set(session.scalars(select(User.id).where(User.id.in_({by for _at, by in stamps if by is not None}))))
