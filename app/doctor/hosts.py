"""Several hosts: what one of them keeps to itself, the others lack."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from app import health
from app.delivery import pulse
from app.doctor.finding import Finding, fail, ok, warn


def hosts(app: Flask) -> Iterator[Finding]:
    """The key, uploads and backups, where message workers run on another host too."""
    try:
        with health.reading() as connection:
            others = pulse.hosts(connection, datetime.now(UTC)) - {pulse.host()}
    except SQLAlchemyError:  # told by the check of the database
        return
    if not others:
        yield ok("hosts", _("No other host works on this database."))
        return
    yield from _kept_here(app, ", ".join(sorted(others)))


def _kept_here(app: Flask, others: str) -> Iterator[Finding]:
    said = _("Other hosts work on this database too: %(names)s.", names=others)
    wrong = False
    if not os.environ.get("SECRET_KEY"):
        wrong = True
        yield fail("hosts-key", f"{said} " + _("The key is in a file of this host."),
                   _("Give all hosts the same SECRET_KEY, the one of instance/secret_key of the first."))  # fmt: skip
    if _is_own(app, "UPLOADS_FOLDER"):
        wrong = True
        yield fail("hosts-uploads", f"{said} " + _("Uploaded files are kept on this host alone."),
                   _("Set UPLOADS_FOLDER to a folder that all hosts mount, and move the files there."))  # fmt: skip
    if app.config["BACKUP_HOURS"] and _is_own(app, "BACKUP_FOLDER"):
        wrong = True
        yield warn("hosts-backups", f"{said} " + _("Each keeps the backups it happens to make."),
                   _("Set BACKUP_FOLDER to a folder that all hosts mount."))  # fmt: skip
    if not wrong:
        yield ok("hosts", f"{said} " + _("They share key, uploaded files and backups."))


def _is_own(app: Flask, setting: str) -> bool:
    """Whether a folder is within what the installation keeps on this host."""
    return Path(app.config[setting]).is_relative_to(app.instance_path)
