"""The migrations of the product, run on the application's database or on another one."""

from __future__ import annotations

from alembic import command
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import Connection


def _config() -> object:
    return current_app.extensions["migrate"].migrate.get_config()


def head() -> str:
    """The revision that this code works with."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())  # type: ignore[arg-type]


def is_known(revision: str) -> bool:
    """Whether this code can come from ``revision`` to its own."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}  # type: ignore[arg-type]


def migrate(connection: Connection, revision: str) -> None:
    """Bring a database that nobody else uses to ``revision``; see migrations/env.py."""
    config = _config()
    config.attributes["connection"] = connection  # type: ignore[attr-defined]
    command.upgrade(config, revision)  # type: ignore[arg-type]
