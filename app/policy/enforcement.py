"""Narrows every read and checks every write of a session to what the policy's table grants its actor.

Writes are checked with the SQL of the reads: against the row as it stands in the database before the
flush and again after it, so that a row can neither be taken from a foreign scope nor moved into one.
What a changed foreign key points to has to be visible to the actor.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, True_, event, false, literal, or_, select, union_all
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from app.extensions import Base, db
from app.policy import correspondence, kept, scopes
from app.policy.actor import SYSTEM, Actor
from app.policy.kept import NONE
from app.policy.table import EXPLANATIONS, GRANTS, NO_RIGHT, Action
from app.policy.touched import changed_columns, references, written_columns

Written = dict[kept.What, set[int]]
"""Ids of the rows of which something is wanted."""


class PolicyError(Exception):
    """A person tried what their rights do not cover; nothing was written. Answered with 403."""

    def __init__(self, action: Action, model: type[Base]) -> None:
        super().__init__(f"{action.name} {model.__name__}")
        self.explanation = EXPLANATIONS.get(model, NO_RIGHT)


def facts(user_id: Any, today: Any) -> list[Any]:
    """Columns of what a person is on a day (see ``Actor.standing``); both are columns or parameters of a statement
    around them that reads ``scopes.user``."""
    somebody = Actor(user_id, today, today)
    return [
        scopes.user.c.is_deputy_director,
        scopes.user.c.is_staff,
        scopes.led_classes(somebody).exists().label("leads"),
        or_(scopes.own_assignments(somebody).exists(), scopes.substituted(somebody).exists()).label("teaches"),
        scopes.wards(somebody).exists().label("is_guardian"),
        scopes.itself(somebody).exists().label("is_student"),
    ]


_somebody = kept.someone((False,) * 6)
_FACTS = select(*facts(scopes.user.c.id, _somebody.today)).where(
    scopes.user.c.id == _somebody.user_id, scopes.user.c.is_active
)


def load_actor(session: Session, user_id: int, today: date, now: datetime, address: str = "") -> Actor | None:
    """What the person is today, in one statement; None for somebody unknown or switched off.

    ``session`` is one of ``system()``.
    """
    somebody = Actor(user_id, today, now, address)
    row = session.execute(_FACTS, kept.values(somebody)).first()
    return replace(somebody, **row._mapping) if row else None


def act_as(session: Session, actor: Actor | object | None) -> None:
    """Bind ``session`` to a person, to SYSTEM, or to nobody, and forget the rows it holds."""
    session.expunge_all()
    session.info["actor"] = actor


def actor_of(session: Session) -> Any:
    """The Actor ``session`` works for, SYSTEM, or None."""
    return session.info.get("actor")


@contextmanager
def system() -> Iterator[Session]:
    """A session of its own for work without a person: worker, CLI, sign-in. The caller commits."""
    with Session(db.engine, info={"actor": SYSTEM}) as session:
        yield session


def may(actor: Actor | None, model: type[Base], action: Action, columns: frozenset[str] = frozenset()) -> bool:
    """Whether there can be rows of ``model`` on which ``actor`` may do ``action``, touching ``columns``."""
    return actor is not None and any(
        action in grant.actions and grant.to(actor) and (grant.columns is None or columns <= grant.columns)
        for grant in GRANTS.get(model, ())
    )


def granted(
    session: Session, model: type[Base], action: Action, columns: frozenset[str] = NONE, row: Any = None
) -> ColumnElement[bool]:
    """The criterion for the session's own actor, kept: it is filled in where this session reads with it.

    ``row`` is a class whose attributes are the columns.
    """
    actor = actor_of(session)
    return false() if actor is None else kept.open_criterion(actor.standing, model, action, columns, row)


def seen(session: Session, model: type[Base]) -> Any:
    """Numbers of the rows that the session's actor sees, as a subquery for a statement of the session; None for all.

    Reads are narrowed anyway: this is for who looks through everything they see of a large table, which a database does
    not find by rights that are joined by OR.
    """
    actor = actor_of(session)
    return kept.seen(actor.standing, model) if isinstance(actor, Actor) else None


def open_actor(session: Session) -> Any:
    """The session's actor with who it is, today and now left open: what is made of it is filled in where this session
    reads with it."""
    return kept.someone(actor_of(session).standing)


def allowed(session: Session, model: type[Base], action: Action, ids: Iterable[int]) -> set[int]:
    """Those of ``ids`` on which the session's actor may do ``action``."""
    return allowed_each(session, model, [action], ids)[action]


def allowed_each(
    session: Session, model: type[Base], actions: Collection[Action], ids: Iterable[int]
) -> dict[Action, set[int]]:
    """Of each action, those of ``ids`` on which the session's actor may do it; at most one statement."""
    actor, table, chosen = actor_of(session), scopes.table_of(model), set(ids)
    found: dict[Action, set[int]] = {action: set() for action in actions}
    mine = [
        select(literal(action.value), table.c.id).where(
            table.c.id.in_(chosen), kept.of_rows(actor.standing, model, action, NONE)
        )
        for action in actions
        if chosen and may(actor, model, action)
    ]
    if mine:
        for action, number in session.connection().execute(union_all(*mine), kept.values(actor)):
            found[Action(action)].add(number)
    return found


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
    number = scopes.assignment.c.id
    mine = select(number).where(number.in_(set(assignments)), number.in_(scopes.whole_journals(open_actor(session))))
    return set(session.connection().scalars(mine, kept.values(actor)))


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


@event.listens_for(Session, "do_orm_execute")
def narrow(state: ORMExecuteState) -> None:
    """Add the actor's criteria to an ORM select; refuse every other statement of a person's session."""
    actor = actor_of(state.session)
    if actor is SYSTEM:
        return
    if actor is not None:
        said: Any = state.parameters or {}
        state.parameters = {**said, **kept.values(actor)}
    if state.is_column_load:
        return
    if not state.is_select or not state.is_orm_statement:
        raise RuntimeError("a person's session runs ORM selects and flushes only")
    standing = actor.standing if actor is not None else None
    state.statement = kept.narrowed(standing, state)


def check_before(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    """Check what stands in the database now, and what will be pointed to: what a row points to may become
    visible by the row itself."""
    if actor_of(session) is SYSTEM:
        return
    deleted, changed = _grouped(session.deleted, Action.DELETE), _grouped(session.dirty, Action.CHANGE)
    pointed = references([*session.new, *session.dirty])
    _require(session, deleted | changed | {(model, Action.SEE, NONE): ids for model, ids in pointed.items()})
    session.info["changed"] = changed


def check_after(session: Session, _context: UOWTransaction) -> None:
    """Check what is written now; a row was not moved where nothing was written that the criterion looks at."""
    if actor_of(session) is SYSTEM:
        return
    changed, new = session.info.pop("changed", {}), _grouped(session.new, Action.CREATE)
    if new or session.deleted or _may_have_moved(session, changed):
        _require(session, changed | new)


def _may_have_moved(session: Session, changed: Written) -> bool:
    """Whether a criterion that has let the changes pass could say otherwise by what they have written."""
    written: set[Any] = set()
    for row in session.dirty:
        written |= written_columns(row, changed_columns(row))
    standing = actor_of(session).standing
    return any(written & kept.read_by(standing, *what) for what in changed)


def _grouped(rows: Iterable[Any], action: Action) -> Written:
    """Ids of the written rows by model and written columns."""
    written: Written = defaultdict(set)
    for row in rows:
        columns = changed_columns(row) if action is Action.CHANGE else NONE
        if columns or action is not Action.CHANGE:
            written[type(row), action, columns].add(row.id)
    return written


def _require(session: Session, written: Written) -> None:
    """Raise PolicyError unless each row, as it stands in the database, is covered by a grant: one statement for all."""
    actor = actor_of(session)
    if actor is None and written:
        model, action, _columns = next(iter(written))
        raise PolicyError(action, model)
    asked = {
        what: ids for what, ids in written.items() if not isinstance(kept.of_table(actor.standing, *what), True_)
    }  # fmt: skip
    if not asked:
        return
    counting = kept.counting(actor.standing, tuple(asked))
    ids_of = {f"ids_{number}": list(ids) for number, ids in enumerate(asked.values())}
    counted = session.connection().execute(counting, kept.values(actor) | ids_of).one()
    for (what, ids), number in zip(asked.items(), counted, strict=True):
        if number != len(ids):
            model, action, _columns = what
            raise PolicyError(action, model)


_unprotected = {mapper.class_ for mapper in Base.registry.mappers} - GRANTS.keys()
if _unprotected:
    raise RuntimeError(f"models without a policy entry: {sorted(model.__name__ for model in _unprotected)}")
