"""An upgrade is done once, and after a backup that an older revision comes back from; scheduled backups."""

from __future__ import annotations

import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_migrate import downgrade
from sqlalchemy import select

from app import clock, policy
from app.backup import schedule, schema, standing
from app.extensions import db
from app.models import BackupRun, Student, User
from tests.school import School
from tests.test_backup import command

ZONE = ZoneInfo("Europe/Moscow")


def backups(app: Flask) -> list[Path]:
    return sorted(Path(app.config["BACKUP_FOLDER"]).glob("*.zip"))


def test_an_older_revision_is_backed_up_and_comes_back_into_the_present_one(app: Flask, school: School) -> None:
    name, number = school.student.family_name, school.student.id
    db.session.commit()
    db.session.remove()
    downgrade(revision="0004")
    code, output = command(app, "upgrade")
    assert (code, f"from revision 0004 to {schema.head()}" in output) == (0, True), output
    before = backups(app)[-1]
    assert "before-0004" in backups(app)[0].name
    with ZipFile(before) as file:
        assert '"revision": "0004"' in file.read("manifest.json").decode()
    policy.act_as(db.session(), policy.SYSTEM)
    db.session.get_one(Student, number).family_name = "После"
    code, output = command(app, "restore", before, "--yes")
    assert code == 0, output
    db.session.expunge_all()
    assert db.session.get_one(Student, number).family_name == name
    assert "nothing to do" in command(app, "upgrade")[1]


def test_without_a_backup_nothing_is_upgraded(app: Flask, school: School, tmp_path: Path) -> None:
    db.session.commit()
    db.session.remove()
    downgrade(revision="0004")
    (tmp_path / "file").touch()
    app.config["BACKUP_FOLDER"] = str(tmp_path / "file")
    code, output = command(app, "upgrade")
    assert (code, "nothing was changed" in output) == (1, True)
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "0004"
    app.config["BACKUP_FOLDER"] = str(tmp_path / "backups")
    assert command(app, "upgrade")[0] == 0


@pytest.mark.parametrize(
    ("hours", "now", "slot"),
    [
        ("2", "2026-11-28T03:00", "2026-11-28T02"),
        ("2", "2026-11-28T01:59", "2026-11-27T02"),
        ("2 14", "2026-11-28T20:00", "2026-11-28T14"),
        ("", "2026-11-28T20:00", None),
    ],
)
def test_the_hour_that_was_due(hours: str, now: str, slot: str | None) -> None:
    due = schedule.slot_before(datetime.fromisoformat(now).replace(tzinfo=ZONE), ZONE, schedule.hours(hours))
    assert (schedule.name_of(due) if due else None) == slot


def test_one_worker_makes_a_backup_and_a_failure_is_told_and_tried_again(app: Flask, tmp_path: Path) -> None:
    now = datetime(2026, 11, 28, 12, tzinfo=UTC)
    slot = datetime(2026, 11, 28, 2, tzinfo=ZONE)
    assert not schedule.claim(slot, now), "the school came after that hour"
    db.session.add(User(family_name="А", given_name="Б", patronymic="", created_at=now - timedelta(3)))
    db.session.commit()
    assert standing.worry(db.session, now, "2") == (None, "")
    db.session.commit()
    assert schedule.claim(slot, now)
    assert not schedule.claim(slot, now)

    (tmp_path / "file").touch()
    app.config["BACKUP_FOLDER"] = str(tmp_path / "file")
    schedule.make(slot, now)
    failed = standing.worry(db.session, now, "2")
    assert failed is not None
    assert (failed.last_at, bool(failed.error)) == (None, True)
    db.session.commit()

    app.config["BACKUP_FOLDER"] = str(tmp_path / "backups")
    assert schedule.claim(slot, now)
    schedule.make(slot, now)
    run = db.session.scalars(select(BackupRun)).one()
    file = tmp_path / "backups" / run.file
    assert (run.error, run.size, stat.S_IMODE(file.stat().st_mode)) == ("", file.stat().st_size, 0o600)
    assert standing.worry(db.session, clock.now(), "2") is None
    late = standing.worry(db.session, clock.now() + timedelta(2), "2")
    assert late is not None
    assert late.last_at == run.finished_at


def test_what_is_kept(app: Flask, tmp_path: Path) -> None:
    days = ("2025-10-01", "2026-08-03", "2026-08-20", "2026-09-01", "2026-11-20")
    for day in days:
        (tmp_path / f"journal-{day}T02.zip").touch()
    (tmp_path / "other.zip").touch()
    gone = schedule.forget(tmp_path, date(2026, 11, 28), 30)
    assert gone == ["journal-2025-10-01T02.zip", "journal-2026-08-20T02.zip"]
    assert (tmp_path / "other.zip").exists()
