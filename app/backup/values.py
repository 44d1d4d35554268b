"""How a value stands in a backup, the same for every database: SQL reads it so, and SQL takes it back.

Moments are UTC and without zone («2026-11-28 02:00:00.000000»), dates and times ISO, truth 0 or 1, JSON its text,
bytes hexadecimal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, types

Row = Sequence[Any]
"""Values in the order of a table's columns: whole numbers, texts, None."""
AT_ONCE = 2000  # rows held in memory


class Kind(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    TEXT = "text"
    TRUTH = "truth"
    MOMENT = "moment"
    DAY = "day"
    TIME = "time"
    JSON = "json"
    BYTES = "bytes"


KINDS: tuple[tuple[type[types.TypeEngine[Any]], Kind], ...] = (
    (types.Boolean, Kind.TRUTH),
    (types.Integer, Kind.NUMBER),
    (types.DateTime, Kind.MOMENT),
    (types.Date, Kind.DAY),
    (types.Time, Kind.TIME),
    (types.JSON, Kind.JSON),
    (types.LargeBinary, Kind.BYTES),
    (types.String, Kind.TEXT),
)
READ = {
    "sqlite": {Kind.BYTES: "lower(hex({0}))"},
    "postgresql": {
        Kind.TRUTH: "{0}::int",
        Kind.MOMENT: "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
        Kind.DAY: "{0}::text",
        Kind.TIME: "to_char({0}, 'HH24:MI:SS.US')",
        Kind.JSON: "{0}::text",
        Kind.BYTES: "encode({0}, 'hex')",
    },
}


def kind_of(column: types.TypeEngine[Any]) -> Kind:
    """The kind of a reflected column. Raises TypeError for one that no backup can hold."""
    for known, kind in KINDS:
        if isinstance(column, known):
            return kind
    raise TypeError(f"no backup can hold {column!r}")


class Table(NamedTuple):
    """A table as a backup knows it: its columns with their kinds, and those that order its rows."""

    name: str
    columns: dict[str, Kind]
    order: tuple[str, ...]


def quoted(name: str) -> str:
    """An identifier for SQL of both databases."""
    return '"' + name.replace('"', '""') + '"'


def read(connection: Connection, table: Table) -> Iterator[Row]:
    """The rows of a table in the order of its key; AT_ONCE are in memory."""
    forms = READ[connection.dialect.name]
    columns = ", ".join(forms.get(kind, "{0}").format(quoted(name)) for name, kind in table.columns.items())
    order = f" ORDER BY {', '.join(map(quoted, table.order))}" if table.order else ""
    statement = f"SELECT {columns} FROM {quoted(table.name)}{order}"  # noqa: S608  (names come from the database itself)  # nosec B608
    streamed = connection.execution_options(stream_results=True, yield_per=AT_ONCE)
    for rows in streamed.exec_driver_sql(statement).partitions():
        yield from rows


def write(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Add rows to a table of the same columns."""
    driver: Any = connection.connection.driver_connection
    columns = ", ".join(map(quoted, table.columns))
    blobs = [index for index, kind in enumerate(table.columns.values()) if kind is Kind.BYTES]
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" for _column in table.columns)
        driver.executemany(
            f"INSERT INTO {quoted(table.name)} ({columns}) VALUES ({marks})",  # noqa: S608  # nosec B608
            _with_bytes(rows, blobs, bytes.fromhex),
        )
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {quoted(table.name)} ({columns}) FROM STDIN") as copy:
        for row in _with_bytes(rows, blobs, lambda digits: "\\x" + digits):
            copy.write_row(row)


def _with_bytes(rows: Iterable[Row], blobs: list[int], form: Any) -> Iterable[Row]:
    """The rows with their bytes as the driver takes them."""
    if not blobs:
        return rows
    return (
        [form(value) if index in blobs and value is not None else value for index, value in enumerate(row)]
        for row in rows
    )
