"""Teachers type while the server is killed, the database goes, hangs or is held, and the disk fills up.

Each edit goes under one key until it is answered. What was acknowledged stands, nothing is written twice, whoever has
to wait is told why in a sentence, and all goes on by itself.
"""

from __future__ import annotations

import random
import shutil
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.models import User
from app.models.access import DeliveryState
from bench.browser import Browser
from tests.at_length import FULL
from tests.faults.conftest import Tell
from tests.faults.kit import Typing, Web, journals, wait_for
from tests.faults.small_disk import SmallDisk
from tests.faults.workers import Workers, states, unsettled
from tests.mail_server import MailServer
from tests.post import issued
from tests.postgres_server import PostgresServer
from tests.test_homework_files import PDF
from tests.twilio_server import TwilioServer

ONE, ALL = (50, 10) if FULL else (2, 1)  # kills of one process, of all
OUTAGE, FROZEN, HELD = (30, 30, 15) if FULL else (3, 1, 1)  # seconds
TIMES = 5 if FULL else 1
FULL_FOR = 10 if FULL else 1  # seconds
CUTS = 50 if FULL else 8
BUSY = (
    "The journal is busy. What you were saving was not saved; all that was saved before is kept. Try again in a minute."
)
NO_ROOM = "There is no room left on the server."


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_on_sqlite(app: Flask, tmp_path: Path, small_disk: SmallDisk, tell: Tell) -> None:
    held = journals(3)
    db.session.remove()
    db.engine.dispose()
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as written:
        written.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file = shutil.move(tmp_path / "journal.sqlite", small_disk.folder / "journal.sqlite")
    (tmp_path / "journal.sqlite").symlink_to(file)  # where the test itself reads
    with Web(f"sqlite:///{file}", tmp_path) as web, Typing(web.address, held) as typing:
        kills(web, typing, tell)
        cut_uploads(web, typing, tell)
        held_by_somebody(file, web, typing, tell)
        full_disk(small_disk, typing, tell)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_on_postgresql(
    app: Flask, tmp_path: Path, postgres_server: PostgresServer, small_disk: SmallDisk, tell: Tell
) -> None:
    held = journals(3)
    people = [User(family_name="Петрова", given_name="Анна", phone=f"+791234567{n:02}") for n in range(8)]
    people += [User(family_name="Петрова", given_name="Анна", email=f"parent{n}@mail.example") for n in range(8)]
    db.session.add_all(people)
    db.session.commit()
    issued(*people)
    db.session.remove()
    with Web(app.config["SQLALCHEMY_DATABASE_URI"], tmp_path) as web, Typing(web.address, held) as typing:
        kills(web, typing, tell)
        with TwilioServer(0.3) as sms, MailServer(0.3) as mail, Workers(app, sms, mail, tmp_path, number=1):
            wait_for(lambda: bool(sms.messages))
            stopped(postgres_server, web, typing, tell)
            wait_for(lambda: unsettled() == 0)
        assert states() == {DeliveryState.SENT}
        received = sms.times_received() + mail.times_received()
        assert set(received.values()) == {1}
        assert len(received) == len(people)
        tell(f"the database is gone for {OUTAGE} s, messages flowing", tried=TIMES, acknowledged=len(people))
        frozen(postgres_server, typing, tell)
        with table_on(postgres_server, small_disk):
            full_disk(small_disk, typing, tell)


def kills(web: Web, typing: Typing, tell: Tell) -> None:
    """kill -9 of one process or of all, in the middle of whatever they do."""
    for deaths, what in (([web.kill_one] * ONE, "of a web process"), ([web.kill_all] * ALL, "of the whole web server")):
        longest = 0.0
        for kill in deaths:
            typing.go_on(time.monotonic())
            time.sleep(random.uniform(0, 0.1))
            kill()
            longest = max(longest, typing.go_on(time.monotonic()))
        note(typing, tell, f"kill -9 {what}", len(deaths), longest)
    assert sum(typist.failures for typist in typing.typists) > 0


def cut_uploads(web: Web, typing: Typing, tell: Tell) -> None:
    """Connections that break at every place of an upload: in its head, in a field, in the file."""
    body = b"".join(
        b'--b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % field
        for field in ((b"username", b"teacher0"), (b'files"; filename="a.pdf', PDF * 20_000))
    ) + b"--b--\r\n"  # fmt: skip
    head = "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    whole = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    typing.go_on(time.monotonic())
    for number in range(1, CUTS + 1):
        with socket.create_connection(("127.0.0.1", web.port), 10) as connection:
            connection.sendall(whole[: len(whole) * number // (CUTS + 1)])
    with socket.create_connection(("127.0.0.1", web.port), 10) as connection:
        connection.sendall(whole)
        assert connection.recv(12) == b"HTTP/1.1 400"  # it has no token
    longest = typing.go_on(time.monotonic(), times=2)
    assert "Traceback" not in web.log.read_text()
    note(typing, tell, "a connection cut within an upload", CUTS, longest)


def stopped(server: PostgresServer, web: Web, typing: Typing, tell: Tell) -> None:
    """The database ends as by a crash, and is started again."""
    longest, browser = 0.0, Browser(web.address)
    for _time in range(TIMES):
        typing.go_on(time.monotonic())
        server.stop()
        assert browser.ask("GET", "/healthz")[0] == 503
        time.sleep(OUTAGE)
        server.start()
        longest = max(longest, typing.go_on(time.monotonic(), times=2))
    assert browser.ask("GET", "/healthz")[0] == 200
    assert typing.told() == {BUSY}
    note(typing, tell, f"the database is gone for {OUTAGE} s", TIMES, longest)


def frozen(server: PostgresServer, typing: Typing, tell: Tell) -> None:
    """The database keeps its connections and says nothing."""
    typing.go_on(time.monotonic())
    server.freeze()
    time.sleep(FROZEN)
    server.thaw()
    note(typing, tell, f"the database hangs for {FROZEN} s", 1, typing.go_on(time.monotonic(), times=2))


def held_by_somebody(file: Path, web: Web, typing: Typing, tell: Tell) -> None:
    """Pages are read meanwhile; what is saved waits ten seconds, is told so, and comes again."""
    typing.go_on(time.monotonic())
    reader = Browser(web.address)
    reader.cookies = dict(typing.typists[0].browser.cookies)
    with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN EXCLUSIVE")
        reader.state(typing.typists[0].journal.assignment_id)
        assert other.in_transaction
        time.sleep(HELD)
        other.execute("ROLLBACK")
    longest = typing.go_on(time.monotonic(), times=2)
    assert typing.told() == ({BUSY} if FULL else set())
    note(typing, tell, f"the file is locked by another program for {HELD} s", 1, longest)


def full_disk(disk: SmallDisk, typing: Typing, tell: Tell) -> None:
    """There is room again after a while."""
    typing.go_on(time.monotonic())
    typing.told()
    disk.fill()
    wait_for(lambda: all(typist.told for typist in typing.typists))
    time.sleep(FULL_FOR)
    disk.clear()
    longest = typing.go_on(time.monotonic(), times=2)
    assert all(sentence.startswith(NO_ROOM) for sentence in typing.told())
    note(typing, tell, "the disk is full", 1, longest)


@contextmanager
def table_on(server: PostgresServer, disk: SmallDisk) -> Iterator[None]:
    """The table that every edit adds a row to lies on a disk of its own."""
    place = disk.folder / "tables"
    place.mkdir()
    server.give(place)
    _execute(f"CREATE TABLESPACE small LOCATION '{place}'", "ALTER TABLE edit_receipt SET TABLESPACE small")
    try:
        yield
    finally:
        _execute("ALTER TABLE edit_receipt SET TABLESPACE pg_default", "DROP TABLESPACE small")


def _execute(*statements: str) -> None:
    db.session.remove()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.execute(text(statement))


def note(typing: Typing, tell: Tell, fault: str, tried: int, longest: float) -> None:
    """Compare what was acknowledged with what stands, and write it down."""
    found = typing.found()
    assert found["acknowledged"] > 0
    assert (found["lost"], found["doubled"]) == (0, 0), fault
    tell(f"{fault}, teachers typing", tried=tried, recovery=longest, **found)
