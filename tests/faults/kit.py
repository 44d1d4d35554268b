"""Web processes that can be killed, teachers who type on whatever happens, and what stands in the end."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app import policy
from app.extensions import db
from app.models import (
    AcademicYear,
    AuditRecord,
    EditReceipt,
    Enrollment,
    Lesson,
    Mark,
    SchoolClass,
    Student,
    StudyGroup,
    Subject,
    TeachingAssignment,
    Term,
    Work,
)
from app.models.people import TermKind
from bench.browser import Browser
from bench.servers import Server
from tests.visitor import PASSWORD, person

STUDENTS = 6
YESTERDAY = date.today() - timedelta(1)  # noqa: DTZ011  the processes ask the clock
STUCK = 120.0  # seconds

Cell = tuple[int, int]


class Web(Server):
    """The journal in two Gunicorn processes on a database and an instance folder of the test."""

    def __init__(self, database_url: str, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        (folder / "instance").mkdir(exist_ok=True)
        environment = {
            "DATABASE_URL": database_url, "SECRET_KEY": "test key", "LOCALE": "en",
            "INSTANCE": str(folder / "instance"), "PYTHONDONTWRITEBYTECODE": "1", **(settings or {}),
        }  # fmt: skip
        super().__init__("tests.faults.web:app", environment, folder / "web.log")

    def kill_one(self) -> None:
        """kill -9 of one of the two; Gunicorn starts another."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        os.kill(int(random.choice(children)), signal.SIGKILL)

    def kill_all(self) -> None:
        """kill -9 of everything, as a power cut would, and start again."""
        self.kill()
        self.start()


@dataclass(frozen=True)
class Journal:
    """Of one teacher: what they sign in with, and what they mark."""

    login: str
    assignment_id: int
    work_id: int
    students: tuple[int, ...]


def journals(number: int) -> list[Journal]:
    """As many teachers with a journal each, all of one class."""
    year = AcademicYear(name="Год", starts_on=date(YESTERDAY.year - 1, 7, 1), ends_on=date(YESTERDAY.year + 1, 6, 30))
    school_class = SchoolClass(academic_year=year, grade=5, letter="А")
    term = Term(academic_year=year, kind=TermKind.QUARTER, number=1, starts_on=year.starts_on, ends_on=year.ends_on)
    db.session.add_all([school_class, term])
    db.session.flush()
    group = db.session.scalars(select(StudyGroup)).one()
    students = [Student(family_name=f"Ученик{one}", given_name="Анна") for one in range(STUDENTS)]
    db.session.add_all(
        Enrollment(student=student, school_class=school_class, starts_on=year.starts_on) for student in students
    )
    works = {}
    for one in range(number):
        teacher = person(f"teacher{one}", is_staff=True)
        assignment = TeachingAssignment(
            teacher=teacher, subject=Subject(name=f"Предмет {one}"), study_group=group, starts_on=year.starts_on
        )
        works[f"teacher{one}"] = Work(lesson=Lesson(assignment=assignment, date=YESTERDAY, number=one))
    db.session.add_all(works.values())
    db.session.commit()
    ids = tuple(student.id for student in students)
    made = [Journal(login, work.lesson.teaching_assignment_id, work.id, ids) for login, work in works.items()]
    db.session.commit()  # SQLite has one writer: give its lock back
    return made


class Typist(threading.Thread):
    """A teacher's page: it enters marks and sends each batch under the same keys until it is answered.

    ``answered`` are the moments of its answers, ``told`` the sentences it was told instead of one, ``changes`` how
    many of its edits made a new version of a mark, ``sign_ins`` how often it had to sign in.
    """

    def __init__(self, address: str, journal: Journal) -> None:
        super().__init__(daemon=True)
        self.browser, self.journal = Browser(address), journal
        self.stop, self.paused, self.fault, self.idle = threading.Event(), threading.Event(), "", False
        self.last: dict[Cell, tuple[int, str]] = {}
        self.acknowledged, self.changes, self.failures, self.sign_ins = 0, 0, 0, 0
        self.answered: list[float] = []
        self.told: set[str] = set()

    def run(self) -> None:
        """Type until stopped; what is on its way then is still insisted on."""
        try:
            while not self.stop.is_set():
                self.idle = self.paused.is_set()
                if self.idle:
                    time.sleep(0.01)
                    continue
                self._enter(f"{self.journal.login}-{len(self.answered)}")
        except BaseException as error:
            self.fault = f"{type(error).__name__}: {error}"

    def _enter(self, key: str) -> None:
        work = self.journal.work_id
        edits = [
            {"key": f"{key}-{one}", "student": one, "work": work, "value": str(random.randint(2, 5)),
             "version": self.last.get((work, one), (0, ""))[0]}
            for one in random.sample(self.journal.students, random.randint(1, 3))
        ]  # fmt: skip
        for answer in self._insist(edits):
            assert answer["status"] == "saved", answer
            cell = work, int(answer["key"].rpartition("-")[2])
            self.changes += self.last.get(cell, (0, ""))[0] != answer["version"]
            self.last[cell] = answer["version"], answer["value"]
            self.acknowledged += 1
        self.answered.append(time.monotonic())

    def _insist(self, edits: list[dict[str, Any]]) -> list[dict[str, Any]]:
        deadline = time.monotonic() + STUCK
        while time.monotonic() < deadline:
            try:
                status, body = self.send(json.dumps({"edits": edits}))
            except (OSError, HTTPException):
                self.browser.connection.close()
            else:
                if status == 200:
                    return list(json.loads(body)["results"])
                if status in {400, 401}:  # the cookie is from another time, or the sign-in has ended
                    assert json.loads(body)["error"] in {"form_expired", "unauthorized"}, body
                    self.sign_in()
                else:
                    assert status >= 500, (status, body[:300])
                    self.told.add(json.loads(body)["message"])
            self.failures += 1
            time.sleep(0.1)
        raise AssertionError("nobody answers")

    def sign_in(self) -> None:
        """Fill in the sign-in page, and open the journal."""
        self.browser.sign_in(self.journal.login, PASSWORD)
        self.browser.state(self.journal.assignment_id)
        self.sign_ins += 1

    def send(self, body: str) -> tuple[int, bytes]:
        """Ask once."""
        headers = {"Content-Type": "application/json", "X-CSRFToken": self.browser.token}
        return self.browser.ask("POST", f"/admin/journal/{self.journal.assignment_id}/edits", body, headers)


class Typing:
    """Teachers who type while the block runs, whatever happens."""

    def __init__(self, address: str, held: list[Journal]) -> None:
        self.typists = [Typist(address, journal) for journal in held]
        self.counted = 0

    def __enter__(self) -> Typing:
        for typist in self.typists:
            typist.sign_in()
            typist.start()
        return self

    def __exit__(self, *_: object) -> None:
        for typist in self.typists:
            typist.paused.clear()
            typist.stop.set()
        for typist in self.typists:
            typist.join(STUCK)

    def go_on(self, moment: float, times: int = 1) -> float:
        """Wait until each has been answered so often since ``moment``; the seconds until the last was served."""

        def answered() -> bool:
            assert not (faults := [typist.fault for typist in self.typists if typist.fault]), faults
            return all(sum(at >= moment for at in typist.answered) >= times for typist in self.typists)

        wait_for(answered)
        return max(min(at for at in typist.answered if at >= moment) - moment for typist in self.typists)

    def told(self) -> set[str]:
        """The sentences they were told since this was asked last."""
        told = {sentence for typist in self.typists for sentence in typist.told}
        for typist in self.typists:
            typist.told = set()
        return told

    def found(self) -> dict[str, int]:
        """How many edits were acknowledged since this was asked last; and of all so far, how many do not stand and how
        many were written more than once. They hold their hands still meanwhile."""
        for typist in self.typists:
            typist.paused.set()
        wait_for(lambda: all(typist.idle for typist in self.typists))
        found = _compared(self.typists)
        found["acknowledged"], self.counted = found["acknowledged"] - self.counted, found["acknowledged"]
        for typist in self.typists:
            typist.paused.clear()
        return found


def wait_for(condition: Callable[[], bool]) -> None:
    """Give up after two minutes."""
    deadline = time.monotonic() + STUCK
    while not condition():
        assert time.monotonic() < deadline, "nothing gets on"
        time.sleep(0.02)


def _compared(typists: list[Typist]) -> dict[str, int]:
    """How many edits were acknowledged, how many of them do not stand, and how many were written more than once."""
    said = {cell: what for typist in typists for cell, what in typist.last.items()}
    with policy.system() as session:
        stands = {(row.work_id, row.student_id): (row.version, str(row.value)) for row in session.scalars(select(Mark))}
        records = session.scalar(select(func.count(AuditRecord.id)).where(AuditRecord.model == "Mark")) or 0
        receipts = session.scalar(select(func.count(EditReceipt.id))) or 0
    acknowledged = sum(typist.acknowledged for typist in typists)
    written = sum(typist.changes for typist in typists)
    return {
        "acknowledged": acknowledged,
        "lost": sum(stands.get(cell) != what for cell, what in said.items()) + max(0, acknowledged - receipts),
        "doubled": abs(records - written) + max(0, receipts - acknowledged) + len(stands.keys() - said.keys()),
    }
