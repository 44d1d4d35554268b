"""The journal that is judged: the small demo school served on this machine, the same for every judge."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

HOST, PORT = "127.0.0.1", int(os.environ.get("JUDGES_PORT", "8118"))
URL = f"http://{HOST}:{PORT}"
SECONDS_TO_START = 300


@dataclass(frozen=True)
class Journal:
    """A running journal and the folder it keeps its things in."""

    folder: Path

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "journal.sqlite"

    def number(self, query: str) -> int:
        """The one number that a query of the database gives."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return int(connection.execute(query).fetchone()[0])

    @property
    def log(self) -> str:
        """What the server has said so far."""
        return (self.folder / "server.log").read_text(errors="replace")


@contextmanager
def running() -> Iterator[Journal]:
    """A journal of its own on PORT, thrown away afterwards: a judge writes and deletes as it likes."""
    if _answers():
        raise SystemExit(f"Something answers on {URL} already. Stop it, or choose another JUDGES_PORT.")
    folder = Path(tempfile.mkdtemp(prefix="judged-"))
    journal = Journal(folder)
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{journal.database}",
        "SECRET_KEY": "judged on this machine only",
        "TWILIO_AUTH_TOKEN": "judged",  # the webhook answers; no SMS goes out without the rest of the account
        "BACKUP_HOURS": "",  # a journal without last night's backup says so with 503, which is no fault of the code
        "SIGN_IN_FAILURES_PER_ADDRESS": "100000",  # judges come from one address
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve", "--host", HOST, "--port", str(PORT)]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen([*command, "--demo", "small"], env=environment, stdout=log, stderr=log)
    try:
        _wait(server, journal)
        yield journal
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: subprocess.Popen[bytes], journal: Journal) -> None:
    for _ in range(SECONDS_TO_START * 5):
        if server.poll() is not None:
            raise SystemExit(f"The journal did not start on {URL}:\n{journal.log}")
        if _answers():
            return
        time.sleep(0.2)
    raise SystemExit(f"The journal does not answer on {URL}.")


def _answers() -> bool:
    connection = HTTPConnection(HOST, PORT, timeout=2)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True
