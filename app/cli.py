"""The commands of ``flask --app wsgi``."""

from __future__ import annotations

from flask import Flask

from app.imports.command import import_students


def register(app: Flask) -> None:
    """Make the commands known."""
    app.cli.add_command(import_students)
