"""The list of backups, ``BackupRun``: what was made when, where it is, and what went wrong."""

from __future__ import annotations

from datetime import datetime

from app import policy
from app.backup.making import Made
from app.extensions import begin_writing
from app.models import BackupRun


def note(made: Made, started: datetime, finished: datetime) -> None:
    """Write down a backup that somebody made by hand."""
    with policy.system() as session:
        begin_writing(session)
        session.add(
            BackupRun(slot=f"by hand {started:%Y-%m-%dT%H:%M:%S.%f}", started_at=started, finished_at=finished,
                      file=made.file.name[:200], size=made.size, digest=made.digest)
        )  # fmt: skip
        session.commit()
