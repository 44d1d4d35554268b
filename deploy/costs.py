"""``python -m deploy.costs``: what a request costs in processor time and a school-year in bytes, on PostgreSQL.

A demo school, two web processes, a message worker; the time is that of the processes themselves (/proc), so that other
work on the machine counts little. Written into docs/scale.json, which ``python -m deploy.sizing`` reads.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

from bench.browser import Browser
from bench.servers import ROOT, Server
from deploy.rehearsal.load import FORM, fields_of, writable_cells
from tests.postgres_server import PostgresServer

RESULTS = ROOT / "docs" / "scale.json"
TICK = os.sysconf("SC_CLK_TCK")
TIMES, WARM = 40, 100  # each of eight connections plans a statement ten times before it keeps the plan
EDITS = 400
SECONDS_WAITED = 30
SIZES = """
SELECT relname, pg_total_relation_size(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
 WHERE relkind = 'r' AND nspname = 'public'
"""
ROWS = """
SELECT a.name,
       (SELECT count(*) FROM lesson l JOIN teaching_assignment t ON t.id = l.teaching_assignment_id
          WHERE l.date BETWEEN a.starts_on AND a.ends_on),
       (SELECT count(*) FROM mark m JOIN work w ON w.id = m.work_id JOIN lesson l ON l.id = w.lesson_id
          WHERE l.date BETWEEN a.starts_on AND a.ends_on),
       (SELECT count(*) FROM attendance x JOIN lesson l ON l.id = x.lesson_id
          WHERE l.date BETWEEN a.starts_on AND a.ends_on)
  FROM academic_year a ORDER BY a.starts_on LIMIT 1
"""


def processes(root: int) -> list[int]:
    """A process and all below it."""
    found = [root]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            found += map(int, task.read_text().split())
    return found


def seconds_of(root: int) -> float:
    """The processor time of a process tree, also of what has ended in it."""
    ticks = 0
    for one in processes(root):
        numbers = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(map(int, numbers[11:15]))
    return ticks / TICK


def memory_of(process: int) -> float:
    """Megabytes of a process: what is shared with others is divided among them (PSS)."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


class Costs:
    """Measures requests to a web server on a database."""

    def __init__(self, postgres: PostgresServer, server: Server) -> None:
        self.server, self.web = server, server.process.pid
        self.database = int((postgres.data / "postmaster.pid").read_text().split()[0])

    def of(self, ask: Callable[[], int], times: int = TIMES) -> dict[str, float]:
        """Milliseconds of web and database and bytes of the answer, of one request of many."""
        for _ in range(WARM):
            ask()
        web, database, size = seconds_of(self.web), seconds_of(self.database), 0
        for _ in range(times):
            size += ask()
        time.sleep(1)  # what the database writes behind us
        return {
            "web_ms": 1000 * (seconds_of(self.web) - web) / times,
            "database_ms": 1000 * (seconds_of(self.database) - database) / times,
            "bytes": size / times,
        }


def signed_in(address: str, name: str) -> Browser:
    """The browser of somebody of the demo."""
    browser = Browser(address)
    browser.sign_in(name, name)
    return browser


def page(browser: Browser, path: str) -> Callable[[], int]:
    """Asks for a page as a browser does, compressed."""

    def ask() -> int:
        status, body = browser.ask("GET", path, headers={"Accept-Encoding": "gzip"})
        if status not in {200, 304}:
            raise RuntimeError(f"{path}: {status}")
        return len(body)

    return ask


def sign_in(address: str) -> Callable[[], int]:
    """A guardian signs in: the form and its answer."""

    def ask() -> int:
        browser = Browser(address)
        _status, form = browser.ask("GET", "/login")
        typed = {"username": "guardian", "password": "guardian", "csrf_token": fields_of(form)["csrf_token"]}
        browser.ask("POST", "/login", urlencode(typed), FORM)
        return len(form)

    return ask


class Edits:
    """A teacher who changes marks of one lesson, over and over."""

    def __init__(self, browser: Browser) -> None:
        self.browser, self.versions, self.turn = browser, dict[tuple[int, int], int](), 0
        for number in browser.journals():
            state = browser.state(number)
            if cells := writable_cells(state):
                self.journal, self.cells = number, cells
                self.versions = {(entry[0], entry[1]): entry[3] for entry in state["entries"]}
                return
        raise RuntimeError("the teacher has nothing to write in")

    def __call__(self) -> int:
        self.turn += 1
        cell = self.cells[self.turn % len(self.cells)]
        edit = {
            "key": secrets.token_hex(8), "work": cell[0], "student": cell[1], "version": self.versions.get(cell, 0),
            "value": str(2 + (self.turn // len(self.cells)) % 4),
        }  # fmt: skip
        answer = self.browser.edit(self.journal, [edit])[0]
        if answer["status"] != "saved":
            raise RuntimeError(answer)
        self.versions[cell] = answer["version"]
        return len(json.dumps(answer))


def requests_of(costs: Costs, address: str) -> dict[str, dict[str, float]]:
    """What people do most, each with its cost."""
    guardian, teacher = signed_in(address, "guardian"), signed_in(address, "teacher")
    deputy = signed_in(address, "deputy")
    edits = Edits(teacher)
    _status, today = guardian.ask("GET", "/diary/")
    child = today.partition(b'href="/diary/')[2].partition(b"/")[0].decode()
    child = child if child.isdecimal() else ""
    asked: dict[str, Callable[[], int]] = {
        "diary: today": page(guardian, f"/diary/{child}/" if child else "/diary/"),
        "diary: messages": page(guardian, "/diary/messages/"),
        "journal page": page(teacher, f"/admin/journal/{edits.journal}/"),
        "students, a list": page(deputy, "/admin/student/"),
        "sign-in": sign_in(address),
        "an edit": edits,
    }
    return {what: costs.of(ask) for what, ask in asked.items()}


def main() -> None:
    """Measure, and write it down."""
    with tempfile.TemporaryDirectory(prefix="costs") as name, PostgresServer() as postgres:
        folder = Path(name)
        environment = {
            "DATABASE_URL": postgres.url, "SECRET_KEY": "costs of a journal " * 2, "INSTANCE_FOLDER": str(folder),
            "BACKUP_HOURS": "", "LOG_LEVEL": "WARNING",
        }  # fmt: skip
        for command in (["db", "upgrade"], ["demo", "--size", "school"]):
            line = [sys.executable, "-m", "flask", "--app", "wsgi", *command]
            subprocess.run(line, cwd=ROOT, env=os.environ | environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            found = measured(postgres, connection, environment, folder)
    RESULTS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    print(json.dumps(found, indent=1, ensure_ascii=False))


def waiting(connection: psycopg.Connection[Any], environment: dict[str, str]) -> tuple[float, float]:
    """Of a worker that has nothing to send: milliseconds of a core a minute, and its megabytes."""
    line = [sys.executable, "-m", "flask", "--app", "wsgi", "deliver"]
    worker = subprocess.Popen(line, cwd=ROOT, env=os.environ | environment)  # noqa: S603
    at_work = f"SELECT count(*) FROM worker_pulse WHERE name LIKE '%:{worker.pid}'"  # noqa: S608
    try:
        while not connection.execute(at_work).fetchall()[0][0]:
            time.sleep(1)
        time.sleep(10)
        before = seconds_of(worker.pid)
        time.sleep(SECONDS_WAITED)
        return 60_000 / SECONDS_WAITED * (seconds_of(worker.pid) - before), memory_of(worker.pid)
    finally:
        worker.kill()


def measured(
    postgres: PostgresServer, connection: psycopg.Connection[Any], environment: dict[str, str], folder: Path
) -> dict[str, Any]:
    """Costs of requests, rows and processes, on a school that stands ready."""
    year, lessons, marks, absences = connection.execute(ROWS).fetchall()[0]
    students = connection.execute("SELECT count(*) FROM student").fetchall()[0][0]
    whole = dict(connection.execute(SIZES).fetchall())
    line = [sys.executable, "-m", "flask", "--app", "wsgi", "deliver"]
    with Server("wsgi:app", environment, folder / "web.log") as server:
        costs = Costs(postgres, server)
        found = requests_of(costs, server.address)
        before = sum(dict(connection.execute(SIZES).fetchall()).values())
        edits = Edits(signed_in(server.address, "teacher"))
        for _ in range(EDITS):
            edits()
        subprocess.run([*line, "--once"], cwd=ROOT, env=os.environ | environment, check=True)  # noqa: S603  # it seals
        after = sum(dict(connection.execute(SIZES).fetchall()).values())
        web = [memory_of(one) for one in processes(server.process.pid)[1:]]
    idle, memory = waiting(connection, environment)
    return {
        "load": os.getloadavg()[0],
        "requests": found,
        "bytes_an_edit": (after - before) / EDITS,
        "school": {"students": students, "year": year, "lessons": lessons, "marks": marks, "absences": absences,
                   "bytes": sum(whole.values())},
        "largest": dict(sorted(whole.items(), key=lambda one: -one[1])[:8]),
        "web_process_mb": sum(web) / len(web), "worker_mb": memory, "worker_idle_ms_a_minute": idle,
    }  # fmt: skip


if __name__ == "__main__":
    main()
