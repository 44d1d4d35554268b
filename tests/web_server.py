"""The web server as it runs in production, two processes, on the database of a test."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from flask import Flask

ROOT = Path(__file__).resolve().parent.parent


class WebProcesses:
    """Gunicorn with two processes; ``kill`` ends all of them at once, as a power cut would, ``start`` begins again."""

    def __init__(self, app: Flask, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = folder / "web.log"
        self.environment = os.environ | {
            "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
            "SECRET_KEY": app.config["SECRET_KEY"],
            "LOCALE": "en",
        }
        self.command = [
            sys.executable, "-m", "gunicorn", "wsgi:app", "--workers", "2", "--threads", "4", "--log-level", "warning",
            "--bind", f"127.0.0.1:{self.port}", "--no-control-socket",
        ]  # fmt: skip

    def start(self) -> None:
        with self.log.open("a") as stream:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdout=stream, stderr=stream, start_new_session=True
            )
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.address}/healthz", timeout=5).close()
                return
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.1)
        raise AssertionError("the web server does not answer")

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def __enter__(self) -> WebProcesses:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()
