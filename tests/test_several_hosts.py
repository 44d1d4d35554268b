"""Nothing that another host needs stays on one: key, uploaded files, backups; and what the doctor says of it."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app import health
from app.backup.uploads import Uploads
from app.doctor import hosts
from app.doctor.finding import Level
from app.extensions import db
from app.models import SupportFile, WorkerPulse
from app.static_files import modules_of
from app.stored_files import Shelf

EXACT = {"X-Exact-Version": "1"}


def levels(app: Flask) -> dict[str, str]:
    return {finding.name: finding.level.value for finding in hosts.hosts(app)}


def test_the_doctor_tells_what_other_hosts_lack(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    now = datetime.now(UTC)
    old = WorkerPulse(name="gone:2", started_at=now, seen_at=now - timedelta(hours=1))
    own = WorkerPulse(name=f"{hosts.pulse.host()}:3", started_at=now, seen_at=now)
    db.session.add_all([old, own])
    db.session.commit()
    assert levels(app) == {"hosts": "ok"}
    db.session.add(WorkerPulse(name="journal-2:1", started_at=now, seen_at=now))
    db.session.commit()
    fail, warn = Level.FAIL.value, Level.WARN.value
    assert levels(app) == {"hosts-key": fail, "hosts-uploads": fail, "hosts-backups": warn}
    assert "journal-2" in next(hosts.hosts(app)).said
    monkeypatch.setenv("SECRET_KEY", "k" * 43)
    app.config.update(UPLOADS_FOLDER=str(tmp_path / "shared"), BACKUP_FOLDER=str(tmp_path / "backups"))
    assert levels(app) == {"hosts": "ok"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_uploads_lie_where_all_hosts_see_them(app: Flask, tmp_path: Path) -> None:
    app.config["UPLOADS_FOLDER"] = str(tmp_path / "shared")
    assert db.session.scalars(select(SupportFile)).all() == []  # a transaction has begun
    name = Shelf("support", SupportFile.stored).keep(db.session(), b"%PDF", ".pdf")
    assert (tmp_path / "shared" / "support" / name).read_bytes() == b"%PDF"
    assert health.folders(app)["uploads"] == tmp_path / "shared"
    db.session.rollback()
    assert not (tmp_path / "shared" / "support" / name).exists()


def test_uploads_come_back_from_another_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uploads = Uploads(tmp_path / "shared", tmp_path / "scratch")
    (uploads.waiting / "news").mkdir(parents=True)
    (uploads.waiting / "news" / "a.png").write_bytes(b"picture")
    uploads.new.append(Path("news/a.png"))
    move = os.replace

    def other_disk(source: Path, target: Path) -> None:
        if uploads.waiting in Path(source).parents:
            raise OSError(errno.EXDEV, "another disk")
        move(source, target)

    monkeypatch.setattr(os, "replace", other_disk)
    uploads.put()
    assert [(file.name, file.read_bytes()) for file in (tmp_path / "shared" / "news").iterdir()] == [
        ("a.png", b"picture")
    ]


def test_scripts_of_another_version_are_left_to_another_host(demo_app: Flask) -> None:
    client = demo_app.test_client()
    with demo_app.test_request_context():
        own = modules_of("journal")["grid"]
        style = demo_app.url_for("static", filename="panel.css")
    assert client.get(own, headers=EXACT).status_code == 200
    assert client.get(style, headers=EXACT).status_code == 200
    other, another = own.replace(own.split("/")[3], "000000000000"), style[:-1] + "x"
    assert client.get(other, headers=EXACT).status_code == 404
    assert client.get(another, headers=EXACT).status_code == 404
    assert client.get(style.partition("?")[0], headers=EXACT).status_code == 200
    assert client.get(other).status_code == 200  # nobody else has it: better this one than none
