"""/diary/: what guardians read, and students with access of their own; one module an area, all on one blueprint."""

from __future__ import annotations

from flask import Flask

from app.diary import (
    absences,
    calendar,
    days,
    installed,
    messages,
    more,
    news,
    notifications,
    own_data,
    push,
    results,
    stop,
    texts,
    words,
)
from app.diary.frame import blueprint

__all__ = ["register"]

AREAS = (days, results, absences, messages, news, notifications, calendar, own_data, texts, more, installed, words)


def register(app: Flask) -> None:
    """Bind the diary to ``app``; each of AREAS has put its addresses on the blueprint by being imported."""
    app.register_blueprint(blueprint)
    app.register_blueprint(push.blueprint)
    app.register_blueprint(stop.blueprint)
