"""Access by e-mail, against a real SMTP server."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from flask import Flask

from app.delivery.transports import email as transport
from app.models import User
from app.models.access import DeliveryState
from tests.mail_server import MailServer
from tests.post import HURRY, PUBLIC, code_of, guardian_of, issued, make_due, send_due, the_delivery, use_mail
from tests.school import School

ADDRESS = "anna@mail.example"
State = DeliveryState


@pytest.fixture
def server(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    monkeypatch.setattr(transport, "TIMEOUT", 0.5)
    with MailServer() as running:
        use_mail(app, running)
        yield running


@pytest.fixture
def guardian(server: MailServer, school: School) -> User:
    person = guardian_of(school, email=ADDRESS)
    issued(person)
    return person


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_the_guardian_gets_text_and_html_with_the_link(server: MailServer, guardian: User) -> None:
    send_due()
    (mail,) = server.mails
    link = f"{PUBLIC}/a/{code_of(guardian)}"
    assert (mail["To"], mail["From"]) == (ADDRESS, "Школа № 7 <j@school7.example>")
    assert "diary" in mail["Subject"]
    assert link in part(mail, "plain")
    assert f'href="{link}"' in part(mail, "html")
    assert "Анна Ивановна" in part(mail, "plain")
    delivery = the_delivery()
    assert (delivery.state, delivery.error) == (State.SENT, "")
    assert mail["Message-ID"] == f"<{delivery.attempt_id}@school7.example>"
    assert mail["Message-ID"].startswith(f"<{delivery.provider_id}"[:64])


@pytest.mark.parametrize(
    ("answer", "error"),
    [("550 no such box", "address_refused:550"), ("data 554 looks like spam", "mail_refused:554")],
)
def test_a_final_refusal_stops_at_once(server: MailServer, guardian: User, answer: str, error: str) -> None:
    server.answers = [answer]
    send_due()
    assert (the_delivery().state, the_delivery().error, the_delivery().attempts) == (State.FAILED, error, 1)


@pytest.mark.parametrize(
    ("answer", "error"), [("451 later", "mail_busy"), ("data 452 full", "mail_busy"), ("deaf", "mail_down")]
)
def test_a_passing_trouble_is_tried_again(server: MailServer, guardian: User, answer: str, error: str) -> None:
    server.answers = [answer]
    send_due()
    assert (the_delivery().state, the_delivery().error) == (State.QUEUED, error)
    make_due(the_delivery())
    send_due()
    assert the_delivery().state == State.SENT
    assert server.times_received() == {ADDRESS: 1}


def test_a_server_that_is_not_there_is_tried_again(app: Flask, server: MailServer, guardian: User) -> None:
    app.extensions["mail"].port = 9
    send_due()
    assert (the_delivery().state, the_delivery().error) == (State.QUEUED, "mail_down")


@pytest.mark.parametrize("answer", ["silent", "slow"])
def test_a_mail_without_an_answer_is_repeated_once_and_recognisably(
    server: MailServer, guardian: User, answer: str
) -> None:
    server.answers = [answer]
    send_due(HURRY)
    assert the_delivery().state == State.SENT
    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_a_server_that_never_answers_gets_two_mails_and_a_person_decides(server: MailServer, guardian: User) -> None:
    server.answers = ["silent"] * 5
    send_due(HURRY)
    delivery = the_delivery()
    assert (delivery.state, delivery.error) == (State.UNKNOWN, "unanswered")
    assert delivery.settled_at is not None
    assert len(server.mails) == 2


def test_without_a_mail_server_the_log_says_so_and_keeps_the_secret(
    app: Flask, school: School, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    guardian = guardian_of(school, email=ADDRESS)
    issued(guardian)
    send_due()
    assert the_delivery().state == State.SENT
    assert "no service is set up" in caplog.text
    assert code_of(guardian) not in caplog.text
    assert ADDRESS not in caplog.text
