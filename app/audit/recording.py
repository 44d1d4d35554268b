"""A record of every change, written in the transaction of the change, on every path that a session writes by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from sqlalchemy import insert, inspect, select
from sqlalchemy.orm import RelationshipProperty, Session, UOWTransaction
from sqlalchemy.orm.base import NO_VALUE

from app import models
from app.audit import besides
from app.audit.origin import origin
from app.audit.unrecorded import ONLY, UNRECORDED, UNSAID
from app.extensions import Base
from app.policy import HIDDEN
from app.policy.touched import changed_columns

NOTED, LESSONS = "audit: noted", "audit: lessons of deleted"  # in the ``info`` of a session
CREATE, CHANGE, DELETE = "create", "change", "delete"
SECRET = "***"  # noqa: S105  (stands where a value is not told)  # nosec B105


def note_before(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    """Note what stands in the database before it changes: an expired attribute does not know its old value."""
    changed = [row for row in session.dirty if records(type(row)) and changed_columns(row)]
    deleted = [row for row in session.deleted if records(type(row))]
    stood = _as_they_stand(session, [*changed, *deleted])
    session.info[LESSONS] = _lessons(session, deleted)
    session.info[NOTED] = [
        *((row, _links(row), stood.get(row, {}), _name(row)) for row in changed),
        *((row, _links_of_deleted(session, row), stood.get(row, {}), _name(row)) for row in deleted),
    ]
    besides.note_before(session, changed)


def write_after(session: Session, context: UOWTransaction) -> None:
    """Write the records, now that new rows have their ids and relations are columns."""
    noted = session.info.pop(NOTED, [])
    new = session.new  # made anew each time it is asked for
    # Also what was taken out of the collection it belongs to: it is deleted, and was only changed before.
    gone = {state.obj() for state, (is_deleted, is_listed) in context.states.items() if is_deleted and not is_listed}
    # A new row cannot be named yet (its relations are not loaded); it is there to be looked at.
    noted += [(row, _links(row), {}, "") for row in new if records(type(row))]
    lessons = session.info.pop(LESSONS, {})
    lessons |= _lessons(session, [row for row, *_ in noted if row not in lessons])
    written = []
    for row, links, stood, name in noted:
        action = CREATE if row in new else DELETE if row in gone else CHANGE
        changes = links | _differences(stood, {} if action == DELETE else _values(row))
        if changes and _is_told(type(row), action):
            about = _about(row, stood) | {"lesson_id": lessons.get(row), "summary": name}
            written.append(_record(action, type(row), row.id, changes, about))
    _write(session, [*written, *_besides(session, new)])


def add(
    session: Session, action: str, row: Base, stood: Mapping[str, Any], stands: Mapping[str, Any]
) -> None:  # fmt: skip
    """Record at once what a statement has written to ``row`` that is no flush of it.

    ``stood`` and ``stands`` are the values of columns before and after.
    """
    about = _about(row, {}) | {"lesson_id": _lessons(session, [row]).get(row)}
    if changes := _differences(stood, stands):
        _write(session, [_record(action, type(row), row.id, changes, about)])  # type: ignore[attr-defined]


def records(model: type[Base]) -> bool:
    """Whether changes of the rows of ``model`` are recorded."""
    return model not in UNRECORDED


def _name(row: Base) -> str:
    """What the row is called; empty for one that has no name."""
    return str(row) if any("__str__" in vars(kind) for kind in type(row).__mro__[:-1]) else ""


def _is_told(model: type[Base], action: str) -> bool:
    return action in ONLY.get(model, (action,))


def _record(
    action: str, model: type[Base], object_id: int, changes: dict[str, Any], about: Mapping[str, Any]
) -> dict[str, Any]:
    what = {"action": action, "model": model.__name__, "object_id": object_id, "changes": changes}
    return {"student_id": None, "user_id": None, "lesson_id": None, "summary": "", **what, **about}


def _about(row: Any, stood: Mapping[str, Any]) -> dict[str, int | None]:
    """Whom a record of the row tells of; a row that was taken out of its collection has forgotten whose it was."""
    student_id, user_id = (getattr(row, name, None) or stood.get(name) for name in ("student_id", "user_id"))
    return {
        "student_id": row.id if isinstance(row, models.Student) else student_id,
        "user_id": row.id if isinstance(row, models.User) else user_id,
    }


def _besides(session: Session, new: Iterable[Any]) -> list[dict[str, Any]]:
    """Records of what the tables wrote by themselves."""
    told = []
    for model, stood, stands in besides.written(session, new):
        action, number = CHANGE if stood else CREATE, stands["id"]
        if changes := _differences(stood, stands):
            about = {"user_id": number} if model is models.User else {}
            told.append(_record(action, model, number, changes, about))
    return told


def _write(session: Session, written: list[dict[str, Any]]) -> None:
    if written:
        whence = asdict(origin(session))
        session.connection().execute(insert(models.AuditRecord), [record | whence for record in written])


def _lessons(session: Session, rows: list[Any]) -> dict[Any, int]:
    """The lesson of each row that stands in one: for those who may look at its history."""
    found = {row: row.lesson_id for row in rows if hasattr(row, "lesson_id")}
    found |= {row: row.id for row in rows if isinstance(row, models.Lesson)}
    found |= {row: row.work.lesson_id for row in rows if _has_read_work(row)}
    for model, key in ((models.Mark, "work_id"), (models.StaffNote, "mark_id")):
        standing = [row for row in rows if isinstance(row, model) and row not in found]
        if standing:
            lesson_of = _lesson_of(session, model, {getattr(row, key) for row in standing})
            found |= {row: lesson_of[getattr(row, key)] for row in standing if getattr(row, key) in lesson_of}
    return found


def _has_read_work(row: Any) -> bool:
    """Whether a mark's work is there, as it stands in the database."""
    work = inspect(row).dict.get("work") if isinstance(row, models.Mark) else None
    return work is not None and work.id == row.work_id and "lesson_id" in inspect(work).unmodified


def _lesson_of(session: Session, model: type[Base], ids: set[int]) -> dict[int, int]:
    """The lesson of each work, or of the work of each mark, of ``ids``."""
    work, mark = inspect(models.Work).local_table, inspect(models.Mark).local_table
    if model is models.Mark:
        query = select(work.c.id, work.c.lesson_id).where(work.c.id.in_(ids))
    else:
        query = select(mark.c.id, work.c.lesson_id).join(work, work.c.id == mark.c.work_id).where(mark.c.id.in_(ids))
    return {number: lesson_id for number, lesson_id in session.connection().execute(query)}  # noqa: C416


def _as_they_stand(session: Session, rows: list[Any]) -> dict[Any, dict[str, Any]]:
    """The columns of rows before the flush: as they were read where that is what they are, else one statement a
    table, however many rows."""
    stand: dict[Any, dict[str, Any]] = {}
    of_model: dict[type[Base], dict[int, Any]] = defaultdict(dict)
    for row in rows:
        if (read := _as_read(row)) is not None:
            stand[row] = read
        else:
            of_model[type(row)][row.id] = row
    for model, known in of_model.items():
        mapper = inspect(model)
        columns = [column.label(mapper.get_property_by_column(column).key) for column in mapper.local_table.c]
        found = session.connection().execute(select(*columns).where(mapper.local_table.c.id.in_(known))).mappings()
        stand.update({known[values["id"]]: dict(values) for values in found})
    return stand


def _as_read(row: Any) -> dict[str, Any] | None:
    """What was read of a row whose version the flush compares: had somebody written meanwhile, nothing is written.

    None for a row without a version, and for one that was not read whole.
    """
    state = inspect(row)
    if state.mapper.version_id_col is None or state.expired_attributes:
        return None
    read = {column.key: state.committed_state.get(column.key, state.dict.get(column.key, NO_VALUE))
            for column in state.mapper.column_attrs}  # fmt: skip
    return None if any(value is NO_VALUE for value in read.values()) else read


def _values(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in inspect(row).mapper.column_attrs}


def _differences(stood: Mapping[str, Any], stands: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Old and new value of each column that differs; of a secret only that it changed."""
    differences = {}
    for name in sorted((stood.keys() | stands.keys()) - UNSAID):
        old, new = stood.get(name), stands.get(name)
        if old != new:
            differences[name] = [SECRET, SECRET] if name in HIDDEN else [_plain(old), _plain(new)]
    return differences


def _links(row: Any) -> dict[str, list[Any]]:
    """Ids taken out of and put into the row's link tables."""
    state = inspect(row)
    histories = {name: state.attrs[name].history for name in _link_tables(type(row))}
    return {
        name: [[item.id for item in history.deleted], [item.id for item in history.added]]
        for name, history in histories.items()
        if history.has_changes()
    }


def _links_of_deleted(session: Session, row: Any) -> dict[str, list[Any]]:
    """Ids in the row's link tables, which go with it."""
    links = {}
    for name, relation in _link_tables(type(row)).items():
        (_here, own), *_ = relation.synchronize_pairs
        (_there, other), *_ = relation.secondary_synchronize_pairs or ()
        if ids := session.connection().scalars(select(other).where(own == row.id).order_by(other)).all():
            links[name] = [list(ids), []]
    return links


def _link_tables(model: type[Base]) -> dict[str, RelationshipProperty[Any]]:
    return {relation.key: relation for relation in inspect(model).relationships if relation.secondary is not None}


def _plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return value
