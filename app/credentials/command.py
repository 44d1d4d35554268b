"""``flask create-deputy``: the first person of an empty installation."""

from __future__ import annotations

import click
from flask import current_app
from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy import select

from app import clock, policy
from app.credentials.codes import derive
from app.credentials.issue import issue
from app.credentials.texts import link
from app.models import Account, Credential, User
from app.models.access import DeliveryChannel
from app.needs_tables import needs_tables


@click.command("create-deputy")
@click.argument("login")
@click.option("--name", default="", help="Family name, given name and patronymic, in this order.")
@needs_tables
def create_deputy(login: str, name: str) -> None:
    """Create a deputy director and print the activation link.

    For a deputy director who exists already it prints a new link; the password stays until it is used.
    """
    login, now = login.strip().lower(), clock.now()
    with policy.system() as session:
        account = session.scalars(select(Account).where(Account.login == login)).one_or_none()
        person = account.user if account is not None else _deputy(login, name)
        if not person.is_deputy_director:
            raise click.ClickException(_("%(login)s is somebody else's login. Choose another one.", login=login))
        session.add(person)
        session.flush()
        issue(session, [person], None, now, DeliveryChannel.SLIP)
        given = session.scalars(
            select(Credential).where(Credential.user_id == person.id).order_by(Credential.version.desc())
        ).first()
        assert given is not None  # noqa: S101  (it was issued a moment ago)  # nosec B101 # for mypy
        session.commit()
        code = derive(current_app.config["SECRET_KEY"], person.id, given.version)
    click.echo(_("Open this link before %(moment)s and set a password:", moment=format_datetime(given.expires_at)))
    click.echo(link(code))


def _deputy(login: str, name: str) -> User:
    family_name, given_name, patronymic = (name.split(maxsplit=2) + ["", "", ""])[:3]
    return User(
        family_name=family_name or login,
        given_name=given_name or "-",
        patronymic=patronymic,
        login=login,
        is_staff=True,
        is_deputy_director=True,
    )
