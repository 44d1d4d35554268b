"""`flask serve`: the whole starts with one command and ends with one signal."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.at_length import FULL

ROOT = Path(__file__).resolve().parent.parent


class Server:
    """`flask serve` on a free port with a small demo school."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.database = f"sqlite:///{folder / 'journal.sqlite'}"
        settings = {"DATABASE_URL": self.database, "SECRET_KEY": "test key", "LOCALE": "en"}
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve", "--port", str(self.port), "--demo", "small"]
        self.output = folder / "output"
        with self.output.open("w") as stream:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=os.environ | settings, stdout=stream, stderr=subprocess.STDOUT
            )

    def wait_until_ready(self) -> None:
        while "The journal is at" not in self.output.read_text():
            assert self.process.poll() is None, self.output.read_text()
            time.sleep(0.1)

    def processes(self) -> list[int]:
        """All processes that work on the database of this server, whoever is their parent."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                environment = (folder / "environ").read_bytes()
                is_alive = ") Z " not in (folder / "stat").read_text()
            except OSError:
                continue
            if is_alive and f"DATABASE_URL={self.database}".encode() in environment.split(b"\0"):
                found.append(int(folder.name))
        return found

    def end(self) -> None:
        for process in self.processes():
            os.kill(process, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    started = Server(tmp_path)
    try:
        yield started
    finally:
        started.end()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT] if FULL else [signal.SIGTERM])
def test_a_demo_is_served_and_a_signal_ends_every_process(server: Server, stop: signal.Signals) -> None:
    server.wait_until_ready()
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/healthz") as answer:
        assert answer.status == 200
    assert "Sign in as deputy, classteacher, teacher, guardian, student" in server.output.read_text()
    server.process.send_signal(stop)
    assert server.process.wait(30) == 0
    assert server.processes() == []


def test_when_a_part_ends_by_itself_the_whole_says_so_and_ends(server: Server) -> None:
    server.wait_until_ready()
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)
    assert server.process.wait(30) == 1
    assert "Part that ended by itself: The web server" in server.output.read_text()
    assert server.processes() == []


def test_a_taken_port_is_named_before_anything_starts(server: Server, tmp_path: Path) -> None:
    server.wait_until_ready()
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve", "--port", str(server.port)]
    settings = {"DATABASE_URL": f"sqlite:///{tmp_path / 'other.sqlite'}", "SECRET_KEY": "test key", "LOCALE": "en"}
    second = subprocess.run(command, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True)
    assert second.returncode == 1
    assert f"127.0.0.1:{server.port}" in second.stderr
    assert not (tmp_path / "other.sqlite").exists()
