"""All that a rehearsal stands on: PostgreSQL, a mail server, hosts, people with passwords; and what came of it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from app import create_app, policy
from app.backup import schema
from app.cli import fill_demo
from app.credentials.issue import issue
from app.extensions import db
from app.models import AuditRecord, Delivery, EditReceipt, Mark, Message, User
from app.models.access import DeliveryChannel
from deploy.rehearsal.hosts import WEB, Nginx, WebHost, WorkerHost, release
from deploy.rehearsal.load import Asked, Parent, Person, Teacher
from tests.mail_server import MailServer
from tests.postgres_server import PostgresServer

DATABASE = "127.0.0.10"
STRANGERS = "rehearsal.example"
"""Where those live who are given access meanwhile; each gets one mail."""
PEOPLE = """
UPDATE account SET login = 't' || user_id, password_hash = (SELECT password_hash FROM account WHERE login = 'teacher')
 WHERE user_id IN (SELECT teacher_id FROM teaching_assignment) AND login IS DISTINCT FROM 'teacher';
UPDATE account SET login = 'g' || user_id, introduced_at = now(),
       password_hash = (SELECT password_hash FROM account WHERE login = 'guardian')
 WHERE user_id IN (SELECT user_id FROM guardianship) AND login IS DISTINCT FROM 'guardian'
   AND user_id NOT IN (SELECT teacher_id FROM teaching_assignment)
"""


def free_port(address: str) -> int:
    """A port that nobody has."""
    with socket.socket() as asked:
        asked.bind((address, 0))
        return int(asked.getsockname()[1])


@dataclass(frozen=True)
class Found:
    """What came of a load: numbers of edits, messages in the journal and mails, how many are lost and doubled."""

    edits: int
    lost_edits: int
    doubled_edits: int
    messages: int
    lost_messages: int
    doubled_messages: int
    mails: int
    lost_mails: int
    doubled_mails: int
    repeated_mails: int

    @property
    def is_whole(self) -> bool:
        """Nothing lost, nothing doubled; a mail repeated under its own Message-ID is none more."""
        lost = self.lost_edits, self.lost_messages, self.lost_mails
        return not any((*lost, self.doubled_edits, self.doubled_messages, self.doubled_mails))


class Stage:
    """A cluster in ``folder``; ``web``, ``workers`` and ``codes`` (the folders of releases 1 and 2) to play with."""

    def __init__(self, folder: Path, lease: float) -> None:
        self.folder, self.lease = folder, lease
        self.release, self.opened = 1, ExitStack()
        self.people: list[Person] = []
        self.log: list[Asked] = []

    def __enter__(self) -> Stage:
        with ExitStack() as stack:
            self.mail = stack.enter_context(MailServer(latency=0.05))
            self.postgres = stack.enter_context(PostgresServer(DATABASE, free_port(DATABASE)))
            port = free_port("127.0.0.1")
            self.address = f"http://127.0.0.1:{port}"
            self.settings = self._settings()
            self.app = self._app()
            with self.app.app_context():
                head = schema.head()
            self.codes = {1: release(self.folder, 1), 2: release(self.folder, 2, head)}
            self._fill()
            self.web = [WebHost(one, free_port(one), self.folder, self.settings) for one in WEB]
            self.workers = [WorkerHost(f"worker-{n}", self.folder, self.settings, self.lease) for n in (1, 2)]
            self.nginx = Nginx(self.folder, port, self.web)
            for host in (*self.web, *self.workers, self.nginx):
                stack.callback(host.kill)
                host.start(self.codes[1])
            for host in self.web:
                host.wait(1)
            self.opened = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.opened.close()

    def _settings(self) -> Mapping[str, str]:
        """What stands in /etc/journal/8000.env of every host."""
        shared = self.folder / "shared"
        shared.mkdir()
        return {
            "DATABASE_URL": self.postgres.url.replace("/postgres", "/journal"), "SECRET_KEY": "rehearsal " * 4,
            "UPLOADS_FOLDER": str(shared / "uploads"), "BACKUP_FOLDER": str(shared / "backups"), "BACKUP_HOURS": "",
            "PUBLIC_URL": self.address, "PROXIES": "1", "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(self.mail.port),
            "WEB_CONCURRENCY": "1", "LOG_LEVEL": "WARNING", "NOTIFICATION_DELAY": "1",
        }  # fmt: skip

    def _app(self) -> Flask:
        """The journal in this process, to give access and to look at what stands."""
        settings = {
            "SQLALCHEMY_DATABASE_URI": self.settings["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:"),
            "SECRET_KEY": self.settings["SECRET_KEY"],
        }  # fmt: skip
        return create_app(settings, self.folder / "here")

    def _fill(self) -> None:
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE journal")
        with self.app.app_context():
            upgrade()
            fill_demo(self.app, "small")
            db.session.remove()
        with psycopg.connect(self.settings["DATABASE_URL"]) as connection:
            connection.execute(PEOPLE)

    def flask(self, number: int, *command: str) -> None:
        """A command of the release ``number``. Raises CalledProcessError."""
        code = self.codes[number]
        environment = os.environ | self.settings | {"INSTANCE_FOLDER": str(self.folder / "command")}
        line = [sys.executable, "-m", "flask", "--app", "wsgi", *command]
        with (self.folder / "commands.log").open("ab") as log:
            subprocess.run(line, cwd=code, env=environment, check=True, stdout=log, stderr=log)  # noqa: S603

    def upgrade(self) -> None:
        """The tables of release 2, while release 1 works on them."""
        self.flask(2, "upgrade")
        self.release = 2

    @property
    def code(self) -> Path:
        """The release that a host starts with."""
        return self.codes[self.release]

    def invite(self, teachers: int, parents: int, pause: float) -> None:
        """Let people sign in; parents do something each ``3 * pause`` seconds, teachers each ``pause``."""
        with psycopg.connect(self.settings["DATABASE_URL"]) as connection:
            logins = connection.execute("SELECT login FROM account WHERE login ~ '^[tg][0-9]+$' ORDER BY user_id")
            known = [row[0] for row in logins]
        for login in known:
            kind = Teacher if login[0] == "t" else Parent
            there = sum(isinstance(person, kind) for person in self.people)
            if there == (teachers if kind is Teacher else parents):
                continue
            word, rest = ("teacher", pause) if kind is Teacher else ("guardian", 3 * pause)
            person = kind(self.address, login, word, rest, self.log)
            person.enter()
            if not isinstance(person, Teacher) or person.cells:
                self.people.append(person)
        with self.app.app_context(), policy.system() as session:
            self.recorded = session.scalar(select(func.count(AuditRecord.id)).where(AuditRecord.model == "Mark")) or 0

    def begin(self, mail_every: float) -> None:
        """Let them work, and give access to somebody each ``mail_every`` seconds."""
        self.invited, self.is_over = 0, threading.Event()
        self.feeder = threading.Thread(target=self._give_access, args=(mail_every,), daemon=True)
        for thread in (*self.people, self.feeder):
            thread.start()

    def _give_access(self, pause: float) -> None:
        with self.app.app_context():
            while not self.is_over.wait(pause):
                with policy.system() as session:
                    name = f"p{self.invited}@{STRANGERS}"
                    user = User(family_name="Новая", given_name="Анна", email=name)
                    session.add(user)
                    session.flush()
                    issue(session, [user], None, datetime.now(UTC), DeliveryChannel.EMAIL)
                    session.commit()
                self.invited += 1

    def end(self) -> Found:
        """Let all end, wait until every message has left, and compare what was said with what stands."""
        self.is_over.set()
        for person in self.people:
            person.stopped.set()
        for thread in (*self.people, self.feeder):
            thread.join(120)
        self._wait_for_messages()
        return self._found()

    def _wait_for_messages(self) -> None:
        deadline = time.monotonic() + self.lease + 120
        with self.app.app_context():
            while time.monotonic() < deadline:
                with policy.system() as session:
                    mails = Delivery.settled_at.is_(None), Delivery.channel == DeliveryChannel.EMAIL
                    if not session.scalar(select(func.count(Delivery.id)).where(*mails)):
                        return
                time.sleep(0.5)
        raise RuntimeError("messages do not leave")

    def _found(self) -> Found:
        teachers = [person for person in self.people if isinstance(person, Teacher)]
        said = {cell: what for teacher in teachers for cell, what in teacher.last.items()}
        words = [word for person in self.people if isinstance(person, Parent) for word in person.words]
        edits, changes = sum(one.acknowledged for one in teachers), sum(one.changes for one in teachers)
        unsure = sum(asked.fault.startswith("an edit") for asked in self.log)
        with self.app.app_context(), policy.system() as session:
            marks = session.scalars(select(Mark).where(Mark.work_id.in_({work for work, _student in said})))
            stands = {(row.work_id, row.student_id): (row.version, str(row.value)) for row in marks}
            records = session.scalar(select(func.count(AuditRecord.id)).where(AuditRecord.model == "Mark")) or 0
            receipts = session.scalar(select(func.count(EditReceipt.id)).where(func.length(EditReceipt.key) == 16)) or 0
            written = Counter(session.scalars(select(Message.body).where(Message.body.in_(words))))
        addresses, numbers = self._mails()
        return Found(
            edits=edits,
            lost_edits=sum(stands.get(cell) != what for cell, what in said.items()) + max(0, edits - receipts),
            doubled_edits=max(0, records - self.recorded - changes - unsure),
            messages=len(words), lost_messages=len(words) - len(written),
            doubled_messages=written.total() - len(written),
            mails=self.invited, lost_mails=self.invited - len(addresses),
            doubled_mails=len(numbers) - len(addresses), repeated_mails=numbers.total() - len(numbers),
        )  # fmt: skip

    def _mails(self) -> tuple[set[str], Counter[str]]:
        """Who of those that were given access got a mail, and how often each Message-ID came."""
        mails = [mail for mail in self.mail.mails if str(mail["To"]).endswith(STRANGERS)]
        return {str(mail["To"]) for mail in mails}, Counter(str(mail["Message-ID"]) for mail in mails)
