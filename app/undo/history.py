"""What the audit knows of a deletion or a change: which records belong together, and whether one can be undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString, lazy_gettext
from sqlalchemy import ColumnElement, String, case, cast, exists, func, literal_column, select
from sqlalchemy.orm import Session, joinedload

from app.journal.stamps import ENTRIES
from app.models import AuditRecord, Undoing
from app.people.refusal import Refusal
from app.undo.kinds import KEPT_FOR, MOST, UNDOABLE, place, references

Object = tuple[str, int]
"""A model's name and the id of a row."""

TOO_OLD = lazy_gettext("This was more than 30 days ago. It can only be entered again by hand.")
NOT_THIS = lazy_gettext(
    "What lets somebody in, what a family asked for or agreed to, and files are not brought back. Enter it anew."
)
ERASED = lazy_gettext("The data were erased with the person they told of. Nothing brings them back.")
UNDONE = lazy_gettext("This was undone already.")
TOO_MANY = lazy_gettext("More than 2,000 records were deleted at once. Ask for them to be restored from a backup.")


def of(record: AuditRecord) -> Object:
    """What a record tells of."""
    return record.model, record.object_id


def why_not(session: Session, record: AuditRecord, now: datetime) -> LazyString | None:
    """Why a record of a deletion or a change cannot be undone by anybody; None when it can."""
    if record.model not in UNDOABLE or record.action not in ("delete", "change"):
        return NOT_THIS
    if record.erased_at is not None:
        return ERASED
    if record.at < now - KEPT_FOR:
        return TOO_OLD
    return UNDONE if session.scalar(select(Undoing.id).where(Undoing.record_id == record.id)) else None


def require(session: Session, record: AuditRecord, now: datetime) -> None:
    """Raise Refusal for a record that cannot be undone."""
    if reason := why_not(session, record, now):
        raise Refusal(reason)


def deletion_of(session: Session, what: Object, now: datetime) -> AuditRecord | None:
    """The last deletion of a row that can be undone."""
    model, number = what
    return session.scalars(
        select(AuditRecord)
        .where(AuditRecord.model == model, AuditRecord.object_id == number, *_deleted(now))
        .order_by(AuditRecord.id.desc())
        .limit(1)
    ).first()


def unit(session: Session, record: AuditRecord, now: datetime) -> list[AuditRecord]:
    """What was deleted in the same transaction and is not back yet, that the session's person sees; in the order it
    was. Raises Refusal for more than can be brought back at once."""
    if record.unit:
        same = [AuditRecord.unit == record.unit]
    else:  # before there were units: of one moment and one person
        same = [AuditRecord.unit == "", AuditRecord.at == record.at, AuditRecord.actor_id == record.actor_id]
    deletions = select(AuditRecord).where(*same, *_deleted(now)).order_by(AuditRecord.id).limit(MOST + 1)
    found = list(session.scalars(deletions))
    if len(found) > MOST:
        raise Refusal(TOO_MANY)
    return found


def _deleted(now: datetime) -> list[ColumnElement[bool]]:
    undone = exists().where(Undoing.record_id == AuditRecord.id)
    return [AuditRecord.action == "delete", AuditRecord.at >= now - KEPT_FOR, AuditRecord.erased_at.is_(None), ~undone]


def parents(record: AuditRecord) -> set[Object]:
    """The rows that the deleted row referred to."""
    model = UNDOABLE.get(record.model)
    if model is None:
        return set()
    named = ((relation.mapper.class_.__name__, record.changes.get(key)) for key, relation in references(model))
    return {(name, values[0]) for name, values in named if values and values[0] is not None}


def together(records: Iterable[AuditRecord], chosen: AuditRecord) -> set[Object]:
    """Of what was deleted at once, what belongs to ``chosen``: what it was a part of, with all its parts."""
    known = {of(record): parents(record) for record in records}
    parts: dict[Object, set[Object]] = defaultdict(set)
    for part, wholes in known.items():
        for whole in wholes & known.keys():
            parts[whole].add(part)
    within = {part: wholes & known.keys() for part, wholes in known.items()}
    found = _reached(within, {of(chosen)})
    return _reached(within, _reached(parts, found))


def _reached(ways: dict[Object, set[Object]], start: set[Object]) -> set[Object]:
    found, ahead = set(start), list(start)
    while ahead:
        further = ways.get(ahead.pop(), set()) - found
        found |= further
        ahead += further
    return found


def roots(records: Iterable[AuditRecord]) -> list[AuditRecord]:
    """Those that were no part of another one that was deleted with them."""
    records = list(records)
    known = {of(record) for record in records}
    return [record for record in records if not parents(record) & known]


def entered(session: Session, records: Iterable[AuditRecord]) -> dict[Object, tuple[datetime, int | None]]:
    """When and by whom the marks and absences were entered that stood before ``records``, as far as the audit
    knows; one statement a model."""
    before: dict[str, dict[int, int]] = defaultdict(dict)
    for record in records:
        before[record.model][record.object_id] = record.id
    found = {}
    for model, column in ENTRIES.items():
        numbers = before.get(model.__name__, {})
        if not numbers:
            continue
        earlier = select(AuditRecord).where(
            AuditRecord.model == model.__name__, AuditRecord.object_id.in_(numbers), AuditRecord.action != "delete"
        )
        for record in session.scalars(earlier.order_by(AuditRecord.id)):
            if record.id < numbers[record.object_id] and column in record.changes:
                found[of(record)] = (record.at, record.actor_id)
    return found


@dataclass(frozen=True)
class Deletion:
    """What somebody deleted at once: ``head`` is the record that names it, ``counts`` are rows by model."""

    head: AuditRecord
    counts: dict[str, int]


def deletions(session: Session, now: datetime, names: Iterable[str], page: int, size: int) -> list[Deletion]:
    """Deletions of the last 30 days among rows of ``names`` that can be undone, newest first; ``size`` and one more."""
    # Without bound values: PostgreSQL takes two of them for two expressions.
    one = case(
        (func.length(AuditRecord.unit) > literal_column("0"), AuditRecord.unit), else_=cast(AuditRecord.at, String)
    )
    which = (AuditRecord.model.in_(list(names)), *_deleted(now))
    newest = (
        select(one)
        .where(*which)
        .group_by(one)
        .order_by(func.max(AuditRecord.id).desc())
        .limit(size + 1)
        .offset(page * size)
    )
    units = list(session.scalars(newest))
    counted = (
        select(one, AuditRecord.model, func.count(), func.min(AuditRecord.id))
        .where(*which, one.in_(units))
        .group_by(one, AuditRecord.model)
    )
    kinds: dict[str, list[tuple[int, str, int, int]]] = defaultdict(list)
    for key, model, count, first in session.execute(counted):
        kinds[key].append((place(model), model, count, first))
    heads = {key: min(of_unit)[3] for key, of_unit in kinds.items()}
    loaded = {
        record.id: record
        for record in session.scalars(
            select(AuditRecord).where(AuditRecord.id.in_(heads.values())).options(joinedload(AuditRecord.actor))
        )
    }
    return [
        Deletion(loaded[heads[key]], {model: count for _place, model, count, _first in sorted(kinds[key])})
        for key in units
        if heads[key] in loaded
    ]
