"""``make scale``: the whole rehearsal; its table goes into docs/scale.md.

REHEARSAL_TIMES (2): how often each host is stopped and killed.
"""

from __future__ import annotations

import os
import platform
import subprocess
import tempfile
from datetime import date
from pathlib import Path

from deploy.pages import put
from deploy.rehearsal import play
from deploy.rehearsal.hosts import ROOT
from deploy.rehearsal.stage import Stage

TEACHERS, PARENTS, PAUSE = 4, 8, 0.5
MAIL_EVERY = 0.5
LEASE = 15.0


def main() -> None:
    """Play it, print and write what came of it; ends with 1 when anything failed, was lost or doubled."""
    with tempfile.TemporaryDirectory(prefix="rehearsal") as name, Stage(Path(name), LEASE) as stage:
        stage.invite(TEACHERS, PARENTS, PAUSE)
        stage.begin(MAIL_EVERY)
        played = play.Play(stage, 3.0)
        play.full(played, int(os.environ.get("REHEARSAL_TIMES", "2")))
        found = stage.end()
        text = play.table(played.lines, found, stage.nginx.failed_over(), LEASE)
    print(text)
    put("rehearsal", f"{_circumstances()}\n\n{text}")
    if any(line.failed for line in played.lines) or not found.is_whole:
        raise SystemExit(1)


def _circumstances() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout  # noqa: S603
    return (
        f"{date.today():%-d %B %Y}, commit {commit.strip()}, {os.cpu_count()} cores for everything together, "  # noqa: DTZ011
        f"load {os.getloadavg()[0]:.0f} at the end, Python {platform.python_version()}: {TEACHERS} teachers (one thing "
        f"each {PAUSE} s), {PARENTS} parents (each {3 * PAUSE} s), a mail each {MAIL_EVERY} s."
    )


main()
