"""What a statement can read, and what a flush writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Table, inspect
from sqlalchemy.orm import (
    Load,
    LoaderCriteriaOption,
    Mapper,
    ORMExecuteState,
    RelationshipDirection,
    RelationshipProperty,
)
from sqlalchemy.sql import visitors

from app.extensions import Base

mappers: dict[Any, set[Mapper[Any]]] = defaultdict(set)
for _mapper in Base.registry.mappers:
    mappers[_mapper.local_table].add(_mapper)


def touched(state: ORMExecuteState) -> set[Mapper[Any]]:
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
    return {entity.mapper} if entity is not None else mappers[table]


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




def changed_columns(row: Any) -> frozenset[str]:
    """Names of changed columns, those a changed relation will write included, and of changed link tables."""
    state = inspect(row)
    names: set[str] = set()
    for name in state.committed_state:  # nothing else was set
        if not state.attrs[name].history.has_changes():
            continue
        attribute = state.mapper.attrs[name]
        if not isinstance(attribute, RelationshipProperty) or attribute.secondary is not None:
            names.add(name)
        elif attribute.direction is RelationshipDirection.MANYTOONE:
            names.update(state.mapper.get_property_by_column(column).key for column in attribute.local_columns)
    return frozenset(names)


def references(rows: Iterable[Any]) -> dict[type[Base], set[int]]:
    """Ids of the rows that written foreign keys point to, by model; a row that is new itself is not among them."""
    targets: dict[type[Base], set[int]] = defaultdict(set)
    for row in rows:
        state = inspect(row)
        for name in state.committed_state:
            if not (added := state.attrs[name].history.added):
                continue
            attribute = state.mapper.attrs[name]
            if isinstance(attribute, RelationshipProperty):
                for related in added:
                    if related is not None and inspect(related).persistent:
                        targets[type(related)].add(related.id)
            elif (target := _target(state.mapper, name)) and (value := getattr(row, name)):
                targets[target].add(value)
    return targets


@cache
def _target(mapper: Mapper[Any], name: str) -> type[Base] | None:
    """The model that a column points to."""
    for column in mapper.column_attrs[name].columns:
        for key in column.foreign_keys:
            return next(iter(mappers[key.column.table])).class_
    return None


def written_columns(row: Any, names: Iterable[str]) -> set[Any]:
    """What a change of ``names`` writes: columns, with those that a flush sets by itself, and link tables."""
    mapper = inspect(row).mapper
    written = {column for column in mapper.local_table.c if column.onupdate is not None}
    if mapper.version_id_col is not None:
        written.add(mapper.version_id_col)
    for name in names:
        attribute = mapper.attrs[name]
        written.update([attribute.secondary] if isinstance(attribute, RelationshipProperty) else attribute.columns)
    return written
