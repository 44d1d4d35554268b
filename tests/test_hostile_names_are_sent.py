"""Names that want to be more than names stay words in a mail and in an SMS, whoever let them in."""

from __future__ import annotations

from flask import Flask

from app.extensions import db
from app.models import User
from tests.mail_server import MailServer
from tests.post import guardian_of, issued, send_due, use_mail, use_twilio
from tests.school import School
from tests.twilio_server import TwilioServer

NAME = "Анна\r\nBcc: thief@mail.example\r\n\r\n<script>x</script>\u202e\u0007"


def hostile(app: Flask, school: School, **contacts: object) -> User:
    """A guardian, a child and a school whose names hold line breaks, markup and control characters."""
    app.config["SCHOOL_NAME"] = f"Школа № 7\r\nX-Evil: 1\r\n{NAME}"
    person = guardian_of(school, **contacts)
    person.given_name = NAME
    school.student.given_name = NAME
    db.session.commit()
    issued(person)
    return person


def test_a_mail_has_no_header_and_no_markup_of_theirs(app: Flask, school: School) -> None:
    with MailServer() as server:
        use_mail(app, server)
        hostile(app, school, email="anna@mail.example")
        send_due()
        (mail,) = server.mails
        assert mail["To"] == "anna@mail.example"
        assert not {"bcc", "x-evil"} & {name.lower() for name in mail}  # type: ignore[attr-defined]
        assert server.times_received() == {"anna@mail.example": 1}
        page = mail.get_body(("html",))
        assert page is not None
        assert "<script>" not in page.get_content()


def test_an_sms_holds_no_control_characters(app: Flask, school: School) -> None:
    with TwilioServer() as server:
        use_twilio(app, server)
        hostile(app, school, phone="+79123456789")
        send_due()
        (message,) = server.messages
        assert message["to"] == "+79123456789"
        assert not [sign for sign in message["body"] if sign != "\n" and not sign.isprintable()]
        assert server.complaints == []
