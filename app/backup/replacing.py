"""All rows of a database replaced by others in one transaction, while the journal runs: it is the old or the new.

SQLite: pages are read as before until the commit, who writes waits. PostgreSQL: everybody waits for the commit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep

from flask_babel import gettext as _
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from app import triggers
from app.backup.snapshot import names_of, tables_of
from app.backup.values import Table, quoted

TRIES_TO_LOCK = 5
FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY conrelid, conname
"""


class Emptied:
    """A database whose tables are empty for whoever fills them; nothing of it is seen outside before the commit."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.tables = {table.name: table for table in tables_of(connection)}
        self._foreign_keys: list[tuple[str, str, str]] = []

    def empty(self) -> None:
        """Take all rows out."""
        if self.connection.dialect.name == "sqlite":
            for each in self.tables:
                self.connection.exec_driver_sql(f"DELETE FROM {quoted(each)}")  # noqa: S608  # nosec B608
            return
        self.connection.exec_driver_sql("SET LOCAL TimeZone = 'UTC'")
        found = self.connection.exec_driver_sql(FOREIGN_KEYS)
        self._foreign_keys = [(table, name, meaning) for table, name, meaning in found]
        for table, name, _meaning in self._foreign_keys:
            self.connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        self.connection.exec_driver_sql(f"TRUNCATE {', '.join(map(quoted, self.tables))}")

    def finish(self) -> list[str]:
        """Hold the new rows to the foreign keys, let new ones go on after their numbers; what does not fit."""
        if self.connection.dialect.name == "sqlite":
            broken = {row[0] for row in self.connection.exec_driver_sql("PRAGMA foreign_key_check")}
            return [_("Rows of %(table)s refer to rows that are not there.", table=table) for table in sorted(broken)]
        for table, name, meaning in self._foreign_keys:
            self.connection.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} {meaning}")
        for each in self.tables.values():
            self._set_sequence(each)
        return []

    def _set_sequence(self, table: Table) -> None:
        if "id" in table.columns:
            name = quoted(table.name)
            self.connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL) "  # noqa: S608  # nosec B608
                f"FROM {name}"
            )

    def count(self, table: str) -> int:
        """How many rows it has."""
        return int(self.connection.exec_driver_sql(f"SELECT count(*) FROM {quoted(table)}").scalar_one())  # noqa: S608  # nosec B608


@contextmanager
def emptied(engine: Engine) -> Iterator[Emptied]:
    """All tables of the database, emptied in a transaction that commits at the end, or rolls back with an exception."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            yield from _emptied_file(connection)
            return
        with _locked(connection), triggers.asleep(connection):
            target = Emptied(connection)
            target.empty()
            yield target


def _emptied_file(connection: Connection) -> Iterator[Emptied]:
    """SQLite: foreign keys are switched off before the transaction, and looked through before its end."""
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101  (it was connected a moment ago)  # nosec B101
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        with connection.execution_options(writes=True).begin(), triggers.asleep(connection):
            target = Emptied(connection)
            target.empty()
            yield target
    finally:
        driver.execute("PRAGMA foreign_keys = ON")
    driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def _locked(connection: Connection) -> Iterator[None]:
    """PostgreSQL: a transaction that holds all tables; who came into its way with other locks lets it try again."""
    for attempt in range(1, TRIES_TO_LOCK + 1):
        transaction = connection.begin()
        try:
            names = ", ".join(map(quoted, names_of(connection)))
            connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
            connection.exec_driver_sql(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
            break
        except DBAPIError:
            transaction.rollback()
            if attempt == TRIES_TO_LOCK:
                raise
            sleep(attempt)
    with transaction:
        yield
