"""The commands of ``flask``."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import click
from flask import Flask
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock, demo, policy, upkeep
from app.audit import command as audit_command
from app.audit.seal import seal
from app.auth.command import reset_second_factor
from app.backup import schedule
from app.backup.command import commands as backup_commands
from app.control import counts, records
from app.control.weekly import Weekly
from app.credentials import texts
from app.credentials.command import create_deputy
from app.delivery import command, reasons
from app.delivery.pulse import Pulse
from app.delivery.transports import Content, Message, TransportError
from app.delivery.transports.email import EmailTransport
from app.delivery.worker import has_service
from app.doctor.command import doctor
from app.extensions import begin_reading, begin_writing, db
from app.imports.command import import_students
from app.models import Delivery
from app.models.access import DeliveryChannel
from app.needs_tables import needs_tables
from app.notifications import telling
from app.notifications import texts as notices
from app.notifications.rules import Rules
from app.personal_data.command import personal_data

SIZES = click.Choice(list(demo.SIZES))
SEALED_AT_ONCE = 10_000
"""Records of the audit that one minute's task seals at most: messages wait meanwhile."""


class Migrating(click.Command):
    """Flask-Migrate's commands, loaded by who calls one: they and Alembic take 11 MB."""

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """That of Flask-Migrate's own group, which goes on from here."""
        from flask_migrate.cli import db as commands

        context: click.Context = commands.make_context(*arguments, **options)
        return context


def register(app: Flask) -> None:
    """Add the commands to the application."""
    app.cli.add_command(Migrating("db", help="Perform database migrations."))
    app.cli.add_command(create_deputy)
    app.cli.add_command(reset_second_factor)
    app.cli.add_command(import_students)
    app.cli.add_command(personal_data)
    for each in backup_commands():
        app.cli.add_command(each)
    app.cli.add_command(doctor)
    weekly, pulse = Weekly.of(app.config), Pulse()

    def tell(now: datetime) -> None:
        pulse.beat(now)
        telling.tell(Rules.of(app.config), now)
        weekly.remind(now)

    command.register(app, compose, lambda now: keep_up(app, now), tell, each_minute)
    audit_command.register(app, lambda to, subject, text: send_mail(app, to, subject, text))

    @app.cli.command("demo")
    @click.option("--size", type=SIZES, default="school", show_default=True)
    @click.option("--seed", type=int, default=1, show_default=True, help="Another number, another school.")
    @click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day it is; today in the school's zone.")
    @click.option("--if-empty", is_flag=True, help="Do nothing when the database holds a school.")
    @needs_tables
    def fill_with_demo(size: str, seed: int, today: datetime | None, if_empty: bool) -> None:
        """Fill an empty database with a demo school."""
        if not fill_demo(app, size, seed, today) and not if_empty:
            raise click.ClickException(
                _("The database holds a school already. The demo needs an empty one; nothing was changed.")
            )

    @app.cli.command("serve")
    @click.option("--host", default="127.0.0.1", show_default=True)
    @click.option("--port", type=int, default=8000, show_default=True)
    @click.option("--demo", "size", type=SIZES, help="Fill an empty database with a demo school of this size.")
    def serve(host: str, port: int, size: str | None) -> None:
        """Migrate, then run web server and message worker until stopped."""
        from app import serving  # only this command needs the web server

        def fill_empty() -> None:
            if size and fill_demo(app, size):
                click.echo(_("The database was empty: it holds a demo school now."))

        serving.serve(app, host, port, fill_empty)

    @app.cli.command("web", hidden=True)
    @click.argument("listener", type=int)
    @click.argument("ready", type=int)
    def web(listener: int, ready: int) -> None:
        """Take over the socket of a running web server; serve does this on SIGHUP."""
        from app import serving

        serving.WebServer(app, listener, ready).run()


def compose(session: Session, delivery: Delivery) -> Content:
    """The content of a delivery: access, or what its notifications tell."""
    return notices.compose(session, delivery) if delivery.is_notice else texts.compose(session, delivery)


def keep_up(app: Flask, now: datetime) -> None:
    """What the message worker does besides, now and then."""
    zone = ZoneInfo(app.config["TIMEZONE"])
    with policy.system() as session:
        upkeep.forget(session, now)
    with policy.system() as session:
        begin_writing(session)
        records.record(session, now.astimezone(zone).date(), now, zone)
        session.commit()
    with policy.system() as session:
        is_demo = demo.is_demo(session)
    schedule.run_beside(app, now, catches_up=not is_demo)


def each_minute(now: datetime) -> None:
    """What the message worker does each minute besides: short, and soon again."""
    seal(db.engine, SEALED_AT_ONCE)
    keep_counts(now)


def keep_counts(now: datetime) -> None:
    """Count for the whole school what was written in since it was counted; nobody waits while it is counted."""
    zone = clock.zone()
    with policy.system() as session:
        begin_reading(session)
        found = records.recount(session, now.astimezone(zone).date(), now, zone)
    if found.number or found.touches:
        with policy.system() as session:
            begin_writing(session)
            if counts.write(session, found):
                session.commit()


def send_mail(app: Flask, to: str, subject: str, text: str) -> None:
    """One mail, at once and past the outbox. Raises ClickException where it cannot be sent."""
    if not has_service(app, DeliveryChannel.EMAIL):
        raise click.ClickException(_("No mail server is set: give MAIL_SERVER, or print it instead."))
    try:
        EmailTransport(app).send(Message(0, str(uuid4()), to, Content(text, subject)))
    except TransportError as error:
        raise click.ClickException(reasons.words(error.reason)) from None


def fill_demo(app: Flask, size: str, seed: int = 1, today: datetime | None = None) -> bool:
    """Write a demo school in one transaction; False when there is a school already."""
    from app.demo import school

    zone = ZoneInfo(app.config["TIMEZONE"])
    day = (today or datetime.now(zone)).date()
    with db.engine.begin() as connection:
        try:
            school.fill(connection, size, seed, day, zone, app.config["SECRET_KEY"])
        except school.AlreadyFilled:
            return False
    keep_counts(datetime.combine(day, time(12), zone))
    return True
