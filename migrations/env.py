"""Runs the migrations on the application's database, each in a transaction of its own."""

from typing import Any, Literal

from alembic import context
from flask import current_app

from app.extensions import db
from app.models.columns import UTCDateTime


def render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own column type as what it is in the database: a migration outlives the code."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


with db.engine.connect() as connection:
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
