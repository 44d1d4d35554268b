"""``flask audit``: verify the audit, print or mail the head of its chain, seal what waits."""

from __future__ import annotations

from collections.abc import Callable

import click
from flask import Flask, current_app
from flask_babel import format_datetime
from flask_babel import gettext as _

from app.audit import chain
from app.audit.seal import seal
from app.audit.verify import faults
from app.extensions import db

SendMail = Callable[[str, str, str], None]
"""Sends a mail to an address: subject and text. Raises ClickException."""


def register(app: Flask, send_mail: SendMail) -> None:
    """Add the commands."""

    @app.cli.group("audit")
    def group() -> None:
        """The record of every change: is it as it was written?"""

    @group.command("verify")
    @click.option("--head", metavar="NUMBER:HASH", help="A head that was printed or mailed before.")
    def verify(head: str | None) -> None:
        """Compare every record with its seal; ends with 1 when something was altered."""
        with db.engine.connect() as connection:
            try:
                found = faults(connection, head)
            except ValueError:
                raise click.ClickException(_("A head is written as NUMBER:HASH, as «audit head» prints it.")) from None
            standing = chain.head(connection)
        for sentence in found:
            click.echo(sentence)
        click.echo(_summary(standing))
        if found:
            raise click.ClickException(_("The audit was altered. Faults: %(number)s.", number=len(found)))
        click.echo(_("The audit is as it was written."))

    @group.command("head")
    @click.option("--mail", "to", metavar="ADDRESS", help="Mail it too, to somebody who keeps it.")
    def head(to: str | None) -> None:
        """Print the head of the chain: whoever keeps it can prove later that nothing before it was altered."""
        with db.engine.connect() as connection:
            standing = chain.head(connection)
        click.echo(str(standing))
        click.echo(_summary(standing))
        if to:
            send_mail(to, _("Audit of the journal: head %(number)s", number=standing.number), letter(standing))
            click.echo(_("Mailed to %(address)s.", address=to))

    @group.command("seal")
    def seal_now() -> None:
        """Seal the records that wait; the message worker does it each minute."""
        click.echo(_("Records sealed: %(number)s.", number=seal(db.engine)))


def letter(head: chain.Head) -> str:
    """What the mail says."""
    command = f"flask --app wsgi audit verify --head {head}"
    return "\n\n".join((
        current_app.config["SCHOOL_NAME"],
        str(head),
        _summary(head),
        _("Keep this message. The command that tells whether anything before this head was altered since:"),
        command,
    ))  # fmt: skip


def _summary(head: chain.Head) -> str:
    if head.sealed_at is None:
        said = _("Nothing is sealed yet.")
    else:
        moment = format_datetime(head.sealed_at, "short")
        said = _("Sealed records: %(number)s, the last at %(moment)s.", number=head.number, moment=moment)
    waiting = _("Waiting for their seal: %(number)s.", number=head.waiting)
    return f"{said} {waiting}"
