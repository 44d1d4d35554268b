"""The commands of ``flask``."""

from __future__ import annotations

from flask import Flask

from app.credentials import texts
from app.delivery import command


def register(app: Flask) -> None:
    """Add the commands to the application."""
    command.register(app, texts.compose)
