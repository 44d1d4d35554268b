"""Where the judges are installed (``make judges`` does it), and how one is run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(os.environ.get("JUDGES", "/tmp/judges"))
NICE = 5


def program(venv: str, name: str) -> str:
    """A program of one of the judges' own environments."""
    return str(FOLDER / venv / "bin" / name)


def run(command: Sequence[str], seconds: int, **environment: str) -> str:
    """What the program says; it is ended after ``seconds``. Its exit code is not asked: findings make it fail too."""
    try:
        ended = subprocess.run(
            ["nice", "-n", str(NICE), *command], check=False, timeout=seconds, env={**os.environ, **environment},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        return (late.stdout or b"").decode(errors="replace")
    return ended.stdout.decode(errors="replace")


def version_of(venv: str, package: str) -> str:
    """The installed version of a judge."""
    question = f"from importlib.metadata import version; print(version({package!r}))"
    return run([program(venv, "python"), "-c", question], 30).strip()
