"""Commands on a database in which nothing was made yet: refused, with what makes it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from flask_babel import gettext as _
from sqlalchemy import inspect

from app.extensions import db

P = ParamSpec("P")
R = TypeVar("R")


def needs_tables(run: Callable[P, R]) -> Callable[P, R]:
    """Raise ClickException where the database has no tables."""

    @wraps(run)
    def refuse_or_run(*arguments: P.args, **options: P.kwargs) -> R:
        if not inspect(db.engine).has_table("account"):
            raise click.ClickException(_("The database has no tables yet. First run: flask --app wsgi upgrade"))
        return run(*arguments, **options)

    return refuse_or_run
