"""This machine: room on the disks, whose files they are, its clock's zone, proxies in front."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from flask_babel import gettext as _

from app import health
from app.doctor.finding import Finding, fail, ok, warn

FEW_FILES = 10_000
OTHERS = 0o077


def space(app: Flask) -> Iterator[Finding]:
    """Bytes and numbers of files that are left."""
    for name, folder in health.folders(app).items():
        free, files = shutil.disk_usage(folder).free, os.statvfs(folder)
        megabytes = str(free // 1024**2)
        advice = _("Make room, or move the folder to a larger disk.")
        if free < health.NO_SPACE:
            yield fail(f"disk-{name}", _("The disk of %(folder)s is full.", folder=str(folder)), advice)
        elif free < health.LITTLE_SPACE:
            yield warn(f"disk-{name}", _("On the disk of %(folder)s only %(number)s MB are free.",
                                         folder=str(folder), number=megabytes), advice)  # fmt: skip
        elif files.f_files and files.f_favail < FEW_FILES:  # some file systems do not count them
            yield warn(f"disk-{name}", _("The disk of %(folder)s can hold few more files.", folder=str(folder)), advice)
        else:
            yield ok(f"disk-{name}", _("Free for %(folder)s: %(number)s MB.", folder=str(folder), number=megabytes))


def rights(app: Flask) -> Iterator[Finding]:
    """Nobody else on this machine reads the key and the data; the journal itself writes."""
    instance = Path(app.instance_path)
    for name, path in {"key-file": instance / "secret_key", "database-file": _database_file(app)}.items():
        if path is None or not path.exists():
            continue
        status = path.stat()
        is_open = status.st_mode & OTHERS and (name == "key-file" or _is_reachable(path.parent))
        if is_open:
            yield fail(name, _("Others on this machine can read %(file)s.", file=str(path)),
                       _("Run: chmod 600 %(file)s", file=str(path)))  # fmt: skip
        elif status.st_uid != os.geteuid():
            yield warn(name, _("%(file)s belongs to somebody else than who runs this command.", file=str(path)),
                       _("Run the commands as the account that runs the journal."))  # fmt: skip
        else:
            yield ok(name, _("Only its owner reads %(file)s.", file=str(path)))
    uploads = Path(app.config["UPLOADS_FOLDER"])
    yield _writable(uploads if uploads.is_dir() else instance)


def _database_file(app: Flask) -> Path | None:
    url = str(app.config["SQLALCHEMY_DATABASE_URI"])
    return Path(url.removeprefix("sqlite:///").partition("?")[0]) if url.startswith("sqlite:///") else None


def _is_reachable(folder: Path) -> bool:
    """Whether others get into the folder at all: a closed one protects what is in it."""
    return bool(folder.stat().st_mode & 0o011)


def _writable(folder: Path) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"1")
    except OSError as error:
        return fail("uploads", _("Files cannot be written into %(folder)s (%(why)s).",
                                 folder=str(folder), why=error.strerror),
                    _("Let the folder belong to the account that runs the journal: chown and chmod 700."))  # fmt: skip
    return ok("uploads", _("Uploaded files can be written."))


def proxies(app: Flask) -> Iterator[Finding]:
    """With https in PUBLIC_URL somebody must end the encryption in front of Gunicorn."""
    if str(app.config["PUBLIC_URL"]).startswith("https://") and not app.config["PROXIES"]:
        yield warn("proxies", _("PUBLIC_URL is https, but PROXIES is 0: everybody seems to come from the proxy's "
                                "address, and one who mistypes passwords can lock out the others."),
                   _("Set PROXIES to the number of proxies in front, usually 1."))  # fmt: skip
    else:
        yield ok("proxies", _("Proxies in front: %(number)s.", number=str(app.config["PROXIES"])))
