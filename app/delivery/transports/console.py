"""Stands in for a mail server or an SMS account that is not set up: notes in the log that a message is due.

The text holds a secret, so it is not logged: in a demo it can be read on the delivery's page.
"""

from __future__ import annotations

import logging

from app.delivery.transports import Message

log = logging.getLogger(__name__)


class ConsoleTransport:
    """Sends nothing."""

    def __init__(self, channel: str) -> None:
        self.channel = channel

    def send(self, message: Message) -> str:
        """Write one line without text and address."""
        log.info("delivery %s by %s: no service is set up, see the delivery's page", message.delivery_id, self.channel)
        return "console"
