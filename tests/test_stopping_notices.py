"""Mails of notifications, sent to a real SMTP server, and the address in them that ends them by one tap."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Delivery, NotificationChoice, User
from app.models.access import DeliveryState
from app.models.notification import NoticeKind, Timing
from app.notifications import stop as stopping
from app.notifications.stop import Stop
from tests.mail_server import MailServer
from tests.notices import (
    EMAIL,
    GRACE,
    NOON,
    SMS,
    absent,
    due_now,
    guardian,
    marks,
    outbox,
    send,
    teacher_of,
    tell,
    waiting,
)
from tests.notices import AttendanceStatus as Status
from tests.post import PUBLIC, use_mail, use_twilio
from tests.school import School
from tests.twilio_server import TwilioServer
from tests.visitor import text

ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what happens on the way to the mail server, where the database makes no difference."""


@pytest.fixture
def server(app: Flask) -> Iterator[MailServer]:
    with MailServer() as running:
        use_mail(app, running)
        yield running


@pytest.fixture
def anna(school: School, server: MailServer) -> User:
    teacher_of(school)
    return guardian(school)


def happened(app: Flask, school: School) -> None:
    """A low mark and an absence, told and sent."""
    marks(school, 2)
    absent(school, Status.LATE, NOON + timedelta(seconds=1))
    tell(NOON + timedelta(seconds=1) + GRACE)
    due_now()
    send(app)


def chosen() -> dict[NoticeKind, Timing]:
    rows = db.session.scalars(select(NotificationChoice).where(NotificationChoice.channel == EMAIL))
    found = {row.kind: row.timing for row in rows}
    db.session.commit()
    return found


def path_in(address: str) -> str:
    assert address.startswith(PUBLIC)
    return address.removeprefix(PUBLIC)


@ONE
def test_one_mail_with_all_of_it_and_the_headers_of_rfc_8058(
    app: Flask, school: School, server: MailServer, anna: User
) -> None:
    happened(app, school)
    (mail,) = server.mails
    assert mail["To"] == "8@mail.example"
    assert mail["Subject"] == "Пётр: 1 mark, 1 absence"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(rf"<{PUBLIC}/stop/[\w.-]+>", mail["List-Unsubscribe"])
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        content = str(body.get_content())
        assert "mark 2" in content
        assert f"{PUBLIC}/diary/{school.student.id}/" in content
        assert f"{PUBLIC}/diary/notifications/" in content
        assert f"{PUBLIC}/stop/" in content
    assert outbox()[0].state == DeliveryState.SENT


def test_a_mail_program_stops_it_with_one_request_and_a_scanner_does_not(
    app: Flask, school: School, server: MailServer, anna: User
) -> None:
    happened(app, school)
    path = path_in(str(server.mails[0]["List-Unsubscribe"]).strip("<>"))
    client = app.test_client()
    asked = client.get(path)
    assert asked.status_code == 200
    assert "Notifications will not come any more by this way: E-mail." in text(asked)
    assert chosen() == {}
    for _twice in range(2):  # with CSRF protection on: it is a program, and no form of ours
        answer = client.post(path, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert "sign in and open «Notifications»" in text(answer)
    assert {chosen().get(kind) for kind in NoticeKind if kind is not NoticeKind.HOMEWORK} == {Timing.NEVER}
    marks(school, 1, NOON + timedelta(hours=1))
    tell(NOON + timedelta(hours=2))
    assert len(outbox()) == 1
    assert waiting() == []


@ONE
def test_a_mail_of_one_kind_stops_that_kind(app: Flask, school: School, server: MailServer, anna: User) -> None:
    marks(school, 2)
    tell(NOON + GRACE)
    due_now()
    send(app)
    body = server.mails[0].get_body(("plain",))
    assert body is not None
    found = re.search(rf"«Mark below 3»\):\s+({PUBLIC}/stop/\S+)", str(body.get_content()))
    assert found is not None
    assert app.test_client().post(path_in(found[1])).status_code == 200
    assert chosen() == {NoticeKind.LOW_MARK: Timing.NEVER}


@ONE
@pytest.mark.parametrize("token", ["x", "x" * 500, "WzEsImVtYWlsIiwiIl0.AAAA", "%00", "я", "..%2f"])
def test_an_address_that_the_journal_did_not_sign_stops_nothing(app: Flask, token: str) -> None:
    client = app.test_client()
    assert client.get(f"/stop/{token}").status_code in {400, 404}
    assert client.post(f"/stop/{token}").status_code in {400, 404}


def test_a_signed_address_says_whose_and_which_and_nothing_else_is_read() -> None:
    for what in (Stop(7, EMAIL), Stop(7, SMS, NoticeKind.NEWS)):
        assert stopping.read("key", stopping.token("key", what)) == what
        assert stopping.read("other key", stopping.token("key", what)) is None
    assert stopping.read("key", str(stopping._signer("key").dumps(["x"]))) is None
    assert stopping.read("key", str(stopping._signer("key").dumps([1, "fax", ""]))) is None


@ONE
def test_somebody_who_is_no_more_is_not_found(app: Flask) -> None:
    token = stopping.token("test key", Stop(999, EMAIL))
    assert app.test_client().post(f"/stop/{token}").status_code == 404


@ONE
def test_what_was_excused_between_queueing_and_sending_is_not_sent(
    app: Flask, school: School, server: MailServer, anna: User
) -> None:
    absent(school, Status.ABSENT)
    tell(NOON + GRACE)
    absent(school, Status.ILL, NOON + GRACE)
    due_now()
    send(app)
    (row,) = outbox()
    assert (row.state, row.error) == (DeliveryState.CANCELLED, "nothing_left")
    assert server.mails == []


@ONE
def test_what_could_not_be_sent_for_two_days_is_not_sent(
    app: Flask, school: School, server: MailServer, anna: User
) -> None:
    marks(school, 2)
    tell(NOON + GRACE)
    due_now()
    db.session.scalars(select(Delivery)).one().created_at = datetime.now(UTC) - timedelta(hours=49)
    send(app)
    (row,) = outbox()
    assert (row.state, row.error) == (DeliveryState.CANCELLED, "late")


@ONE
def test_an_sms_in_doubt_is_known_again_by_its_short_address(app: Flask, school: School) -> None:
    """The words can have changed meanwhile; the address in it is of this message alone."""
    teacher_of(school)
    anna = guardian(school, email=None, phone="+79123456789")
    db.session.add(NotificationChoice(user_id=anna.id, kind=NoticeKind.LOW_MARK, channel=SMS, timing=Timing.AT_ONCE))
    db.session.commit()
    marks(school, 2)
    tell(NOON + GRACE)
    due_now()
    with TwilioServer() as twilio:
        use_twilio(app, twilio)
        twilio.answers = ["silent"]
        send(app)
        assert outbox()[0].state == DeliveryState.UNKNOWN
        marks(school, 1, NOON + timedelta(minutes=10))
        outbox()[0].due_at = datetime.now(UTC)
        send(app)
        assert twilio.times_received() == {"+79123456789": 1}
        assert outbox()[0].state == DeliveryState.SENT
        assert twilio.messages[0]["body"].endswith(f"{PUBLIC}/s/{outbox()[0].id}")
    assert app.test_client().get(f"/s/{outbox()[0].id}").headers["Location"] == "/diary/notifications/"
