"""The database stops, hangs or is held by somebody else: nothing acknowledged is lost, and all goes on by itself."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from app.extensions import db
from app.models import User
from app.models.access import DeliveryState
from bench.browser import Browser
from tests.faults.conftest import Tell
from tests.faults.kit import FULL, Web, all_answered_since, compared, journals, recovery, typing, wait_for
from tests.faults.workers import Workers, states, unsettled
from tests.mail_server import MailServer
from tests.post import issued
from tests.postgres_server import PostgresServer
from tests.twilio_server import TwilioServer

OUTAGE = 30 if FULL else 3
FROZEN = 30 if FULL else 1
HELD = 15 if FULL else 2
TIMES = 5 if FULL else 1
BUSY = (
    "The journal is busy. What you were saving was not saved; all that was saved before is kept. "
    "Try again in a minute."
)


def health(address: str) -> int:
    return Browser(address).ask("GET", "/healthz")[0]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_stops_and_comes_back(
    app: Flask, web: Web, postgres_server: PostgresServer, tmp_path: Path, tell: Tell
) -> None:
    """It is killed as by a crash, under teachers who type and a worker that sends."""
    held = journals(3)
    phones = [{"phone": f"+791234567{n:02}"} for n in range(8)]
    mails = [{"email": f"parent{n}@mail.example"} for n in range(8)]
    people = [User(family_name="Петрова", given_name="Анна", **contact) for contact in [*phones, *mails]]
    db.session.add_all(people)
    db.session.commit()
    issued(*people)
    longest = 0.0
    with TwilioServer(0.3) as sms, MailServer(0.3) as mail, Workers(app, sms, mail, tmp_path, number=1):
        with typing(web.address, held) as typists:
            wait_for(lambda: bool(sms.messages))
            for _time in range(TIMES):
                all_answered_since(typists, time.monotonic())
                db.session.remove()
                postgres_server.stop()
                assert health(web.address) == 503
                time.sleep(OUTAGE)
                postgres_server.start()
                back = time.monotonic()
                all_answered_since(typists, back, times=2)
                longest = max(longest, recovery(typists, back))
            assert health(web.address) == 200
        wait_for(lambda: unsettled() == 0)
    assert {sentence for typist in typists for sentence in typist.told} == {BUSY}
    found = compared(typists)
    assert (found["lost"], found["doubled"]) == (0, 0)
    tell(f"the database is gone for {OUTAGE} s, teachers typing", tried=TIMES, recovery=longest, **found)
    assert states() == {DeliveryState.SENT}
    assert sms.times_received() == {contact["phone"]: 1 for contact in phones}
    assert mail.times_received() == {contact["email"]: 1 for contact in mails}
    tell(f"the database is gone for {OUTAGE} s, messages flowing", tried=TIMES, acknowledged=len(people))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_says_nothing_for_a_while(
    app: Flask, web: Web, postgres_server: PostgresServer, tell: Tell
) -> None:
    held = journals(2)
    with typing(web.address, held) as typists:
        all_answered_since(typists, time.monotonic())
        db.session.remove()
        postgres_server.freeze()
        time.sleep(FROZEN)
        postgres_server.thaw()
        back = time.monotonic()
        all_answered_since(typists, back, times=2)
        longest = recovery(typists, back)
    found = compared(typists)
    assert (found["lost"], found["doubled"]) == (0, 0)
    tell(f"the database hangs for {FROZEN} s, teachers typing", tried=1, recovery=longest, **found)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_that_somebody_else_holds(app: Flask, web: Web, tell: Tell) -> None:
    """Pages are read meanwhile; what is saved waits ten seconds, then it is told so and comes again."""
    held = journals(2)
    file = app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
    db.session.remove()
    with typing(web.address, held) as typists:
        all_answered_since(typists, time.monotonic())
        with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as other:
            other.execute("BEGIN EXCLUSIVE")
            begun = time.monotonic()
            reader = Browser(web.address)
            reader.cookies = dict(typists[0].browser.cookies)
            reader.state(held[0].assignment_id)
            assert time.monotonic() - begun < HELD + 5, "a page waited for somebody who writes"
            time.sleep(HELD)
            other.execute("ROLLBACK")
        back = time.monotonic()
        all_answered_since(typists, back, times=2)
        longest = recovery(typists, back)
    assert {sentence for typist in typists for sentence in typist.told} <= {BUSY}
    assert not FULL or any(typist.told for typist in typists)
    found = compared(typists)
    assert (found["lost"], found["doubled"]) == (0, 0)
    tell(f"the file is locked for {HELD} s, teachers typing", tried=1, recovery=longest, **found)
