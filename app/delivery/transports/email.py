"""E-mail through the school's mail server (Flask-Mail), with a time-out and without a trace in the log."""

from __future__ import annotations

import smtplib
import ssl
from email.utils import parseaddr
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import flask_mail
from flask import Flask

from app.delivery.reasons import Reason
from app.delivery.transports import Message, TransportError

TIMEOUT = 15  # seconds for each answer of the mail server
END_OF_MAIL = b"\r\n.\r\n"


class _Server(smtplib.SMTP):
    """Knows whether a whole mail was handed over, after which silence proves nothing."""

    handed_over = False

    def send(self, s: Any) -> None:
        if isinstance(s, bytes) and s.endswith(END_OF_MAIL):
            self.handed_over = True
        super().send(s)


class _Connection(flask_mail.Connection):
    """Flask-Mail's connection has no time-out, checks no certificate and prints the dialogue in debug mode."""

    host: _Server | None

    def configure_host(self) -> _Server:
        host = _Server(self.mail.server, self.mail.port, timeout=TIMEOUT)
        if self.mail.use_tls:
            host.starttls(context=ssl.create_default_context())
        if self.mail.username and self.mail.password:
            host.login(self.mail.username, self.mail.password)
        return host

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, tb: TracebackType | None
    ) -> None:
        # The mail is taken or not before QUIT: a server that just hangs up changes nothing.
        if self.host is not None:
            try:
                self.host.quit()
            except (smtplib.SMTPException, OSError):
                self.host.close()


class EmailTransport:
    """Text and HTML in one mail; a repeated attempt has the same Message-ID, so that it can be recognised."""

    def __init__(self, app: Flask) -> None:
        self.mail = app.extensions["mail"]
        host = urlsplit(app.config["PUBLIC_URL"]).hostname or "localhost"
        self.sender = str(app.config["MAIL_DEFAULT_SENDER"] or f"journal@{host}")
        domain = parseaddr(self.sender)[1].partition("@")[2]
        self.domain = domain if domain and domain.isascii() else "journal.invalid"

    def send(self, message: Message) -> str:
        """Hand the mail to the server; its Message-ID without the brackets."""
        mail = flask_mail.Message(
            subject=message.content.subject,
            sender=self.sender,
            recipients=[message.address],
            body=message.content.text,
            html=message.content.html,
            extra_headers={"Auto-Submitted": "auto-generated"} | _stopping(message.content.stop),
        )
        provider_id = f"{message.attempt_id}@{self.domain}"
        mail.msgId = f"<{provider_id}>"
        connection = _Connection(self.mail)
        try:
            with connection:
                connection.send(mail)
        except (smtplib.SMTPException, OSError, ValueError, AssertionError) as error:
            handed_over = connection.host is not None and connection.host.handed_over
            raise verdict(error, handed_over) from None
        return provider_id[:64]


def _stopping(address: str) -> dict[str, str]:
    """What a mail program needs for its own button (RFC 8058)."""
    if not address:
        return {}
    return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def verdict(error: Exception, handed_over: bool) -> TransportError:
    """What a failure of the dialogue means: answers of 500 and more are final (RFC 5321, 4.2.1)."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return TransportError(Reason.MAIL_ACCOUNT, permanent=error.smtp_code >= 500)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = max(answer[0] for answer in error.recipients.values())
        return _answered(Reason.ADDRESS_REFUSED, code)
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0:
        return _answered(Reason.MAIL_REFUSED, error.smtp_code)
    if isinstance(error, (smtplib.SMTPNotSupportedError, ValueError, AssertionError)):
        return TransportError(Reason.MAIL_REFUSED, permanent=True)
    if handed_over:
        return TransportError(Reason.UNANSWERED, unanswered=True)
    return TransportError(Reason.MAIL_DOWN)


def _answered(reason: Reason, code: int) -> TransportError:
    if code >= 500:
        return TransportError(reason, permanent=True, code=code)
    return TransportError(Reason.MAIL_BUSY, slow_down=code == 421)
