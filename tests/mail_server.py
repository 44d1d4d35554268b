"""A real SMTP server that takes, refuses, keeps waiting or hangs up."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections import Counter
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class MailServer(Controller):
    """``mails`` it took. ``answers`` makes it misbehave, one entry for each mail:

    an answer such as «550 no such box» (after RCPT) or «data 451 later» (after the mail); «silent»: takes the
    mail, hangs up without an answer; «deaf»: hangs up before the mail; «slow»: answers too late.
    """

    def __init__(self, latency: float = 0.0) -> None:
        self.mails: list[EmailMessage] = []
        self.answers: list[str] = []
        self.latency = latency
        super().__init__(self, hostname="127.0.0.1", port=0)

    def factory(self) -> SMTP:
        return SMTP(self, enable_SMTPUTF8=True)

    def __enter__(self) -> MailServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(no_assert=True)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    def times_received(self) -> Counter[str]:
        """How often each address got a mail."""
        return Counter(str(mail["To"]) for mail in self.mails)

    async def handle_RCPT(self, server: SMTP, _session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.answers and self.answers[0] == "deaf":
            self.answers.pop(0)
            server.transport.close()
            return "421 bye"
        if self.answers and self.answers[0][0].isdigit():
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:
        answer = self.answers.pop(0) if self.answers else ""
        if answer.startswith("data "):
            return answer.removeprefix("data ")
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        if answer == "silent":
            server.transport.close()
        await asyncio.sleep(1.0 if answer == "slow" else self.latency)
        return "250 OK"
