"""``flask personal-data FILE``: the tables of docs/personal-data.md, made anew."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from app.personal_data.paper import renewed


@click.command("personal-data")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def personal_data(file: Path) -> None:
    """Write what every table holds, why and how long into FILE, between its marks."""
    file.write_text(renewed(file.read_text(encoding="utf-8")), encoding="utf-8")
