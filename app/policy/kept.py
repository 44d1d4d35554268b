"""Criteria and the statements made of them, built once and kept for as long as the process lives.

A criterion follows from what a person is (deputy director, class teacher, ...), not from who it is: who, today and now
are parameters that have no value of their own, and every execution says them anew. One that forgets to is refused by
SQLAlchemy; it is never answered with what was said for somebody else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import (
    BinaryExpression,
    BooleanClauseList,
    ColumnClause,
    ColumnElement,
    CompoundSelect,
    Date,
    FromClause,
    Integer,
    ScalarSelect,
    Select,
    Table,
    True_,
    bindparam,
    false,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import LoaderCriteriaOption, ORMExecuteState
from sqlalchemy.sql import operators, visitors

from app.extensions import Base
from app.models.columns import UTCDateTime
from app.policy import scopes
from app.policy.actor import Actor, Standing
from app.policy.scopes import table_of
from app.policy.table import GRANTS, Action
from app.policy.touched import touched

NONE: frozenset[str] = frozenset()
USER, TODAY, NOW = "policy_user", "policy_today", "policy_now"
KEPT, FEW = "kept", "few_rows"  # among the execution options of a statement
MOST = 4096
"""Criteria that are held at once: more than there are models, actions and standings in use together."""


MANY = {"lesson_id", "work_id"}
"""Columns of the tables that hold a row and more for each lesson."""
LARGE = {scopes.lesson, scopes.work, scopes.mark}
"""Tables of which a person may see thousands of rows."""


class Narrowing(LoaderCriteriaOption):
    """Rows of a model as those of one standing see them.

    Being kept and without values it is its own key in SQLAlchemy's cache of compiled statements, which otherwise
    would be put together from all its parts at every execution.
    """

    __slots__ = ("_resolved",)
    inherit_cache = True

    def _resolve_where_criteria(self, ext_info: Any) -> ColumnElement[bool]:
        """The rows with the marks that SQLAlchemy puts on each part of them, made once: otherwise every statement makes
        and holds a copy of its own, which is most of what it holds."""
        if not hasattr(self, "_resolved"):
            self._resolved = super()._resolve_where_criteria(ext_info)
        return self._resolved

    def _gen_cache_key(self, anon_map: Any, bindparams: list[Any]) -> tuple[Any, ...]:
        return (Narrowing, self)


def criterion(
    actor: Actor | None, model: type[Base], action: Action, columns: frozenset[str] = NONE, row: Any = None
) -> ColumnElement[bool]:
    """Rows of ``model`` on which ``actor`` may do ``action``, touching ``columns``; ``row`` has the columns."""
    if actor is None:
        return false()
    rows = _granted(actor, model, action, columns, row if row is not None else model)
    if any(isinstance(each, True_) for each in rows):
        return true()  # itself, not an OR with it: who sees every row needs no criterion at all
    return or_(false(), *_together(rows))


def _granted(
    actor: Actor, model: type[Base], action: Action, columns: frozenset[str], row: Any
) -> list[ColumnElement[bool]]:  # fmt: skip
    """A criterion for each grant of the action to ``actor``."""
    return [
        grant.where(actor, row)
        for grant in GRANTS.get(model, ())
        if action in grant.actions and grant.to(actor) and (grant.columns is None or columns <= grant.columns)
    ]


def _together(rows: Sequence[ColumnElement[bool]]) -> Iterator[ColumnElement[bool]]:
    """The same rows: those that look for a lesson or work in several sets look for it in all of them at once. By an OR
    of sets PostgreSQL uses no index."""
    sets: dict[str, list[Any]] = defaultdict(list)
    for each in (reason for criterion in rows for reason in _reasons(criterion)):
        is_in = isinstance(each, BinaryExpression) and each.operator is operators.in_op
        if is_in and isinstance(each.right, ScalarSelect) and each.left.key in MANY:
            sets[str(each.left.key)].append(each)
        else:
            yield each
    for first, *more in sets.values():
        yield first.left.in_(union_all(*_selects(first), *chain(*map(_selects, more)))) if more else first


def _selects(isin: Any) -> Sequence[Any]:
    """Of a column that is in a set, the statements that the set is put together from."""
    ids = isin.right.element
    return ids.selects if isinstance(ids, CompoundSelect) else [ids]


def by_row(rows: Any) -> Any:
    """The same rows: where they are looked for in the list of all lessons, works or marks of a person, it is asked of
    each whether it is the person's. For statements that find few rows by themselves: a list has thousands."""
    return visitors.replacement_traverse(rows, {}, _asked_by_row)


def _asked_by_row(element: Any, **_options: Any) -> Any:
    """In the place of a column that is in lists of numbers of large tables: whether there is such a row."""
    if not (isinstance(element, BinaryExpression) and element.operator is operators.in_op):
        return None
    lists = _selects(element) if isinstance(element.right, ScalarSelect) else ()
    tables = [_numbered(ids) for ids in lists]
    if not lists or None in tables:
        return None
    wanted: dict[Any, list[ColumnElement[bool]]] = defaultdict(list)
    for ids, table in zip(lists, tables, strict=True):
        wanted[table].append(by_row(ids.whereclause))
    return or_(*(_is_one(element.left, table, or_(*conditions)) for table, conditions in wanted.items()))


def _numbered(ids: Any) -> FromClause | None:
    """The large table of whose rows a select gives the numbers; None of another one."""
    [column] = ids.selected_columns
    return column.table if column.table in LARGE and column.key == "id" else None


def _is_one(number: Any, table: FromClause, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    found = select(true()).select_from(table).where(table.c.id == number, condition)
    return found.correlate_except(table).exists()


def values(actor: Any) -> dict[str, Any]:
    """What an execution says for the open parameters; nothing where no person is at work."""
    return {USER: actor.user_id, TODAY: actor.today, NOW: actor.now} if isinstance(actor, Actor) else {}


@lru_cache(MOST)
def someone(standing: Standing) -> Any:
    """An actor of a standing of whom nothing else is said."""
    who: Any = bindparam(USER, type_=Integer)
    today: Any = bindparam(TODAY, type_=Date)
    now: Any = bindparam(NOW, type_=UTCDateTime)
    return Actor(who, today, now, "", *standing)


@lru_cache(MOST)
def open_criterion(
    standing: Standing, model: type[Base], action: Action, columns: frozenset[str] = NONE, row: Any = None
) -> ColumnElement[bool]:
    """The criterion of a standing; ``row`` is a class whose attributes are the columns, kept too."""
    return criterion(someone(standing), model, action, columns, row)


@lru_cache(MOST)
def of_table(standing: Standing, model: type[Base], action: Action, columns: frozenset[str]) -> ColumnElement[bool]:
    """The criterion in terms of the table itself."""
    return criterion(someone(standing), model, action, columns, table_of(model).c)


@lru_cache(MOST)
def of_rows(standing: Standing, model: type[Base], action: Action, columns: frozenset[str]) -> ColumnElement[bool]:
    """The same for rows of which the numbers are known."""
    rows: ColumnElement[bool] = by_row(of_table(standing, model, action, columns))
    return rows


@lru_cache(MOST)
def narrowing(standing: Standing | None, model: type[Base], *, of_few: bool = False) -> Narrowing | None:
    """How reads of ``model`` are narrowed; None where everything is seen. ``of_few``: see ``by_row``."""
    rows = false() if standing is None else open_criterion(standing, model, Action.SEE)
    if isinstance(rows, True_):
        return None
    return Narrowing(model, by_row(rows) if of_few else rows, include_aliases=True)


@lru_cache(MOST)
def seen(standing: Standing, model: type[Base]) -> CompoundSelect[Any] | None:
    """Numbers of the rows of ``model`` that a standing sees, reason by reason; None where it sees all of them."""
    actor, table = someone(standing), table_of(model).alias(f"{model.__tablename__}_seen")
    criteria = [each for rows in _granted(actor, model, Action.SEE, NONE, table.c) for each in _reasons(rows)]
    if any(isinstance(each, True_) for each in criteria):
        return None
    return union_all(*(select(table.c.id).where(each) for each in criteria or [false()]))


def _reasons(rows: ColumnElement[bool]) -> Sequence[Any]:
    """The parts of an OR, each of which an index can serve; of anything else itself."""
    return rows.clauses if isinstance(rows, BooleanClauseList) and rows.operator is operators.or_ else [rows]


def kept(statement: Any) -> Any:
    """Mark a statement that is made once, and executed with parameters that few rows fit: it is narrowed once for each
    standing."""
    return few(statement).execution_options(**{KEPT: True})


def few(statement: Any) -> Any:
    """Mark a statement (or query) that finds few rows by itself: rights are asked for by row, see ``by_row``."""
    return statement.execution_options(**{FEW: True})


def narrowed(standing: Standing | None, state: ORMExecuteState) -> Any:
    """The statement, with the narrowing of every model that it can read."""
    statement = state.statement
    if KEPT not in statement.get_execution_options():  # its own, not those of a statement that it loads relations for
        return _narrowed(standing, state)
    if (standing, statement) not in _once:
        if len(_once) > MOST:
            _once.clear()
        _once[standing, statement] = _narrowed(standing, state)
    return _once[standing, statement]


_once: dict[tuple[Standing | None, Any], Any] = {}


def _narrowed(standing: Standing | None, state: ORMExecuteState) -> Any:
    models: list[Any] = [mapper.class_ for mapper in touched(state)]
    of_few = bool(state.execution_options.get(FEW))
    options = [narrowing(standing, model, of_few=of_few) for model in models]
    return state.statement.options(*(one for one in options if one is not None))


What = tuple[type[Base], Action, frozenset[str]]
"""What is wanted of rows: their model, the action, the columns that it touches."""


@lru_cache(MOST)
def counting(standing: Standing, wanted: tuple[What, ...]) -> Select[Any]:
    """One row with how many of ``ids_0``, ``ids_1``, ... each of ``wanted`` covers."""
    return select(*(_covered(standing, number, *each) for number, each in enumerate(wanted)))


def _covered(standing: Standing, number: int, model: type[Base], action: Action, columns: frozenset[str]) -> Any:
    table = table_of(model)
    ids: Any = bindparam(f"ids_{number}", expanding=True)
    rows = of_rows(standing, model, action, columns)
    return select(func.count()).select_from(table).where(table.c.id.in_(ids), rows).scalar_subquery()


@lru_cache(MOST)
def read_by(standing: Standing, model: type[Base], action: Action, columns: frozenset[str]) -> frozenset[Any]:
    """Columns, and tables as a whole, that the criterion looks at, by the tables' own names."""
    found: set[Any] = set()
    for element in visitors.iterate(of_table(standing, model, action, columns)):
        if isinstance(element, ColumnClause):
            table = getattr(element.table, "element", element.table)
            found |= {table, table.c[element.key]} if isinstance(table, Table) else set()
    return frozenset(found)


def forget() -> None:
    """Build everything anew: the policy's table was changed, as a test does."""
    for built in (open_criterion, of_table, of_rows, narrowing, seen, counting, read_by):
        built.cache_clear()
    _once.clear()
