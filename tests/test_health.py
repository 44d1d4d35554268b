"""/healthz tells the truth, and its details only to who may know them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from app import create_app, health
from app.delivery.pulse import Pulse
from app.extensions import db
from app.models import BackupRun, WorkerPulse

OTHER = {"REMOTE_ADDR": "192.0.2.1"}


def test_a_migrated_database_is_healthy(app: Flask) -> None:
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (
        200,
        {"database": "ok", "queue": {"length": 0, "oldest_due_seconds": 0}},
    )


def test_an_empty_database_is_not(tmp_path: Path) -> None:
    application = create_app({"SECRET_KEY": "x", "SQLALCHEMY_DATABASE_URI": "sqlite://"}, instance=tmp_path)
    assert application.test_client().get("/healthz").status_code == 503


def test_an_old_database_is_not_but_a_newer_one_is(app: Flask) -> None:
    for version, status, state in [("0004", 503, "not migrated"), ("9999", 200, "ok")]:
        with db.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")
        answer = app.test_client().get("/healthz")
        assert (answer.status_code, answer.json["database"]) == (status, state)
    with db.engine.begin() as connection:  # PostgreSQL's database is the next test's too
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{health.revisions('migrations')[0]}'")


def test_one_that_cannot_be_written_is_not(migrated_file: Path, tmp_path: Path) -> None:
    url = f"sqlite:///file:{migrated_file}?mode=ro&uri=true"
    application = create_app({"SECRET_KEY": "x", "SQLALCHEMY_DATABASE_URI": url}, instance=tmp_path)
    answer = application.test_client().get("/healthz")
    assert (answer.status_code, answer.json["database"]) == (503, "read only")


def test_one_that_somebody_writes_is(app: Flask) -> None:
    with db.engine.begin() as connection:
        connection.execute(update(WorkerPulse).values(name="x"))
        assert app.test_client().get("/healthz").status_code == 200


def test_a_full_disk_is_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "NO_SPACE", 1 << 60)
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.json["failing"]) == (503, ["disk"])


def test_the_details_name_what_needs_somebody(app: Flask) -> None:
    app.config["BACKUP_HOURS"] = "2"
    visitor, now = app.test_client(), datetime.now(UTC)
    assert visitor.get("/healthz/details").json["failing"] == ["worker", "backup"]
    Pulse().beat(now)
    db.session.add(BackupRun(slot="now", finished_at=now))
    db.session.add(BackupRun(slot="failed", finished_at=now + timedelta(1), error="no room"))
    db.session.commit()
    answer = visitor.get("/healthz/details")
    assert (answer.status_code, answer.json["failing"]) == (200, [])
    assert answer.json["worker"]["seen_seconds_ago"] < 60
    assert answer.json["disk"]["instance"] > 0
    db.session.execute(update(WorkerPulse).values(seen_at=now - timedelta(minutes=4)))
    db.session.execute(update(BackupRun).values(finished_at=now - timedelta(3)))
    db.session.commit()
    answer = visitor.get("/healthz/details")
    assert (answer.status_code, answer.json["failing"]) == (503, ["worker", "backup"])


def test_the_details_are_for_this_machine_or_the_token(app: Flask) -> None:
    def asks(**options: object) -> int:
        return app.test_client().get("/healthz/details", **options).status_code

    assert asks() == 503
    assert asks(environ_overrides=OTHER) == 404
    assert asks(headers={"X-Forwarded-For": "127.0.0.1"}) == 404
    assert asks(environ_overrides=OTHER, headers={"Authorization": "Bearer "}) == 404
    app.config["METRICS_TOKEN"] = "the token"
    assert asks(environ_overrides=OTHER, headers={"Authorization": "Bearer the token"}) == 503
    assert asks(environ_overrides=OTHER, headers={"Authorization": "Bearer another"}) == 404


def test_a_pulse_is_one_row_a_worker_and_old_ones_go(app: Flask) -> None:
    now, pulse = datetime.now(UTC), Pulse()
    db.session.add(WorkerPulse(name="gone", started_at=now, seen_at=now - timedelta(2)))
    db.session.commit()
    pulse.beat(now)
    pulse.next_at = 0
    pulse.beat(now + timedelta(minutes=1))
    db.session.expire_all()
    [row] = db.session.query(WorkerPulse).all()
    assert (row.started_at, row.seen_at) == (now, now + timedelta(minutes=1))
