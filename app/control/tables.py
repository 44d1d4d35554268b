"""Small tables of days that a statement is given as one parameter: however many rows they have, the statement stays
the same, and is compiled once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import CTE, Date, Integer, Select, String, column, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.models.columns import UTCDateTime

Row = Sequence[date | datetime | None]


class _Rows(FunctionElement[Any]):
    """The parts of a JSON array as rows, in the column ``value``."""

    name = "rows"
    inherit_cache = True
    of_postgresql = "jsonb_array_elements"


class _Texts(_Rows):
    """The texts of a JSON array likewise."""

    name = "texts"
    inherit_cache = True
    of_postgresql = "jsonb_array_elements_text"


class _Part(FunctionElement[Any]):
    """The part of an array at a place, as text."""

    name = "part"
    type = String()
    inherit_cache = True


class _DayPart(_Part):
    """The part as a day."""

    type = Date()  # type: ignore[assignment]
    inherit_cache = True


class _MomentPart(_Part):
    """The part as a moment."""

    type = UTCDateTime()  # type: ignore[assignment]
    inherit_cache = True


@compiles(_Rows, "sqlite")
def _rows_of_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_Rows, "postgresql")
def _rows_of_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"{element.of_postgresql}(CAST({compiler.process(element.clauses, **options)} AS JSONB))"


@compiles(_Part, "sqlite")
def _part_of_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    value, place = (compiler.process(each, **options) for each in element.clauses)
    return f"({value} ->> {place})"  # SQLite keeps days and moments as text


@compiles(_DayPart, "postgresql")
def _day_of_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST({_part_of_sqlite(element, compiler, **options)} AS DATE)"


@compiles(_MomentPart, "postgresql")
def _moment_of_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST({_part_of_sqlite(element, compiler, **options)} || '+00' AS TIMESTAMP WITH TIME ZONE)"


def table(columns: Sequence[tuple[str, type[date]]], rows: Iterable[Row]) -> CTE:
    """A table of ``columns``, each a name with ``date`` or ``datetime``; its rows hold aware moments, or None."""
    text = json.dumps([[_said(value) for value in row] for row in rows])
    given = _Rows(literal(text, String)).table_valued("value")
    parts = (
        (_MomentPart if kind is datetime else _DayPart)(given.c.value, literal(place, Integer, literal_execute=True))
        for place, (_name, kind) in enumerate(columns)
    )
    return select(*(part.label(called) for part, (called, _kind) in zip(parts, columns, strict=True))).cte()


def texts(values: Iterable[str]) -> Select[tuple[str]]:
    """Texts as a statement, to be looked for in: one parameter, however many there are."""
    given = _Texts(literal(json.dumps(list(values)), String)).table_valued(column("value", String))
    return select(given.c.value)


def _said(value: date | datetime | None) -> str | None:
    """As both databases read it; SQLite compares it with what SQLAlchemy has written."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
    return value.isoformat() if value is not None else None
