"""``flask reset-second-factor``: when the only deputy director has lost telephone and recovery codes."""

from __future__ import annotations

import click
from flask_babel import gettext as _
from sqlalchemy import select

from app import clock, policy
from app.auth import second_factor
from app.models import Account
from app.needs_tables import needs_tables


@click.command("reset-second-factor")
@click.argument("login")
@needs_tables
def reset_second_factor(login: str) -> None:
    """Take the second factor off a person and sign the person out; the password stays."""
    with policy.system() as session:
        owner = session.scalars(select(Account.user_id).where(Account.login == login.strip().lower())).one_or_none()
        if owner is None:
            raise click.ClickException(_("Nobody has the login %(login)s.", login=login))
        if not second_factor.reset(session, owner, clock.now()):
            raise click.ClickException(_("%(login)s has no second factor. Nothing was changed.", login=login))
        session.commit()
    click.echo(_("The second factor of %(login)s is reset. The password alone lets in until it is set up again.",
                 login=login))  # fmt: skip
