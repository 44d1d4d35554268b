"""A backup holds everything, and brings it back into either database while others use it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete

from app import create_app, policy
from app.audit.seal import seal
from app.backup import values
from app.backup.snapshot import snapshot
from app.extensions import db
from app.models import AuditSeal, User
from tests.rights.world import build
from tests.visitor import Visitor, person

CHANGED = {"audit_record", "backup_run", "delivery", "happening", "notification", "user_session"}
"""Tables in which a restore writes: what waited, who was signed in, that it was restored."""


def command(app: Flask, *words: Any) -> tuple[int, str]:
    db.session.commit()  # commands have sessions of their own
    result = app.test_cli_runner().invoke(args=[str(word) for word in words], catch_exceptions=False)
    return result.exit_code, result.output


def rows_of(app: Flask) -> dict[str, list[Any]]:
    """Every row of every table, as a backup has it."""
    with app.app_context(), snapshot(db.engine) as standing:
        return {table.name: [list(row) for row in values.read(standing.connection, table)] for table in standing.tables}


def uploaded(app: Flask, name: str, content: bytes) -> Path:
    file = Path(app.instance_path) / "uploads" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


@pytest.fixture
def other(request: pytest.FixtureRequest, app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """An empty installation on the other kind of database."""
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        url = request.getfixturevalue("used_database").emptied()
    else:
        url = f"sqlite:///{tmp_path / 'other.sqlite'}"
    settings = {"SQLALCHEMY_DATABASE_URI": url, "TESTING": True, "LOCALE": "en", "SECRET_KEY": "test key"}
    made = create_app(settings, instance=tmp_path / "other")
    made.test_client_class = Visitor
    yield made
    with made.app_context():
        db.engine.dispose()


def test_every_row_and_file_goes_to_the_other_database_and_back(app: Flask, other: Flask, tmp_path: Path) -> None:
    build(db.session)
    person("restored")
    db.session.connection().execute(delete(AuditSeal.__table__))  # that of the world seals nothing  # type: ignore[arg-type]
    db.session.commit()
    assert seal(db.engine) > 0
    file = uploaded(app, "news/a.png", b"picture")
    there, back = tmp_path / "there.zip", tmp_path / "back.zip"
    assert command(app, "backup", there)[0] == 0
    assert stat.S_IMODE(there.stat().st_mode) == 0o600
    before = rows_of(app)
    assert all(before.values()), "a table without a row proves nothing"

    with other.app_context():
        code, output = command(other, "restore", there)
        assert code == 0, output
        assert (Path(other.instance_path) / "uploads/news/a.png").read_bytes() == b"picture"
        new = User(family_name="Новый", given_name="Н", patronymic="", login="new")
        with policy.system() as session:  # numbers go on after those that came
            session.add(new)
            session.commit()
            session.delete(new)
            session.commit()
        assert command(other, "backup", back)[0] == 0
    after = rows_of(other)
    for table, rows in before.items():
        if table not in CHANGED:
            assert after[table] == rows, table
    assert Visitor(other).sign_in("restored").headers["Location"] != "/login"

    file.unlink()
    uploaded(app, "news/later.png", b"later")
    code, output = command(app, "restore", back, "--yes")
    assert code == 0, output
    assert {table: rows for table, rows in rows_of(app).items() if table not in CHANGED} == {
        table: rows for table, rows in after.items() if table not in CHANGED
    } | {"sign_in": rows_of(app)["sign_in"]}
    assert file.read_bytes() == b"picture"
    assert not (file.parent / "later.png").exists()
    assert Visitor(app).sign_in("restored").status_code == 302
