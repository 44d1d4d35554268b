"""Everything the school holds about a person, made of the declaration, so that no table is forgotten.

It is read in a session of ``policy.system()`` for whoever may erase: it tells what even they see nowhere else. Secrets
are left out, and the texts of conversations, which are their members' and stand in the copy from the diary.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, and_, inspect, or_, select
from sqlalchemy.orm import Session, joinedload

from app.extensions import Base
from app.models import (
    AuditRecord,
    Lesson,
    Mark,
    Message,
    Student,
    StudyGroup,
    TeachingAssignment,
    Thread,
    User,
    Work,
)
from app.personal_data.reach import rows_of, ways
from app.personal_data.tables import HOLDINGS
from app.policy import HIDDEN
from app.policy.scopes import table_of

KEYS = frozenset({"search_name", "sort_name", "search_body", "stored", "version"})
TEXTS_OF_OTHERS: dict[type[Base], frozenset[str]] = {Message: frozenset({"body"}), Thread: frozenset({"subject"})}
OWN = frozenset({"reported_by_id", "started_by_id"})
"""Whoever is named so did it as their own business, not as the school's."""
NAMED_BY: dict[type[Base], tuple[str, ...]] = {
    Mark: ("student",), StudyGroup: ("school_class",), TeachingAssignment: ("subject", "study_group"),
    Lesson: ("assignment",), Work: ("lesson",),
}  # fmt: skip
"""Of what the name of a row is made: a mark is told by its work, that by its lesson, that by its journal."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Section:
    """The rows of a table that tell of the person, by the names of their columns."""

    table: str
    title: Any
    rows: list[Row]


def everything(session: Session, person: User | Student) -> list[Section]:
    """The tables with something in them; a statement each, and one that says which they are."""
    asked = {model: where for model in HOLDINGS if (where := about(model, person)) is not None}
    known = session.execute(
        select(*(select(table_of(model).c.id).where(asked[model]).exists() for model in asked))
    ).one()
    sections = []
    for model in (model for model, is_there in zip(asked, known, strict=True) if is_there):
        rows = select(model).where(asked[model]).options(*_loads(model)).order_by(table_of(model).c.id)
        told = [_told(row) for row in session.scalars(rows)]
        sections.append(Section(table_of(model).name, HOLDINGS[model].title, told))
    return sections


def about(model: type[Base], person: User | Student) -> ColumnElement[bool] | None:
    """Which rows of a table tell of the person; None where none can."""
    if isinstance(person, model):
        return table_of(model).c.id == person.id
    if model is AuditRecord:
        return _changes(person)
    table = table_of(model)
    found = [rows_of(table, path, person.id) for path in told_by(model, type(person))]
    return or_(*found) if found else None


def told_by(model: type[Base], person: type[User] | type[Student]) -> list[str]:
    """The ways from the table to a person whom the row is about; who entered or answered it is no part of that."""
    taken = OWN | {step.by for step in HOLDINGS[model].erasure}
    return [path for path in ways(model, person) if path in taken or not path.endswith("_by_id")]


def as_json(sections: list[Section], made: datetime) -> Row:
    """The whole as JSON can hold it, under the names of tables and columns."""
    school = {"school": current_app.config["SCHOOL_NAME"], "made": made.isoformat()}
    return school | {
        each.table: [{name: _plain(value) for name, value in row.items()} for row in each.rows] for each in sections
    }


def _changes(person: User | Student) -> ColumnElement[bool]:
    own = and_(AuditRecord.model == type(person).__name__, AuditRecord.object_id == person.id)
    return or_(own, AuditRecord.student_id == person.id) if isinstance(person, Student) else own


def _told(row: Any) -> Row:
    mapper = inspect(type(row))
    left = HIDDEN | KEYS | TEXTS_OF_OTHERS.get(type(row), frozenset())
    named = {
        next(iter(relation.local_columns)).key: relation.key
        for relation in mapper.relationships
        if relation.direction.name == "MANYTOONE"
    }
    told: Row = {}
    for column in mapper.local_table.c:
        if column.key in named:
            related = getattr(row, named[column.key])
            told[named[column.key]] = "" if related is None else _name(related)
        elif column.key not in left:
            told[column.key] = getattr(row, column.key)
    return told


def _name(row: Any) -> str:
    """What a related row is called; a number where it has no name."""
    is_named = any("__str__" in vars(kind) for kind in type(row).__mro__ if kind is not object)
    return str(row) if is_named else f"№ {row.id}"


def _loads(model: type[Base]) -> list[Any]:
    """What the rows point to, with what its names are made of."""
    pointing = [each for each in inspect(model).relationships if each.direction.name == "MANYTOONE"]
    return [joinedload(getattr(model, each.key)).options(*_names(each.mapper.class_)) for each in pointing]


def _names(model: type[Base]) -> list[Any]:
    parts = [getattr(model, name) for name in NAMED_BY.get(model, ())]
    return [joinedload(part).options(*_names(part.property.mapper.class_)) for part in parts]


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return value.value if isinstance(value, Enum) else value
