"""``flask backup``, ``restore``, ``upgrade`` and ``anonymise``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from flask_babel import format_datetime, ngettext
from flask_babel import gettext as _
from flask_migrate import upgrade as run_migrations
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.backup import making, restoring, runs, schema, upgrading
from app.backup.anonymous import writing
from app.backup.making import Made
from app.backup.restoring import Refused, Restored
from app.backup.snapshot import has_rows, revision_of
from app.extensions import db

FILE = click.Path(path_type=Path, dir_okay=False)
EXISTING = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command("backup")
@click.argument("file", type=FILE)
def backup(file: Path) -> None:
    """Write everything the installation holds into FILE, while it runs."""
    started = clock.now()
    made = _made(file)
    runs.note(made, started, clock.now())
    for line in _told(made):
        click.echo(line)


def _made(file: Path) -> Made:
    """The backup. Raises ClickException when it cannot be written."""
    try:
        return making.make(file)
    except FileExistsError:
        raise click.ClickException(_("%(file)s is there already. Choose another name.", file=file)) from None
    except OSError as error:
        text = _("The backup cannot be written to %(file)s: %(why)s.", file=file, why=error.strerror or str(error))
        raise click.ClickException(text) from error


def _told(made: Made) -> list[str]:
    manifest = made.manifest
    lines = [
        _("Backup of %(rows)s rows in %(tables)s tables and %(files)s files: %(file)s, %(size)s KB.",
          rows=manifest.rows, tables=len(manifest.tables), files=len(manifest.files), file=made.file,
          size=made.size // 1024 + 1),
        _("SHA-256 of the file: %(digest)s", digest=made.digest),
    ]  # fmt: skip
    if manifest.missing:
        lines.append(
            ngettext("%(num)d uploaded file is missing in its folder: it is not in the backup either.",
                     "%(num)d uploaded files are missing in their folder: they are not in the backup either.",
                     len(manifest.missing))
        )  # fmt: skip
    if not made.is_sealed:
        lines.append(
            _("It is not encrypted and does not hold the key of the installation: keep SECRET_KEY or "
              "instance/secret_key apart from it, and set BACKUP_PASSPHRASE for backups that leave this machine.")
        )  # fmt: skip
    return lines


@click.command("restore")
@click.argument("file", type=EXISTING)
@click.option("--yes", is_flag=True, help="Replace what the database holds without asking.")
def restore(file: Path, yes: bool) -> None:
    """Replace everything by what FILE holds, while the journal runs. What stood before is backed up first."""
    try:
        with restoring.opened(file) as opened:
            run_migrations()
            with db.engine.connect().execution_options(writes=False) as connection:
                is_empty = not has_rows(connection)
            if not is_empty:
                _ask(opened.archive.manifest.made_at, yes)
                before = upgrading.named_file("before-restore")
                before.parent.mkdir(parents=True, exist_ok=True)
                _made(before)
                click.echo(_("What stood here before is in %(file)s", file=before))
            restored = restoring.restore(opened, clock.now())
    except (Refused, OSError) as error:
        raise click.ClickException(str(error)) from None
    except SQLAlchemyError as error:
        what = type(error).__name__
        text = _("The database does not take it (%(what)s). Nothing was restored; try again.", what=what)
        raise click.ClickException(text) from None
    for line in _after(restored):
        click.echo(line)


def _ask(made_at: str, yes: bool) -> None:
    moment = format_datetime(datetime.fromisoformat(made_at))
    click.echo(_("The backup was made %(moment)s. What was written since then will be gone from the journal.",
                 moment=moment))  # fmt: skip
    if not yes:
        click.confirm(_("Replace everything in the database and all uploaded files?"), abort=True)


def _after(restored: Restored) -> list[str]:
    settled = restored.settled
    lines = [
        _("Restored: %(rows)s rows, %(files)s files. Counts, references and the seals of the audit are right.",
          rows=restored.rows, files=restored.files),
        _("Messages that waited in the backup are cancelled: %(messages)s; notices dropped: %(notices)s. Nothing goes "
          "out a second time.", messages=settled.messages, notices=settled.notices),
        _("Sign-ins ended: %(number)s. Everybody signs in again with the password of that time. Access that was taken "
          "back since then has to be taken back again.", number=settled.sign_ins),
    ]  # fmt: skip
    if restored.is_other_key:
        lines.append(
            _("SECRET_KEY is not the one of the backup: activation links and second factors of that time do not work. "
              "Send access anew, and use reset-second-factor.")
        )  # fmt: skip
    if restored.new_key is not None:
        lines.append(
            _("The key of the backup is in %(file)s. Restart the journal with it: only with it activation links and "
              "second factors of that time work.", file=restored.new_key)
        )  # fmt: skip
    return lines


@click.command("upgrade")
def upgrade() -> None:
    """Bring the database to this version of the journal, after a backup; several at once do it once."""
    before = _revision()
    run_migrations()
    after = _revision()
    if before == after:
        click.echo(_("The database is at revision %(revision)s already: nothing to do.", revision=after))
    else:
        click.echo(_("The database was upgraded from revision %(before)s to %(after)s.",
                     before=before or "-", after=after or schema.head()))  # fmt: skip


def _revision() -> str:
    with db.engine.connect().execution_options(writes=False) as connection:
        return revision_of(connection)


@click.command("anonymise")
@click.argument("file", type=FILE)
def anonymise(file: Path) -> None:
    """Write a backup into FILE in which nobody is to be recognised: to show, to test, to report a fault with."""
    try:
        made = writing.make(file)
    except FileExistsError:
        raise click.ClickException(_("%(file)s is there already. Choose another name.", file=file)) from None
    click.echo(_("Anonymous copy of %(rows)s rows: %(file)s", rows=made.manifest.rows, file=file))
    words = ", ".join(made.sign_ins)
    click.echo(_("After flask restore sign in as %(words)s; the password is the same word.", words=words))


def commands() -> tuple[click.Command, ...]:
    """All of them."""
    return backup, restore, upgrade, anonymise

