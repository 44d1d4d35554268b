"""Brings back what a backup holds, into either kind of database, while the journal runs: all of it, or nothing.

The digests are compared first. A backup of an older revision is loaded into a scratch file, which the migrations bring
to the present one. Then all rows are replaced in one transaction, which is rolled back when anything does not fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, NamedTuple, Protocol

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError

from app.audit import verify
from app.backup import archive, schema, sealing, settling, values
from app.backup.archive import Archive, Damaged, Manifest, digest_of
from app.backup.making import fingerprint, kept_key
from app.backup.replacing import Emptied, emptied
from app.backup.settling import Settled
from app.backup.snapshot import Snapshot, snapshot
from app.backup.upgrading import alone
from app.backup.uploads import Uploads
from app.backup.values import Row, Table
from app.extensions import db


class Refused(Exception):
    """The backup was not restored and nothing was changed; the sentences say why."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))


class Source(Protocol):
    """Tables with their rows: a backup, or a database that was made of one."""

    @property
    def tables(self) -> list[Table]:
        """The tables, those first that others refer to."""

    def rows(self, table: Table) -> Iterator[Row]:
        """The rows of a table."""


class Restored(NamedTuple):
    """What was brought back: ``is_other_key`` tells that codes and second factors made before are void.

    ``new_key`` names the file that the key of the backup was put into, where it is not the one in use.
    """

    manifest: Manifest
    rows: int
    files: int
    settled: Settled
    is_other_key: bool
    new_key: Path | None


class Opened(NamedTuple):
    """A backup whose digests are right, and the key that came along with it."""

    file: Path
    archive: Archive
    secret_key: str | None


@contextmanager
def opened(file: Path) -> Iterator[Opened]:
    """Open a backup and compare everything in it with its digests. Raises Refused."""
    with ExitStack() as open_files:
        stream: IO[bytes] = open_files.enter_context(file.open("rb"))
        secret_key = None
        if sealing.is_sealed(stream):
            passphrase = current_app.config["BACKUP_PASSPHRASE"]
            if not passphrase:
                raise Refused(_("The backup is encrypted. Set BACKUP_PASSPHRASE to its passphrase, then try again."))
            try:
                plain, secret_key = sealing.unseal(stream, passphrase, Path(current_app.instance_path))
            except sealing.WrongPassphrase:
                text = _("BACKUP_PASSPHRASE does not open this backup, or the file was changed. Nothing was restored.")
                raise Refused(text) from None
            stream = open_files.enter_context(plain)
        try:
            found = Archive(stream)
            found.verify()
        except Damaged as error:
            raise Refused(_damaged(error)) from None
        if not schema.is_known(found.manifest.revision):
            text = _("The backup was made by a newer version of the journal (revision %(revision)s). Install that "
                     "version or a later one, then restore.", revision=found.manifest.revision)  # fmt: skip
            raise Refused(text)
        yield Opened(file, found, secret_key)


def restore(backup: Opened, now: datetime) -> Restored:
    """Replace everything by what the backup holds. The database is at the present revision. Raises Refused."""
    instance = Path(current_app.instance_path)
    with TemporaryDirectory(dir=instance, prefix=".restore-") as folder, alone(db.engine):
        uploads = Uploads(Path(current_app.config["UPLOADS_FOLDER"]), Path(folder))
        uploads.unpack(backup.archive)
        with _at_present_revision(backup.archive, Path(folder)) as source:
            try:
                uploads.put()
                with emptied(db.engine) as target:
                    rows = _fill(target, source)
                    _refuse_faults(target)
                    settled = settling.settle(target.connection, now)
                    digest, size = digest_of(backup.file), backup.file.stat().st_size
                    settling.note(target.connection, backup.file.name, size, digest, now)
            except BaseException:
                uploads.take_back()
                raise
        uploads.finish()
    kept = _keep_key(backup.secret_key, instance)
    key = fingerprint(current_app.config["SECRET_KEY"])
    is_other = bool(backup.archive.manifest.key) and backup.archive.manifest.key != key
    return Restored(
        backup.archive.manifest, rows, len(backup.archive.manifest.files), settled, is_other and kept is None, kept
    )


@contextmanager
def _at_present_revision(backup: Archive, folder: Path) -> Iterator[Source]:
    """The rows as the present revision has them."""
    if backup.manifest.revision == schema.head():
        yield backup
        return
    engine = create_engine(f"sqlite:///{folder / 'scratch.sqlite'}")
    try:
        with engine.connect() as connection:
            schema.migrate(connection, backup.manifest.revision)
        with emptied(engine) as target:
            _fill(target, backup)
        with engine.connect() as connection:
            schema.migrate(connection, schema.head())
        with snapshot(engine) as standing:
            yield standing
    finally:
        engine.dispose()


def _fill(target: Emptied, source: Source | Snapshot) -> int:
    """Write the rows of all tables; how many there are. Raises Refused when they do not fit."""
    told = {table.name: table for table in source.tables}
    if {name: set(table.columns) for name, table in told.items()} != {
        name: set(table.columns) for name, table in target.tables.items()
    }:
        raise Refused(_("The tables of the backup are not those of its revision. Nothing was restored."))
    written = 0
    for table in told.values():
        counted = _Counted(source.rows(table))
        try:
            values.write(target.connection, table, counted)
        except _driver_errors(target.connection) as error:
            text = _("A row of %(table)s does not fit into this database (%(what)s). Nothing was restored.",
                     table=table.name, what=type(error).__name__)  # fmt: skip
            raise Refused(text) from None
        if target.count(table.name) != counted.number:
            raise Refused(_("Rows of %(table)s were lost on the way. Nothing was restored.", table=table.name))
        written += counted.number
    try:
        faults = target.finish()
    except DBAPIError:
        faults = [_("Rows refer to rows that are not there.")]
    if faults:
        raise Refused(*faults, _("Nothing was restored."))
    return written


class _Counted(Iterable[Row]):
    """Rows, counted as they go by."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self.rows, self.number = rows, 0

    def __iter__(self) -> Iterator[Row]:
        for row in self.rows:
            self.number += 1
            yield row


def _refuse_faults(target: Emptied) -> None:
    """Hold the audit to its seals."""
    if found := verify.faults(target.connection):
        raise Refused(*found[:20], _("The audit in the backup was altered. Nothing was restored."))


def _driver_errors(connection: Connection) -> tuple[type[BaseException], ...]:
    """What the driver raises where it is spoken to without SQLAlchemy."""
    dbapi = connection.dialect.dbapi
    assert dbapi is not None  # noqa: S101  (it is connected)  # nosec B101
    return dbapi.Error, DBAPIError, ValueError


def _keep_key(key: str | None, instance: Path) -> Path | None:
    """Put the key of the backup into instance/, where another is in use; the one that was there is kept beside."""
    if key is None or key == current_app.config["SECRET_KEY"]:
        return None
    file = instance / "secret_key"
    if kept_key(current_app.config, instance) is not None:
        file.rename(file.with_name("secret_key.before-restore"))
    elif file.exists():
        file = file.with_name("secret_key.restored")
    file.unlink(missing_ok=True)
    file.touch(0o600)
    file.write_text(key)
    return file


def _damaged(error: Damaged) -> str:
    if error.part == archive.MANIFEST:
        return str(_("This is no backup of a journal, or it is damaged. Nothing was restored."))
    return str(_("The backup is damaged: %(part)s is not what was written. Nothing was restored.", part=error.part))
