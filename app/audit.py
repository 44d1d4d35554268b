"""Who changed what, from what to what: written in the transaction of the change, on every path."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time
from enum import Enum
from typing import Any

from sqlalchemy import insert, inspect, select
from sqlalchemy.orm import Session, UOWTransaction

from app import models
from app.extensions import Base
from app.policy import HIDDEN, Actor, actor_of
from app.policy.enforcement import changed_columns

# Rows that are records themselves, or that only say that somebody was here; and what people write to
# each other, which is nobody else's to read.
UNRECORDED = {
    models.AuditRecord, models.SignIn, models.UserSession, models.Delivery, models.StudentImport, models.EditReceipt,
    models.Thread, models.ThreadMember, models.Message, models.MessageFile,
    # What only its family or its owner sees, and what follows from other records.
    models.HomeworkDone, models.CalendarFeed, models.DiaryVisit, models.PushSubscription, models.NotificationChoice,
    models.QuietHours, models.Happening, models.Notification,
    # Measured by the worker; and what says of itself who, when and what.
    models.RuleRecord, models.Reminder, models.NewsReading, models.SupportReply, models.SupportFile,
    models.RecoveryCode,
    models.AuditSeal, models.DataAccess, models.Erasure, models.BackupRun,
    models.WorkerPulse,
}  # fmt: skip
UNSAID = {"identity", "content", "id", "search_name", "sort_name", "version", "last_step"} | {
    "entered_at",
    "entered_by_id",
    "last_seen_at",
    "made", "ended",  # what a change of year wrote: each of its rows has a record of its own
}  # fmt: skip


def note_before(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    """Note what stands in the database before it changes: an expired attribute does not know its old value."""
    changed = [row for row in session.dirty if _recorded(row) and changed_columns(row)]
    deleted = [row for row in session.deleted if _recorded(row)]
    stood = _as_they_stand(session, [*changed, *deleted])
    session.info["lessons of deleted"] = _lessons(session, deleted)
    session.info["audit"] = [
        *((row, _links(row), stood.get(row, {}), str(row)) for row in changed),
        *((row, {}, stood.get(row, {}), str(row)) for row in deleted),
    ]


def write_after(session: Session, _context: UOWTransaction) -> None:
    """Write the records, now that new rows have their ids and relations are columns."""
    noted = session.info.pop("audit", [])
    new, deleted = session.new, session.deleted  # made anew each time they are asked for
    # A new row cannot be named yet (its relations are not loaded); it is there to be looked at.
    noted += [(row, {}, {}, "") for row in new if _recorded(row)]
    lessons = session.info.pop("lessons of deleted", {})
    lessons |= _lessons(session, [row for row, *_ in noted if row not in lessons])
    written = []
    for row, links, stood, name in noted:
        action = "create" if row in new else "delete" if row in deleted else "change"
        if record := _record(session, row, action, links, stood, name):
            written.append(record | {"lesson_id": lessons.get(row)})
    if written:
        session.connection().execute(insert(models.AuditRecord), written)


def records(model: type[Base]) -> bool:
    """Whether changes of the rows of ``model`` are recorded."""
    return model not in UNRECORDED


def _record(
    session: Session, row: Any, action: str, links: dict[str, Any], stood: dict[str, Any], name: str
) -> dict[str, Any] | None:
    stands = {} if action == "delete" else _values(row)
    changes = links | _differences(stood, stands)
    if not changes:
        return None
    actor = actor_of(session)
    person = actor if isinstance(actor, Actor) else None
    return {
        "at": person.now if person else datetime.now(UTC),
        "actor_id": person.user_id if person else None,
        "address": person.address if person else "",
        "action": action,
        "model": type(row).__name__,
        "object_id": row.id,
        "student_id": row.id if isinstance(row, models.Student) else getattr(row, "student_id", None),
        "changes": changes,
        "summary": name,
    }


def _lessons(session: Session, rows: list[Any]) -> dict[Any, int]:
    """The lesson of each row that stands in one: for those who may look at its history."""
    found = {row: row.lesson_id for row in rows if hasattr(row, "lesson_id")}
    found |= {row: row.id for row in rows if isinstance(row, models.Lesson)}
    for model, key in ((models.Mark, "work_id"), (models.StaffNote, "mark_id")):
        standing = [row for row in rows if isinstance(row, model)]
        if standing:
            lesson_of = _lesson_of(session, model, {getattr(row, key) for row in standing})
            found |= {row: lesson_of[getattr(row, key)] for row in standing if getattr(row, key) in lesson_of}
    return found


def _lesson_of(session: Session, model: type[Base], ids: set[int]) -> dict[int, int]:
    """The lesson of each work, or of the work of each mark, of ``ids``."""
    work, mark = inspect(models.Work).local_table, inspect(models.Mark).local_table
    if model is models.Mark:
        query = select(work.c.id, work.c.lesson_id).where(work.c.id.in_(ids))
    else:
        query = select(mark.c.id, work.c.lesson_id).join(work, work.c.id == mark.c.work_id).where(mark.c.id.in_(ids))
    return {number: lesson_id for number, lesson_id in session.connection().execute(query)}  # noqa: C416


def _recorded(row: Base) -> bool:
    return records(type(row))


def _as_they_stand(session: Session, rows: list[Any]) -> dict[Any, dict[str, Any]]:
    """The columns of rows before the flush; one statement a table, however many rows."""
    of_model: dict[type[Base], dict[int, Any]] = defaultdict(dict)
    for row in rows:
        of_model[type(row)][row.id] = row
    stand = {}
    for model, known in of_model.items():
        mapper = inspect(model)
        columns = [column.label(mapper.get_property_by_column(column).key) for column in mapper.local_table.c]
        found = session.connection().execute(select(*columns).where(mapper.local_table.c.id.in_(known))).mappings()
        stand.update({known[values["id"]]: dict(values) for values in found})
    return stand


def _values(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in inspect(row).mapper.column_attrs}


def _differences(stood: dict[str, Any], stands: dict[str, Any]) -> dict[str, list[Any]]:
    """Old and new value of each column that differs; of a secret only that it changed."""
    differences = {}
    for name in sorted((stood.keys() | stands.keys()) - UNSAID):
        old, new = stood.get(name), stands.get(name)
        if old != new:
            differences[name] = ["***", "***"] if name in HIDDEN else [_plain(old), _plain(new)]
    return differences


def _links(row: Any) -> dict[str, list[Any]]:
    """Ids taken out of and put into the row's link tables."""
    state = inspect(row)
    linked = [relation.key for relation in state.mapper.relationships if relation.secondary is not None]
    histories = {name: state.attrs[name].history for name in linked}
    return {
        name: [[item.id for item in history.deleted], [item.id for item in history.added]]
        for name, history in histories.items()
        if history.has_changes()
    }


def _plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return value
