"""Runs the migrations on the application's database, each in a transaction of its own.

One process at a time does so, after a backup. A connection among the attributes of the configuration is a database
that nobody else uses: that one is migrated, without either.
"""

from contextlib import suppress
from typing import Any, Literal

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from app.backup import upgrading
from app.extensions import db
from app.models.columns import UTCDateTime


def render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own column type as what it is in the database: a migration outlives the code."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def destination() -> str | None:
    """The revision that is asked for; None for a command that changes no table."""
    revision = None
    with suppress(KeyError):
        revision = context.get_revision_argument()
    return str(revision) if revision is not None else None


def run(connection: Connection) -> None:
    """Run what was asked for."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":  # a table that is made anew would take with it what points to it
        driver.execute("PRAGMA foreign_keys = OFF")
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_item=render,
        # Flask-Migrate adds: types are compared, SQLite's tables are altered in batches.
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
    if connection.dialect.name == "sqlite":
        driver.execute("PRAGMA foreign_keys = ON")


if (given := context.config.attributes.get("connection")) is not None:
    run(given)
else:
    with upgrading.alone(db.engine):
        upgrading.back_up_before(db.engine, destination())
        with db.engine.connect() as opened:
            upgrading.in_turn(opened, run)
