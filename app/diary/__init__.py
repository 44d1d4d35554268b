"""/diary/: what guardians read, and students with access of their own; one module an area, all on one blueprint."""

from __future__ import annotations

from flask import Flask

from app.diary import absences, calendar, days, more, own_data, texts
from app.diary.frame import blueprint

__all__ = ["register"]

AREAS = (days, more, absences, texts, own_data, calendar)


def register(app: Flask) -> None:
    """Bind the diary to ``app``; each of AREAS has put its addresses on the blueprint by being imported."""
    app.register_blueprint(blueprint)
