"""No room on the disk: a sentence, nothing half written, and all goes on by itself when there is room again."""

from __future__ import annotations

import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from tests.faults.conftest import Tell
from tests.faults.kit import Typist, Web, all_answered_since, compared, journals, recovery, typing, wait_for
from tests.faults.small_disk import SmallDisk
from tests.postgres_server import PostgresServer

NO_ROOM = "There is no room left on the server."
FULL_SECONDS = 1.0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_disk_of_the_file_is_full(app: Flask, tmp_path: Path, small_disk: SmallDisk, tell: Tell) -> None:
    held = journals(2)
    db.session.remove()
    db.engine.dispose()
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as written:
        written.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    moved = shutil.move(tmp_path / "journal.sqlite", small_disk.folder / "journal.sqlite")
    (tmp_path / "journal.sqlite").symlink_to(moved)  # where the test itself reads
    with Web(f"sqlite:///{moved}", tmp_path) as web, typing(web.address, held) as typists:
        _fill_and_clear(small_disk, typists, tell)
    with closing(sqlite3.connect(moved)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_disk_of_the_server_is_full(
    app: Flask, web: Web, postgres_server: PostgresServer, small_disk: SmallDisk, tell: Tell
) -> None:
    """The table every edit adds a row to lies on it."""
    held = journals(2)
    place = small_disk.folder / "tables"
    place.mkdir()
    postgres_server.give(place)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE TABLESPACE small LOCATION '{place}'"))
        connection.execute(text("ALTER TABLE edit_receipt SET TABLESPACE small"))
    try:
        with typing(web.address, held) as typists:
            _fill_and_clear(small_disk, typists, tell)
    finally:
        db.session.remove()
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ALTER TABLE edit_receipt SET TABLESPACE pg_default"))
            connection.execute(text("DROP TABLESPACE small"))


def _fill_and_clear(disk: SmallDisk, typists: list[Typist], tell: Tell) -> None:
    all_answered_since(typists, time.monotonic())
    disk.fill()
    wait_for(lambda: all(typist.told for typist in typists))
    assert all(sentence.startswith(NO_ROOM) for typist in typists for sentence in typist.told)
    time.sleep(FULL_SECONDS)
    disk.clear()
    back = time.monotonic()
    all_answered_since(typists, back, times=2)
    longest = recovery(typists, back)
    for typist in typists:
        typist.stop.set()
        typist.join()
    found = compared(typists)
    assert (found["lost"], found["doubled"]) == (0, 0)
    tell("the disk is full, teachers typing", tried=1, recovery=longest, **found)
