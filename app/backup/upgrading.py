"""Migrations change a database once, however many processes begin, and never without a backup of what stood there."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from app.backup import making
from app.backup.snapshot import has_rows, revision_of

UPGRADING = 7_469_010
"""The number of PostgreSQL's lock: whoever holds it changes the tables."""
PATIENCE = 2000  # milliseconds that others may have to wait behind a migration
PAUSE, TRIES = 5.0, 120  # seconds between two trials, ten minutes together
LOCK_NOT_AVAILABLE = "55P03"


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Wait until nobody else changes the tables of this database, and keep others out.

    PostgreSQL: an advisory lock of a connection of its own. SQLite: a lock on a file beside the database. Both end
    with the process that holds them.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_lock({UPGRADING})")
            try:
                yield
            finally:
                connection.exec_driver_sql(f"SELECT pg_advisory_unlock({UPGRADING})")
        return
    file = engine.url.database
    if not file or file == ":memory:":
        yield
        return
    with open(f"{file}.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def in_turn(connection: Connection, migrate: Callable[[Connection], None]) -> None:
    """Migrate while the journal is in use.

    On PostgreSQL a change of a table waits for whoever reads it (a backup does for minutes), and everybody else waits
    behind it. So it waits for ``PATIENCE`` only, lets them pass and tries again, ``TRIES`` times.
    """
    if connection.dialect.name != "postgresql":
        migrate(connection)
        return
    connection.exec_driver_sql(f"SET lock_timeout = {PATIENCE}")
    connection.commit()
    for left in reversed(range(TRIES)):
        try:
            migrate(connection)
        except OperationalError as error:
            if left == 0 or getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            connection.rollback()
            click.echo(_("Somebody reads a table that is to be changed: trying again in a moment."), err=True)
            time.sleep(PAUSE)
        else:
            break
    connection.exec_driver_sql("SET lock_timeout = DEFAULT")
    connection.commit()


def back_up_before(engine: Engine, destination: str | None) -> Path | None:
    """Make a backup when migrations to ``destination`` will change a database that holds something.

    Gives back where it stands. Raises ClickException when it cannot be written: nothing was changed then.
    """
    with engine.connect().execution_options(writes=False) as connection:
        revision = revision_of(connection)
        if destination is None or destination == revision or not has_rows(connection):
            return None
    file = named_file(f"before-{destination}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        making.make(file)
    except OSError as error:
        text = _("The backup before the upgrade cannot be written (%(why)s), so nothing was changed. "
                 "Make room, or set BACKUP_FOLDER to a folder that can be written to, then upgrade again.",
                 why=error.strerror or str(error))  # fmt: skip
        raise click.ClickException(text) from error
    click.echo(_("A backup of what stood before is in %(file)s", file=file), err=True)
    return file


def named_file(name: str) -> Path:
    """A new file in the folder of backups: what it is for, and when."""
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%S.%f")
    return Path(current_app.config["BACKUP_FOLDER"]) / f"{name}-{moment}.zip"
