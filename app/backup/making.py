"""Makes a backup while the journal is in use: the database at one moment, and the files that it names then."""

from __future__ import annotations

import hmac
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any, NamedTuple

from flask import current_app

from app.backup import sealing
from app.backup.archive import Manifest, Writing, digest_of
from app.backup.snapshot import Snapshot, snapshot
from app.extensions import db

TRIES = 3
NAMED = {  # the folder of uploads/ that a column names files of
    ("homework_file", "stored"): "homework",
    ("message_file", "stored"): "messages",
    ("news_item", "picture"): "news",
    ("support_file", "stored"): "support",
}


class Made(NamedTuple):
    """A backup that was written: ``size`` in bytes, ``digest`` the SHA-256 of the file."""

    file: Path
    size: int
    digest: str
    manifest: Manifest
    is_sealed: bool


def make(file: Path) -> Made:
    """Write a backup of the present installation into ``file``, which nobody else may read.

    Raises FileExistsError rather than write over a file, other OSError when it cannot be written; then there is none.
    """
    passphrase = current_app.config["BACKUP_PASSPHRASE"]
    with new_file(file) as stream:
        if passphrase:
            with TemporaryFile(dir=current_app.instance_path) as plain:
                manifest = _write_all(plain)
                sealing.seal(plain, stream, passphrase, kept_key(current_app.config, Path(current_app.instance_path)))
        else:
            manifest = _write_all(stream)
    return Made(file, file.stat().st_size, digest_of(file), manifest, bool(passphrase))


@contextmanager
def new_file(file: Path) -> Iterator[IO[bytes]]:
    """A file of mode 600 that stands under its name once it is whole and on the disk.

    Raises FileExistsError when there is one already.
    """
    if file.exists():
        raise FileExistsError(str(file))
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(part, file)  # refuses, unlike a move, when the name was taken meanwhile
        except FileExistsError:
            raise
        except OSError:  # the file system has no second names: a memory stick
            os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)


def kept_key(config: Mapping[str, Any], instance: Path) -> str | None:
    """The key of instance/secret_key, when it is the one in use."""
    with suppress(FileNotFoundError):
        key = (instance / "secret_key").read_text().strip()
        return key if hmac.compare_digest(key, str(config["SECRET_KEY"])) else None
    return None


def fingerprint(secret_key: str) -> str:
    """Tells whether two installations have the same SECRET_KEY, and not which."""
    return hmac.digest(secret_key.encode(), b"backup", "sha256").hex()


def _write_all(stream: IO[bytes]) -> Manifest:
    with TemporaryDirectory(dir=current_app.instance_path, prefix=".backup-") as name:
        for _try in range(TRIES):
            kept = Path(name) / str(_try)
            with snapshot(db.engine) as standing:
                _keep_uploads(Path(current_app.config["UPLOADS_FOLDER"]), kept)
                missing = _missing(standing, kept)
                if missing and _try < TRIES - 1:
                    continue  # a file went between the two looks: look again
                writing = Writing(stream, manifest_of(standing, missing))
                for table in standing.tables:
                    writing.add_table(table, standing.rows(table))
            for path in sorted(kept.rglob("*")):
                if path.is_file():
                    with path.open("rb") as content:
                        writing.add_file(path.relative_to(kept).as_posix(), content)
            writing.finish()
            return writing.manifest
    raise AssertionError("the last try writes")


def manifest_of(standing: Snapshot, missing: list[str]) -> Manifest:
    """What the backup of a snapshot says of itself, before its tables are written."""
    return Manifest(
        revision=standing.revision,
        database=standing.kind,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        version=product_version(),
        audit_head=_audit_head(standing),
        key=fingerprint(current_app.config["SECRET_KEY"]),
        missing=missing,
    )


def product_version() -> str:
    """The version of the product, for who reads the file in years."""
    try:
        return version("school-journal")
    except PackageNotFoundError:  # it runs from its folder, where it is not installed
        return "0.1.0"


def _keep_uploads(folder: Path, kept: Path) -> None:
    """Hold on to all files as they are now: a name that is deleted later takes nothing away from ``kept``."""
    for path in folder.rglob("*"):
        if path.is_file():
            target = kept / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                try:
                    os.link(path, target)
                except FileNotFoundError:
                    raise
                except OSError:  # the file system has no second names
                    shutil.copyfile(path, target)


def _missing(standing: Snapshot, kept: Path) -> list[str]:
    """The files that rows name and ``kept`` does not have."""
    columns = {(table.name, column) for table in standing.tables for column in table.columns}
    lacking = []
    for (table, column), folder in NAMED.items():
        if (table, column) in columns:
            named = f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608  (one of NAMED)  # nosec B608
            found = standing.connection.exec_driver_sql(named)
            lacking += [f"{folder}/{name}" for name in found.scalars() if not (kept / folder / name).is_file()]
    return sorted(lacking)


def _audit_head(standing: Snapshot) -> str:
    """The last link of the chain that seals the audit, «NUMBER:HASH»."""
    if not any(table.name == "audit_seal" for table in standing.tables):
        return ""
    last = standing.connection.exec_driver_sql("SELECT id, hash FROM audit_seal ORDER BY id DESC LIMIT 1").first()
    return f"{last[0]}:{last[1]}" if last else ""
