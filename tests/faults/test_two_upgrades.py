"""Two hosts upgrade the same database at the same moment: both end well, and what was in it is there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from app import create_app
from app.extensions import db
from tests.at_length import FULL
from tests.conftest import empty_database
from tests.faults.conftest import Tell
from tests.faults.workers import ROOT

OLD = "0003"
ROWS = 20
NUMBER, TIMES = (4, 10) if FULL else (2, 1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database as it was two releases ago, with something in it."""
    url = empty_database(request, tmp_path)
    app = create_app({"SQLALCHEMY_DATABASE_URI": url, "TESTING": True, "SECRET_KEY": "test key"}, tmp_path)
    with app.app_context():
        upgrade(revision=OLD)
        with db.engine.begin() as connection:
            for number in range(ROWS):
                subject = {"name": f"Предмет {number}", "search": f"предмет {number}"}
                connection.execute(text("INSERT INTO subject (name, search_name) VALUES (:name, :search)"), subject)
        db.engine.dispose()
    return url


def test_two_upgrades_at_once_both_end_well(app: Flask, database_url: str, tmp_path: Path, tell: Tell) -> None:
    environment = os.environ | {"DATABASE_URL": database_url, "SECRET_KEY": "test key", "LOCALE": "en"}
    command = [sys.executable, "-m", "tests.faults.run_upgrades", str(NUMBER), str(tmp_path)]
    for number in range(TIMES):
        if number:
            downgrade(revision=OLD)
            db.session.remove()
            db.engine.dispose()
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        with db.engine.begin() as connection:
            assert connection.execute(text("SELECT count(*) FROM subject")).scalar_one() == ROWS
            assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1
    tell(f"{NUMBER} upgrades at once", tried=TIMES, acknowledged=ROWS)
