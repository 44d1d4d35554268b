"""`flask serve` under load: SIGHUP brings new code, SIGTERM ends it, and nobody's request is lost."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.at_length import FULL
from tests.demo import token_of

ROOT = Path(__file__).resolve().parent.parent
CODE = """
from app import create_app
app = create_app()
app.after_request(lambda answer: answer.headers.update({"X-Code": "%s"}) or answer)
"""
RELOADS = 3 if FULL else 1


class Server:
    """`flask serve` of a wsgi.py that a test may change."""

    def __init__(self, folder: Path, file: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder, self.file, self.output = folder, file, folder / "output"
        settings = {
            "DATABASE_URL": f"sqlite:///{file}", "SECRET_KEY": "test key", "LOCALE": "en", "PYTHONPATH": str(ROOT),
            "METRICS": "1", "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"), "LOG_FORMAT": "json",
        }  # fmt: skip
        self.write("1")
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve", "--port", str(self.port)]
        with self.output.open("w") as stream:
            self.process = subprocess.Popen(
                command, cwd=folder, env=os.environ | settings, stdout=stream, stderr=stream, start_new_session=True
            )

    def write(self, version: str) -> None:
        (self.folder / "wsgi.py").write_text(CODE % version)

    def wait_for(self, words: str, times: int = 1) -> None:
        while self.output.read_text().count(words) < times:
            text = self.output.read_text()
            assert self.process.poll() is None, text
            assert "Not reloaded" not in text or "Not" in words, text
            time.sleep(0.1)

    def get(self, path: str) -> tuple[Any, str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}") as answer:
            return answer.headers, answer.read().decode()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.send_signal(signal.SIGTERM)
        self.process.wait()


@pytest.fixture
def server(tmp_path: Path, migrated_file: Path) -> Iterator[Server]:
    file = tmp_path / "journal.sqlite"
    file.write_bytes(migrated_file.read_bytes())
    started = Server(tmp_path, file)
    try:
        yield started
    finally:
        started.end()


class Load:
    """Browsers that ask again and again; two keep their connection, two do not."""

    def __init__(self, port: int) -> None:
        self.port, self.answered, self.failed = port, 0, list[str]()
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self.ask, args=(keeps,)) for keeps in (True, True, False, False)]

    def ask(self, keeps: bool) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self.is_over.is_set():
            try:
                connection.request("GET", "/login")
                answer = connection.getresponse()
                is_whole = answer.status == 200 and answer.read().rstrip().endswith(b"</html>")
                self.answered += is_whole
                if not is_whole:
                    self.failed.append(str(answer.status))
            except OSError as error:
                self.failed.append(repr(error))
                connection.close()
            if not keeps:
                connection.close()
            self.is_over.wait(0.1)
        connection.close()

    def __enter__(self) -> Load:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        for thread in self.threads:
            thread.join()


def test_new_code_comes_and_nobody_is_cut_off(server: Server, record_property: Any) -> None:
    server.wait_for("The journal is at")
    with Load(server.port) as load:
        for number in range(1, RELOADS + 1):
            server.write(str(number + 1))
            server.process.send_signal(signal.SIGHUP)
            server.wait_for("Reloaded", number)
        (server.folder / "wsgi.py").write_text("1 / 0")
        server.process.send_signal(signal.SIGHUP)
        server.wait_for("Not reloaded")
        while {server.get("/login")[0]["X-Code"] for _ in range(4)} != {str(RELOADS + 1)}:
            time.sleep(0.1)
    assert load.failed == []
    assert load.answered > 0
    record_property("requests during reloads: answered", load.answered)
    record_property("requests during reloads: lost", len(load.failed))
    assert_it_is_watched(server)
    assert_a_request_in_hand_is_answered(server)


def assert_it_is_watched(server: Server) -> None:
    """The numbers of all processes come together; the worker of now has a pulse."""
    numbers = server.get("/metrics")[1]
    assert 'journal_http_requests_total{endpoint="sign_in.sign_in",method="GET",status="200"}' in numbers
    assert "journal_worker_seen_timestamp_seconds" in numbers
    facts = json.loads(server.get("/healthz")[1])
    assert facts["database"] == "ok"
    lines = [line for line in server.output.read_text().splitlines() if '"sign_in.sign_in"' in line]
    line = json.loads(lines[-1])
    assert (line["method"], line["status"], line["person"]) == ("GET", 200, "-")


def assert_a_request_in_hand_is_answered(server: Server) -> None:
    """A sign-in waits for the database when the server is told to stop, and is answered to the end."""
    headers, page = server.get("/login")
    form = f"username=a&password=b&csrf_token={token_of(page)}"
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    with closing(sqlite3.connect(server.file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        sent = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": headers["Set-Cookie"].split(";")[0]}
        connection.request("POST", "/login", form, sent)
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.7)
        assert server.process.poll() is None
        writer.execute("ROLLBACK")
    answer = connection.getresponse()
    assert answer.status == 401
    assert b"</html>" in answer.read()
    assert server.process.wait(60) == 0
