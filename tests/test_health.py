"""/healthz tells the truth."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from app import create_app


def test_a_migrated_database_is_healthy(app: Flask) -> None:
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (
        200,
        {"database": "ok", "queue": {"length": 0, "oldest_due_seconds": 0}},
    )


def test_an_empty_database_is_not(tmp_path: Path) -> None:
    application = create_app({"SECRET_KEY": "x", "SQLALCHEMY_DATABASE_URI": "sqlite://"}, instance=tmp_path)
    assert application.test_client().get("/healthz").status_code == 503
