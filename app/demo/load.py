"""Rows on their way into the database, in chunks and in the order of their foreign keys."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, Table, func, select, text

from app.demo.insertion import Row, insert_rows
from app.extensions import Base

CHUNK = 20_000


class Writer:
    """Collects rows by table and writes them when there are many; the caller commits.

    Keys are given out here, so that rows can refer to rows that are not written yet. ORM events do
    not run: what they keep (search keys, the group of a whole class) is the caller's to write.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._rows: dict[Table, list[Row]] = {table: [] for table in Base.metadata.sorted_tables}
        self._last: dict[Table, int] = {}
        self._waiting = 0
        if connection.dialect.name == "sqlite":  # room for the indexes of a large school
            connection.exec_driver_sql("PRAGMA cache_size = -200000")

    def add(self, model: type[Base], /, **values: Any) -> int:
        """Take a row; give back its key. Rows of the same table may name different columns."""
        table = model.__table__
        assert isinstance(table, Table)  # noqa: S101
        values["id"] = key = self._next(table)
        self._rows[table].append(values)
        self._waiting += 1
        return key

    def flush_if_full(self) -> None:
        """Write what waits when it is a chunk or more."""
        if self._waiting >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        for table, rows in self._rows.items():
            by_columns: defaultdict[tuple[str, ...], list[Row]] = defaultdict(list)
            for row in rows:
                by_columns[tuple(row)].append(row)
            for alike in by_columns.values():
                insert_rows(self.connection, table, alike)
            rows.clear()
        self._waiting = 0

    def finish(self) -> None:
        """Write the rest, and let PostgreSQL's sequences go on after the keys given out here."""
        self.flush()
        if self.connection.dialect.name == "postgresql":
            for table in self._last:
                self.connection.execute(
                    text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"),
                    {"name": f'"{table.name}"', "last": self._last[table]},
                )

    def _next(self, table: Table) -> int:
        if table not in self._last:
            self._last[table] = self.connection.scalar(select(func.coalesce(func.max(table.c.id), 0))) or 0
        self._last[table] += 1
        return self._last[table]
