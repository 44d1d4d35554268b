"""The database as it stood at one moment, whichever revision it has: tables are looked up in it, not in the models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from graphlib import TopologicalSorter

from sqlalchemy import Connection, Engine, inspect

from app.backup import values
from app.backup.values import Row, Table

REVISIONS = "alembic_version"


class Snapshot:
    """What stands in a database while its transaction lasts."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.kind = connection.dialect.name
        self.tables = tables_of(connection)
        self.revision = revision_of(connection)

    def rows(self, table: Table) -> Iterator[Row]:
        """The rows of a table."""
        return values.read(self.connection, table)


@contextmanager
def snapshot(engine: Engine) -> Iterator[Snapshot]:
    """The database at one moment, while others write; nothing waits for it."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            connection = connection.execution_options(**options)
        else:
            connection = connection.execution_options(writes=False)
        with connection.begin():
            yield Snapshot(connection)


def tables_of(connection: Connection) -> list[Table]:
    """The tables of a database, those first that others refer to."""
    inspector = inspect(connection)
    columns, keys = inspector.get_multi_columns(), inspector.get_multi_pk_constraint()
    refers = {
        name: [key["referred_table"] for key in found if key["referred_table"] != name]
        for (_schema, name), found in sorted(inspector.get_multi_foreign_keys().items())
    }
    return [
        Table(
            name,
            {column["name"]: values.kind_of(column["type"]) for column in columns[None, name]},
            tuple(keys[None, name]["constrained_columns"]),
        )
        for name in TopologicalSorter(refers).static_order()
        if name != REVISIONS
    ]


def revision_of(connection: Connection) -> str:
    """The migration that the database stands at; empty for one without tables."""
    if not inspect(connection).has_table(REVISIONS):
        return ""
    return str(connection.exec_driver_sql(f"SELECT version_num FROM {REVISIONS}").scalar() or "")  # noqa: S608  # nosec B608


def names_of(connection: Connection) -> list[str]:
    """The names of the tables of a database."""
    return [name for name in inspect(connection).get_table_names() if name != REVISIONS]


def has_rows(connection: Connection) -> bool:
    """Whether anything is written in any table."""
    return any(
        connection.exec_driver_sql(f"SELECT 1 FROM {values.quoted(name)} LIMIT 1").first() is not None  # noqa: S608  # nosec B608
        for name in names_of(connection)
    )
