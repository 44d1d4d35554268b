"""The migrations of the product, run on the application's database or on another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app
from sqlalchemy import Connection

if TYPE_CHECKING:  # loaded by who migrates only
    from alembic.script import ScriptDirectory


def _config() -> object:
    return current_app.extensions["migrate"].migrate.get_config()


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())  # type: ignore[arg-type]


def head() -> str:
    """The revision that this code works with."""
    return str(_scripts().get_current_head())


def is_known(revision: str) -> bool:
    """Whether this code can come from ``revision`` to its own."""
    return revision in {script.revision for script in _scripts().walk_revisions()}


def migrate(connection: Connection, revision: str) -> None:
    """Bring a database that nobody else uses to ``revision``; see migrations/env.py."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection  # type: ignore[attr-defined]
    command.upgrade(config, revision)  # type: ignore[arg-type]


def to_head() -> None:
    """Bring the application's own database to the revision that this code works with."""
    from flask_migrate import upgrade

    upgrade()
