"""Guardians with addresses, access issued to them, and a worker that sends it, for the tests of messages."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from threading import Event

from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import policy
from app.credentials import texts
from app.credentials.codes import derive
from app.credentials.issue import issue
from app.delivery.outbox import Timing
from app.delivery.worker import Worker, transports
from app.extensions import db
from app.models import Credential, Delivery, Guardianship, User
from app.models.access import DeliveryChannel
from tests.mail_server import MailServer
from tests.school import DAY, School
from tests.twilio_server import ACCOUNT, SENDER, TOKEN, TwilioServer

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
PUBLIC = "https://school7.example"
HURRY = Timing(lease=0.0, callback=0.0, poll=0.05)
"""Whatever is in doubt is looked at again at once."""


def guardian_of(school: School, name: str = "Семёнова", **contacts: object) -> User:
    """A guardian of the school's one student."""
    user = User(family_name=name, given_name="Анна", patronymic="Ивановна", **contacts)
    db.session.add_all([user, Guardianship(user=user, student=school.student)])
    db.session.commit()
    return user


def session_of(user: User) -> AbstractContextManager[Session]:
    """A session of its own, as a request of the person has."""
    db.session.commit()  # SQLite has one writer: give its lock back
    session = Session(db.engine)
    with policy.system() as facts:
        policy.act_as(session, policy.load_actor(facts, user.id, DAY, NOW))
    return session


def issued(*users: User, channel: DeliveryChannel | None = None) -> str:
    """Access for the users, issued just now and committed; the batch."""
    batch = issue(db.session(), users, None, datetime.now(UTC), channel)
    db.session.commit()
    return batch


def code_of(user: User) -> str:
    """The code last issued to the person."""
    newest = select(Credential.version).where(Credential.user_id == user.id).order_by(Credential.version.desc())
    version = db.session.scalars(newest).first()
    db.session.commit()
    assert version is not None
    return derive(current_app.config["SECRET_KEY"], user.id, version)


def use_twilio(app: Flask, server: TwilioServer) -> None:
    """Point the application at the server."""
    app.config.update(
        TWILIO_ACCOUNT_SID=ACCOUNT, TWILIO_AUTH_TOKEN=TOKEN, TWILIO_FROM=SENDER, TWILIO_API_URL=server.url,
        PUBLIC_URL=PUBLIC,
    )  # fmt: skip


def use_mail(app: Flask, server: MailServer) -> None:
    """Point the application at the server."""
    app.config["PUBLIC_URL"] = PUBLIC
    state = app.extensions["mail"]
    state.server, state.port, state.suppress = "127.0.0.1", server.port, False
    app.config.update(
        MAIL_SERVER="127.0.0.1", MAIL_PORT=server.port, MAIL_DEFAULT_SENDER="Школа № 7 <j@school7.example>"
    )


def send_due(timing: Timing | None = None) -> None:
    """What ``flask deliver --once`` does."""
    db.session.commit()
    Worker(transports(current_app), texts.compose, per_second=0, stop=Event(), timing=timing).run(once=True)


def the_delivery() -> Delivery:
    """The one delivery, as it stands."""
    delivery = db.session.scalars(select(Delivery).execution_options(populate_existing=True)).one()
    db.session.commit()
    return delivery


def make_due(delivery: Delivery) -> None:
    """Let the waiting be over."""
    db.session.refresh(delivery)
    delivery.due_at = datetime.now(UTC) - timedelta(seconds=1)
    db.session.commit()
