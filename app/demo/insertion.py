"""Many rows into a table at the speed of the driver: values are prepared by the column, not by the row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Table, insert

Row = dict[str, Any]
_NOTHING = object()


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert ``rows``, which name the same columns in the same order; constants stand in for what they leave out."""
    defaults: dict[str, Any] = {column.name: column.default for column in table.c if column.default is not None}
    left_out = {name: default for name, default in defaults.items() if name not in rows[0]}
    if any(not default.is_scalar for default in left_out.values()):  # made from the other values of the row
        connection.execute(insert(table), rows)
        return
    values: dict[str, Sequence[Any]] = {name: [default.arg] * len(rows) for name, default in left_out.items()}
    values |= zip(rows[0], zip(*(row.values() for row in rows), strict=True), strict=True)
    columns = [column for column in table.c if column.name in values]
    prepared = zip(*(_prepared(column, values[column.name], connection) for column in columns), strict=True)
    if connection.dialect.name == "postgresql":
        _copy(connection, table, columns, prepared)
    else:
        statement = insert(table).compile(connection, column_keys=[column.name for column in columns])
        connection.exec_driver_sql(str(statement), list(prepared))


def _prepared(column: Column[Any], values: Sequence[Any], connection: Connection) -> Sequence[Any]:
    """``values`` as the driver takes them."""
    process = column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    return list(_processed(values, process)) if process else values


def _processed(values: Sequence[Any], process: Callable[[Any], Any]) -> Iterator[Any]:
    """``values`` through ``process``, which is not asked again for what stood before: one moment serves many rows."""
    last = done = _NOTHING
    for value in values:
        if value is not last:
            last, done = value, process(value)
        yield done


def _copy(connection: Connection, table: Table, columns: list[Column[Any]], rows: Iterator[tuple[Any, ...]]) -> None:
    """The rows by COPY, https://www.psycopg.org/psycopg3/docs/basic/copy.html."""
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in columns)
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY {quote(table.name)} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
