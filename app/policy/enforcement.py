"""Narrows every read and checks every write of a session to what the policy's table grants its actor.

Writes are checked with the SQL of the reads: against the row as it stands in the database before the
flush and again after it, so that a row can neither be taken from a foreign scope nor moved into one.
What a changed foreign key points to has to be visible to the actor.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, True_, event, false, func, inspect, or_, select
from sqlalchemy.orm import (
    Load,
    LoaderCriteriaOption,
    Mapper,
    ORMExecuteState,
    RelationshipDirection,
    RelationshipProperty,
    Session,
    UOWTransaction,
    with_loader_criteria,
)
from sqlalchemy.sql import visitors

from app.extensions import Base, db
from app.policy import correspondence, scopes
from app.policy.actor import SYSTEM, Actor
from app.policy.table import EXPLANATIONS, GRANTS, NO_RIGHT, Action

Written = dict[tuple[type[Base], Action, frozenset[str]], set[int]]


class PolicyError(Exception):
    """A person tried what their rights do not cover; nothing was written. Answered with 403."""

    def __init__(self, action: Action, model: type[Base]) -> None:
        super().__init__(f"{action.name} {model.__name__}")
        self.explanation = EXPLANATIONS.get(model, NO_RIGHT)


def load_actor(session: Session, user_id: int, today: date, now: datetime, address: str = "") -> Actor | None:
    """What the person is today, in one statement; None for somebody unknown or switched off.

    ``session`` is one of ``system()``.
    """
    somebody = Actor(user_id, today, now)
    facts = select(
        scopes.user.c.is_deputy_director,
        scopes.user.c.is_staff,
        scopes.led_classes(somebody).exists(),
        or_(scopes.own_assignments(somebody).exists(), scopes.substituted(somebody).exists()),
        scopes.wards(somebody).exists(),
        scopes.itself(somebody).exists(),
    ).where(scopes.user.c.id == user_id, scopes.user.c.is_active)
    row = session.execute(facts).first()
    return Actor(user_id, today, now, address, *row) if row else None


def act_as(session: Session, actor: Actor | object | None) -> None:
    """Bind ``session`` to a person, to SYSTEM, or to nobody, and forget the rows it holds."""
    session.expunge_all()
    session.info["actor"] = actor
    session.info["criteria"] = {}


def actor_of(session: Session) -> Any:
    """The Actor ``session`` works for, SYSTEM, or None."""
    return session.info.get("actor")


@contextmanager
def system() -> Iterator[Session]:
    """A session of its own for work without a person: worker, CLI, sign-in. The caller commits."""
    with Session(db.engine, info={"actor": SYSTEM}) as session:
        yield session


def criterion(
    actor: Actor | None, model: type[Base], action: Action, columns: frozenset[str] = frozenset(), row: Any = None
) -> ColumnElement[bool]:
    """Rows of ``model`` on which ``actor`` may do ``action``, touching ``columns``; ``row`` has the columns."""
    if actor is None:
        return false()
    rows = (
        grant.where(actor, row if row is not None else model)
        for grant in GRANTS.get(model, ())
        if action in grant.actions and grant.to(actor) and (grant.columns is None or columns <= grant.columns)
    )
    return or_(false(), *rows)


def may(actor: Actor | None, model: type[Base], action: Action, columns: frozenset[str] = frozenset()) -> bool:
    """Whether there can be rows of ``model`` on which ``actor`` may do ``action``, touching ``columns``."""
    return actor is not None and any(
        action in grant.actions and grant.to(actor) and (grant.columns is None or columns <= grant.columns)
        for grant in GRANTS.get(model, ())
    )


def allowed(session: Session, model: type[Base], action: Action, ids: Iterable[int]) -> set[int]:
    """Those of ``ids`` on which the session's actor may do ``action``."""
    if not may(actor_of(session), model, action):
        return set()
    rows, table = _rows(session, model, action), scopes.table_of(model)
    return set(session.connection().scalars(select(table.c.id).where(table.c.id.in_(set(ids)), rows)))


def writable(session: Session, row: Any) -> frozenset[str] | None:
    """Columns of ``row`` that the session's actor may change; None: all."""
    actor, table = actor_of(session), scopes.table_of(type(row))
    columns: frozenset[str] = frozenset()
    for grant in GRANTS.get(type(row), ()):
        if actor is None or Action.CHANGE not in grant.actions or not grant.to(actor):
            continue
        mine = select(table.c.id).where(table.c.id == row.id, grant.where(actor, table.c))
        if session.connection().execute(mine).first():
            if grant.columns is None:
                return None
            columns |= grant.columns
    return columns


def sees_whole(session: Session, assignment_id: int) -> bool:
    """Whether the session's actor sees every lesson of an assignment; a substitute sees some."""
    return bool(seen_whole(session, [assignment_id]))


def seen_whole(session: Session, assignments: Iterable[int]) -> set[int]:
    """Those of the assignments every lesson of which the session's actor sees."""
    actor = actor_of(session)
    if not isinstance(actor, Actor):
        return set(assignments) if actor is SYSTEM else set()
    mine = scopes.whole_journals(actor).where(scopes.assignment.c.id.in_(set(assignments)))
    return set(session.connection().scalars(mine))


@dataclass(frozen=True)
class Reported:
    """That a thread was reported, and how far the administration is: no name, no reason."""

    created_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None


def reports_of(session: Session, thread_id: int) -> list[Reported]:
    """Reports of a thread that the session's actor reads, the oldest first; its members are told that there are."""
    actor, report = actor_of(session), scopes.report
    if not isinstance(actor, Actor):
        return []
    mine = select(report.c.created_at, report.c.opened_at, report.c.closed_at).where(
        report.c.thread_id == thread_id, report.c.thread_id.in_(correspondence.own_threads(actor))
    )
    return [Reported(*row) for row in session.connection().execute(mine.order_by(report.c.id))]


def _seen(session: Session, model: type[Base]) -> Any:
    """The criterion for what the session's actor sees, built once a request."""
    known = session.info.setdefault("criteria", {})
    if model not in known:
        known[model] = criterion(actor_of(session), model, Action.SEE)
    return known[model]


def _rows(session: Session, model: type[Base], action: Action, columns: frozenset[str] = frozenset()) -> Any:
    """The criterion in terms of the table itself, built once a request."""
    known = session.info.setdefault("criteria", {})
    if (model, action, columns) not in known:
        known[model, action, columns] = criterion(actor_of(session), model, action, columns, scopes.table_of(model).c)
    return known[model, action, columns]


_mappers: dict[Any, set[Mapper[Any]]] = defaultdict(set)
for _mapper in Base.registry.mappers:
    _mappers[_mapper.local_table].add(_mapper)


def _touched(state: ORMExecuteState) -> set[Mapper[Any]]:
    """Mappers whose rows the statement can read: those it names, joins, or loads with its rows."""
    statement: Any = state.statement
    found = set(state.all_mappers)
    for element in visitors.iterate(statement):
        found |= _of(element) if isinstance(element, Table) else set()
        for target, *_rest in getattr(element, "_setup_joins", ()):
            found |= _along(target)
    for option in statement._with_options:
        found |= _loaded_by(option)
    return found


def _of(table: Table) -> set[Mapper[Any]]:
    entity = table._annotations.get("parententity")
    return {entity.mapper} if entity is not None else _mappers[table]


def _along(target: Any) -> set[Mapper[Any]]:
    """Where a join leads: by a relation, or to an entity."""
    relation = getattr(target, "property", target)
    if not isinstance(relation, RelationshipProperty):
        return {mapper for table in visitors.iterate(target) if isinstance(table, Table) for mapper in _of(table)}
    return {relation.mapper} | (_of(relation.secondary) if isinstance(relation.secondary, Table) else set())


def _loaded_by(option: Any) -> set[Mapper[Any]]:
    """What a loader option reads besides; everything for one that cannot be read here."""
    if isinstance(option, LoaderCriteriaOption):
        return set()
    if not isinstance(option, Load):
        return set(Base.registry.mappers)
    found: set[Mapper[Any]] = set()
    for element in option.context:
        for part in element.path.path:
            if isinstance(part, str):
                return set(Base.registry.mappers)
            found |= _along(part) if isinstance(part, RelationshipProperty) else set()
    return found


@event.listens_for(Session, "do_orm_execute")
def narrow(state: ORMExecuteState) -> None:
    """Add the actor's criteria to an ORM select; refuse every other statement of a person's session."""
    if actor_of(state.session) is SYSTEM or state.is_column_load:
        return
    if not state.is_select or not state.is_orm_statement:
        raise RuntimeError("a person's session runs ORM selects and flushes only")
    options = [
        with_loader_criteria(mapper.class_, rows, include_aliases=True)
        for mapper in _touched(state)
        if not isinstance(rows := _seen(state.session, mapper.class_), True_)
    ]
    state.statement = state.statement.options(*options)


def check_before(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    """Check what stands in the database now, and what will be pointed to: what a row points to may become
    visible by the row itself."""
    if actor_of(session) is SYSTEM:
        return
    deleted, changed = _grouped(session.deleted, Action.DELETE), _grouped(session.dirty, Action.CHANGE)
    for written in (deleted, changed):
        for (model, action, columns), ids in written.items():
            _require(session, model, action, columns, ids)
    for model, ids in _references([*session.new, *session.dirty]).items():
        _require(session, model, Action.SEE, frozenset(), ids)
    session.info["changed"] = changed


def check_after(session: Session, _context: UOWTransaction) -> None:
    """Check what is written now."""
    if actor_of(session) is SYSTEM:
        return
    written = session.info.pop("changed", {}) | _grouped(session.new, Action.CREATE)
    for (model, action, columns), ids in written.items():
        _require(session, model, action, columns, ids)


def _grouped(rows: Iterable[Any], action: Action) -> Written:
    """Ids of the written rows by model and written columns."""
    written: Written = defaultdict(set)
    for row in rows:
        columns = changed_columns(row) if action is Action.CHANGE else frozenset()
        if columns or action is not Action.CHANGE:
            written[type(row), action, columns].add(row.id)
    return written


def changed_columns(row: Any) -> frozenset[str]:
    """Names of changed columns, those a changed relation will write included, and of changed link tables."""
    state = inspect(row)
    mapper = state.mapper
    names = {column.key for column in mapper.column_attrs if state.attrs[column.key].history.has_changes()}
    for relation in mapper.relationships:
        if not state.attrs[relation.key].history.has_changes():
            continue
        if relation.secondary is not None:
            names.add(relation.key)
        elif relation.direction is RelationshipDirection.MANYTOONE:
            names.update(mapper.get_property_by_column(column).key for column in relation.local_columns)
    return frozenset(names)


def _require(session: Session, model: type[Base], action: Action, columns: frozenset[str], ids: set[int]) -> None:
    """Raise PolicyError unless each row, as it stands in the database, is covered by a grant."""
    rows = _rows(session, model, action, columns)
    if isinstance(rows, True_):
        return
    table = scopes.table_of(model)
    allowed = select(func.count()).select_from(table).where(table.c.id.in_(ids), rows)
    if session.connection().scalar(allowed) != len(ids):
        raise PolicyError(action, model)


def _references(rows: Iterable[Any]) -> dict[type[Base], set[int]]:
    """Ids of the rows that written foreign keys point to, by model; a row that is new itself is not among them."""
    targets: dict[type[Base], set[int]] = defaultdict(set)
    for row in rows:
        state = inspect(row)
        for column in state.mapper.local_table.c:
            attribute = state.mapper.get_property_by_column(column).key
            if column.foreign_keys and state.attrs[attribute].history.added and (value := getattr(row, attribute)):
                target = next(iter(column.foreign_keys)).column.table
                targets[next(iter(_mappers[target])).class_].add(value)
        for relation in state.mapper.relationships:
            for related in state.attrs[relation.key].history.added or ():
                if related is not None and inspect(related).persistent:
                    targets[type(related)].add(related.id)
    return targets


_unprotected = {mapper.class_ for mapper in Base.registry.mappers} - GRANTS.keys()
if _unprotected:
    raise RuntimeError(f"models without a policy entry: {sorted(model.__name__ for model in _unprotected)}")
