"""/healthz: whether this process can do its work; /healthz/details: whether the whole installation does.

A load balancer asks /healthz often: it tells what makes this web server useless (503), and no more. A monitor asks
/healthz/details from this machine or with METRICS_TOKEN: a silent worker, an old backup and messages that do not
leave count there too.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.delivery import outbox, pulse
from app.extensions import Migrations, db
from app.models import BackupRun

blueprint = Blueprint("health", __name__)
NO_SPACE = 64 * 1024**2  # bytes
LITTLE_SPACE = 1024**3
STUCK = timedelta(minutes=15)
BACKUP_LASTS = timedelta(hours=49)
"""Of two nights one backup may fail."""
SHORT = 100
"""Milliseconds to wait for SQLite's one writer: who writes shows that one can write."""


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """200 when the database answers, is migrated and can be written, with the length and age of the message queue."""
    try:
        state = database_state()
        with reading() as connection:
            answer: dict[str, Any] = {"database": state, "queue": outbox.backlog(connection, datetime.now(UTC))}
    except SQLAlchemyError:
        return jsonify(database="unavailable"), 503
    if state == "ok" and has_space():
        return jsonify(answer)
    return jsonify(answer | {"failing": ["database" if state != "ok" else "disk"]}), 503


@blueprint.get("/healthz/details")
def details() -> ResponseReturnValue:
    """What there is to know, with ``failing``: the names of what needs somebody; 503 when there are any."""
    if not may_look():
        abort(404)
    now = datetime.now(UTC)
    try:
        state = database_state()
        with reading() as connection:
            answer = facts(connection, now) | {"database": state}
    except SQLAlchemyError:
        return jsonify(database="unavailable", failing=["database"]), 503
    answer["failing"] = list(failing(answer))
    return jsonify(answer), 503 if answer["failing"] else 200


def may_look() -> bool:
    """Whether who asks may see the inside: this machine itself, or whoever holds METRICS_TOKEN.

    A proxy on this machine that is not told of in PROXIES asks for others: its header gives it away.
    """
    token = current_app.config["METRICS_TOKEN"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return True
    hidden = not current_app.config["PROXIES"] and {"X-Forwarded-For", "Forwarded"} & set(request.headers.keys())
    return not hidden and is_loopback(request.remote_addr or "")


def is_loopback(address: str) -> bool:
    """Whether the address is this machine's own."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def facts(connection: Connection, now: datetime) -> dict[str, Any]:
    """Ages in whole seconds, sizes in bytes; None for what never was."""
    seen_at, backed_up_at = pulse.latest(connection), last_backup(connection)
    return {
        "queue": outbox.backlog(connection, now),
        "worker": {"seen_seconds_ago": _age(seen_at, now)},
        "backup": {"age_seconds": _age(backed_up_at, now), "is_scheduled": backups_are_scheduled(current_app)},
        "disk": {name: shutil.disk_usage(folder).free for name, folder in folders(current_app).items()},
    }


def failing(known: dict[str, Any]) -> Iterator[str]:
    """The names of what needs somebody, of the facts."""
    if known["database"] != "ok":
        yield "database"
    if known["queue"]["oldest_due_seconds"] > STUCK.total_seconds():
        yield "queue"
    seen = known["worker"]["seen_seconds_ago"]
    if seen is None or seen > pulse.SILENT.total_seconds():
        yield "worker"
    age = known["backup"]["age_seconds"]
    if known["backup"]["is_scheduled"] and (age is None or age > BACKUP_LASTS.total_seconds()):
        yield "backup"
    if min(known["disk"].values()) < LITTLE_SPACE:
        yield "disk"


def _age(moment: datetime | None, now: datetime) -> int | None:
    return max(0, int((now - moment).total_seconds())) if moment else None


def reading() -> Connection:
    """A connection that only reads: outside of a request too it waits for nobody."""
    return db.engine.connect().execution_options(writes=False)


def database_state() -> str:
    """«ok», «not migrated» or «read only». Raises SQLAlchemyError when the database does not answer.

    One that is newer than this code is not its fault: it was migrated, and the new code is about to start.
    """
    with reading() as connection:
        if is_read_only(connection):
            return "read only"
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    head, known = revisions(Migrations.directory)
    return "ok" if version == head or version not in known else "not migrated"


_REVISION = re.compile(r"^revision = ['\"](\w+)['\"]", re.MULTILINE)
_BEFORE = re.compile(r"^down_revision = ['\"](\w+)['\"]", re.MULTILINE)


@lru_cache
def revisions(folder: Path | str) -> tuple[str, frozenset[str]]:
    """The newest revision of the schema that this code knows, and all of them.

    Read as text: Alembic is for who migrates.
    """
    texts = [file.read_text(encoding="utf-8") for file in Path(folder, "versions").glob("*.py")]
    revision, before = ({match for text in texts for match in named.findall(text)} for named in (_REVISION, _BEFORE))
    return next(iter(revision - before), ""), frozenset(revision)


def is_read_only(connection: Connection) -> bool:
    """Whether the database refuses to be written, of a fresh connection; what is tried is taken back."""
    if connection.dialect.name == "postgresql":
        return bool(connection.scalar(text("SHOW transaction_read_only")) == "on")
    driver: Any = connection.connection.driver_connection
    patient = driver.execute("PRAGMA busy_timeout").fetchone()[0]
    driver.execute(f"PRAGMA busy_timeout = {SHORT}")
    try:
        driver.execute("BEGIN IMMEDIATE")
        driver.execute("PRAGMA user_version = 1")  # the smallest change there is; it never gets to the disk
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    finally:
        if driver.in_transaction:
            driver.execute("ROLLBACK")
        driver.execute(f"PRAGMA busy_timeout = {patient}")
    return False


def has_space() -> bool:
    """Whether something can still be stored here."""
    return all(shutil.disk_usage(folder).free >= NO_SPACE for folder in folders(current_app).values())


def folders(app: Flask) -> dict[str, Path]:
    """Where this machine stores: the installation's folder, uploads kept elsewhere and, with SQLite, the database's."""
    found = {"instance": Path(app.instance_path)}
    uploads = Path(app.config["UPLOADS_FOLDER"])
    if uploads.is_dir() and not uploads.is_relative_to(app.instance_path):
        found["uploads"] = uploads
    file = db.engine.url.database
    if db.engine.dialect.name == "sqlite" and file and Path(file).parent.is_dir():
        found["database"] = Path(file).parent
    return found


def last_backup(connection: Connection) -> datetime | None:
    """When the last backup was made that did not fail."""
    run = BackupRun.__table__.c
    moment: datetime | None = connection.scalar(select(func.max(run.finished_at)).where(run.error == ""))
    return moment


def backups_are_scheduled(app: Flask) -> bool:
    """Whether this installation makes its backups itself (the setting BACKUP_HOURS)."""
    return bool(app.config.get("BACKUP_HOURS"))
