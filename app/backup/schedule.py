"""Backups that the message worker makes by itself at the hours of BACKUP_HOURS, and how long they are kept.

The row of a slot («2026-11-28T02») is unique, so one of many workers makes its backup. It runs in a thread beside the
messages, which do not wait for it; a worker that is ended in between leaves a slot that is taken up again.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

from flask import Flask, current_app
from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from app import clock, policy
from app.backup import making
from app.extensions import begin_writing
from app.models import BackupRun, User

log = logging.getLogger(__name__)
GIVEN_UP = timedelta(hours=6)  # after which a backup that was begun and not finished is made by somebody else
YEAR = timedelta(366)
PREFIX = "journal-"


def hours(setting: str) -> tuple[int, ...]:
    """The hours of BACKUP_HOURS in order; what is no hour was refused at the start (app/bounds.py)."""
    return tuple(sorted({int(word) for word in setting.split()}))


def slot_before(now: datetime, zone: ZoneInfo, at: tuple[int, ...]) -> datetime | None:
    """The last hour that a backup was due at, in the school's zone; None when none ever is."""
    local = now.astimezone(zone)
    due = [
        datetime(day.year, day.month, day.day, hour, tzinfo=zone)
        for day in (local.date() - timedelta(1), local.date())
        for hour in at
    ]
    return max((moment for moment in due if moment <= local), default=None)


def run_beside(app: Flask, now: datetime, *, catches_up: bool) -> Thread | None:
    """Make the backup that is due, in a thread; None when there is none to make.

    ``catches_up``: also one whose hour has passed, because the machine was off then.
    """
    with app.app_context():
        try:
            slot = slot_before(now, clock.zone(), hours(app.config["BACKUP_HOURS"]))
        except ValueError:  # messages go on
            log.error("BACKUP_HOURS is not understood, no backups are made: set hours of the day, «2» or «2 14»")
            return None
        if slot is None or not (catches_up or now - slot < timedelta(hours=1)) or not claim(slot, now):
            return None
    thread = Thread(target=_in_context, args=(app, slot), daemon=True, name="backup")
    thread.start()
    return thread


def claim(slot: datetime, now: datetime) -> bool:
    """Take the slot, if it is nobody's: it is new, has failed or was given up. Not of a school that came later."""
    with policy.system() as session:
        begin_writing(session)
        if not session.scalar(select(exists().where(User.created_at < slot))):
            return False
        known = session.scalars(select(BackupRun).where(BackupRun.slot == name_of(slot))).one_or_none()
        if known is None:
            session.add(BackupRun(slot=name_of(slot), started_at=now))
        elif known.error or (known.finished_at is None and known.started_at < now - GIVEN_UP):
            taken = update(BackupRun).where(BackupRun.id == known.id, BackupRun.started_at == known.started_at)
            if not session.execute(taken.values(started_at=now, finished_at=None, error="")).rowcount:  # type: ignore[attr-defined]
                return False
        else:
            return False
        try:
            session.commit()
        except IntegrityError:
            return False
        return True


def make(slot: datetime, now: datetime) -> None:
    """Make the backup of a slot that was claimed, write down what came of it, and take away what is too old."""
    folder = Path(current_app.config["BACKUP_FOLDER"])
    name, written, error = f"{PREFIX}{name_of(slot)}.zip", None, ""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / name).unlink(missing_ok=True)  # of a worker that ended before it could write it down
        written = making.make(folder / name)
    except OSError as problem:
        error = (problem.strerror or type(problem).__name__)[:300]
    except SQLAlchemyError as problem:
        error = type(problem).__name__
    with policy.system() as session:
        begin_writing(session)
        run = session.scalars(select(BackupRun).where(BackupRun.slot == name_of(slot))).one()
        run.finished_at, run.error = clock.now(), error
        if written is not None:
            run.file, run.size, run.digest = name, written.size, written.digest
            _forget(session, forget(folder, now.astimezone(clock.zone()).date(), current_app.config["BACKUP_KEEP"]))
        session.commit()
    log.log(logging.WARNING if error else logging.INFO, "backup %s: %s", name, error or "made")


def name_of(slot: datetime) -> str:
    """«2026-11-28T02»."""
    return f"{slot:%Y-%m-%dT%H}"


def forget(folder: Path, today: date, keep: int) -> list[str]:
    """Take away the backups of slots that are older than ``keep`` days, but the first of each month of the last year.

    Gives back their names. Also takes away what was begun and never finished.
    """
    months: set[tuple[int, int]] = set()
    gone = []
    for file in sorted(folder.glob(f"{PREFIX}????-??-??T??.zip")):
        day = date.fromisoformat(file.name.removeprefix(PREFIX)[:10])
        is_first = (day.year, day.month) not in months
        months.add((day.year, day.month))
        if today - day > timedelta(keep) and not (is_first and today - day <= YEAR):
            file.unlink()
            gone.append(file.name)
    for part in folder.glob("*.part"):
        if day_of_file(part) < today - timedelta(1):
            part.unlink(missing_ok=True)
    return gone


def day_of_file(file: Path) -> date:
    """When a file was written last, in the school's zone."""
    return datetime.fromtimestamp(file.stat().st_mtime, clock.zone()).date()


def _forget(session: Session, names: list[str]) -> None:
    """The list tells of files that are there."""
    session.execute(update(BackupRun).where(BackupRun.file.in_(names)).values(file=""))


def _in_context(app: Flask, slot: datetime) -> None:
    with app.app_context():
        try:
            make(slot, clock.now())
        except SQLAlchemyError as error:
            log.warning("a backup could not be written down: %s", type(error).__name__)
