"""The triggers of the database while millions of rows are written that were counted before, or will be afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

OF_SQLITE = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
OF_POSTGRESQL = """
    SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace ORDER BY 1
"""


@contextmanager
def asleep(connection: Connection) -> Iterator[None]:
    """No trigger is run by what is written inside, in the transaction of ``connection``.

    PostgreSQL looks over the tables at the end: by itself it does so a minute later, and until then it plans badly.
    """
    run = connection.exec_driver_sql
    if connection.dialect.name == "sqlite":
        triggers = list(run(OF_SQLITE))
        for name, _meaning in triggers:
            run(f'DROP TRIGGER "{name}"')
        yield
        for _name, meaning in triggers:
            run(meaning)
        return
    quote = connection.dialect.identifier_preparer.quote
    tables = [quote(name) for (name,) in run(OF_POSTGRESQL)]
    for table in tables:
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    for table in tables:
        run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    run("ANALYZE")
