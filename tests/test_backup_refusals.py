"""What is no whole backup changes nothing; what waited in a backup goes to nobody a second time; what is encrypted."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import clock
from app.backup import restoring
from app.extensions import db
from app.models import AuditRecord, BackupRun, Delivery, Happening, Notification, Student, UserSession
from app.models.access import DeliveryChannel, DeliveryState
from app.models.notification import NoticeKind
from tests.school import School
from tests.test_backup import command, rows_of, uploaded
from tests.visitor import person


@pytest.fixture
def backup(app: Flask, school: School, tmp_path: Path) -> Path:
    """A backup of the smallest school, which has lost its students' names since."""
    uploaded(app, "news/a.png", b"picture")
    file = tmp_path / "school.zip"
    assert command(app, "backup", file)[0] == 0
    school.student.family_name = "После"
    db.session.commit()
    return file


def altered(backup: Path, part: str, change: Any, manifest: Any = None) -> Path:
    """A copy of a backup in which the content of ``part`` is another one."""
    target = backup.with_name(f"{token_hex(4)}.zip")
    with ZipFile(backup) as old, ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            content = change(content) if name == part else content
            if name == "manifest.json" and manifest is not None:
                told = json.loads(content)
                manifest(told)
                content = json.dumps(told).encode()
            new.writestr(name, content)
    return target


def orphaned(content: bytes) -> bytes:
    """The rows of a table with the first number after the key replaced: they refer to nothing."""
    rows = [json.loads(line) for line in content.splitlines()]
    return b"".join(json.dumps([row[0], 9_999, *row[2:]]).encode() + b"\n" for row in rows)


def retold(backup: Path, table: str, change: Any) -> Path:
    """A copy in which a table is another one and its digest fits."""
    with ZipFile(backup) as old:
        digest = sha256(change(old.read(f"tables/{table}.jsonl"))).hexdigest()
    return altered(backup, f"tables/{table}.jsonl", change, lambda told: told["tables"][table].update(digest=digest))


def is_unchanged(app: Flask) -> bool:
    names = db.session.scalars(select(Student.family_name)).all()
    runs = db.session.scalar(select(func.count()).where(BackupRun.slot.startswith("restored")))
    db.session.commit()
    files = {file.name for file in (Path(app.instance_path) / "uploads").rglob("*") if file.is_file()}
    return "После" in names and runs == 0 and files == {"a.png"}


def test_what_was_altered_is_refused_and_nothing_changes(app: Flask, backup: Path) -> None:
    cases = {
        "tables/student.jsonl is not what was written": altered(backup, "tables/student.jsonl", lambda old: old + old),
        "uploads/news/a.png is not what was written": altered(backup, "uploads/news/a.png", lambda _old: b"other"),
        "newer version": altered(backup, "", bytes, lambda told: told.update(revision="9999")),
        "no backup of a journal": altered(backup, "manifest.json", lambda _old: b"{}"),
        "refer to rows that are not there": retold(backup, "enrollment", orphaned),
    }
    for words, file in cases.items():
        code, output = command(app, "restore", file, "--yes")
        assert (code, words in output) == (1, True), output
        assert is_unchanged(app), words


def test_nobody_is_asked_twice_and_without_a_yes_nothing_changes(app: Flask, backup: Path) -> None:
    code, output = command(app, "restore", backup)
    assert code == 1
    assert "Replace everything" in output
    assert is_unchanged(app)


def test_messages_that_waited_go_to_nobody_a_second_time(app: Flask, tmp_path: Path) -> None:
    user, now = person(), clock.now()
    states = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.UNKNOWN, DeliveryState.SENT)
    for number, state in enumerate(states):
        tried = {"attempt_id": f"attempt {number}", "attempted_at": now} if state is not DeliveryState.QUEUED else {}
        db.session.add(
            Delivery(user_id=user.id, channel=DeliveryChannel.SMS, address="+79720000001", state=state, **tried)
        )
    db.session.add(Happening(kind=NoticeKind.MARK, model="Mark", object_id=1, at=now))
    db.session.add(
        Notification(user_id=user.id, channel=DeliveryChannel.SMS, kind=NoticeKind.MARK, model="Mark", object_id=1,
                     due_at=now)
    )  # fmt: skip
    db.session.add(UserSession(user_id=user.id, token_hash="t" * 64, address="192.0.2.1"))
    file = tmp_path / "waiting.zip"
    command(app, "backup", file)
    code, output = command(app, "restore", file, "--yes")
    assert code == 0, output
    assert "cancelled: 3; notices dropped: 2" in output
    found = {row.attempt_id: (row.state, row.error) for row in db.session.scalars(select(Delivery))}
    cancelled = (DeliveryState.CANCELLED, "restored")
    assert found == {
        None: cancelled, "attempt 1": cancelled, "attempt 2": cancelled, "attempt 3": (DeliveryState.SENT, ""),
    }  # fmt: skip
    assert db.session.scalars(select(Notification)).all() == []
    assert db.session.scalars(select(Happening)).all() == []
    assert db.session.scalars(select(UserSession.ended_at)).one() is not None
    note = db.session.scalars(select(AuditRecord).where(AuditRecord.model == "BackupRun")).one()
    assert note.changes["file"] == [None, "waiting.zip"]


def test_an_encrypted_backup_holds_the_key_and_opens_with_its_passphrase_only(app: Flask, tmp_path: Path) -> None:
    person()
    key = Path(app.instance_path) / "secret_key"
    key.write_text(app.config["SECRET_KEY"])
    app.config["BACKUP_PASSPHRASE"] = "длинная фраза"
    file = tmp_path / "sealed.zip"
    assert command(app, "backup", file)[0] == 0
    assert "Петрова".encode() not in file.read_bytes()
    assert set(ZipFile(file).namelist()) == {"READ-ME.txt", "key.age", "secret_key.age", "backup.zip.age"}
    with restoring.opened(file) as opened:
        assert opened.secret_key == app.config["SECRET_KEY"]
        assert opened.archive.manifest.tables["user"].count == 1
    before = rows_of(app)
    app.config["BACKUP_PASSPHRASE"] = "another"
    code, output = command(app, "restore", file, "--yes")
    assert (code, "does not open this backup" in output) == (1, True)
    assert rows_of(app) == before
