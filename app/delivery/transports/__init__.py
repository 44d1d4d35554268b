"""What carries a message away: one small class a file, each with ``send(message) -> provider_id``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from sqlalchemy.orm import Session

from app.delivery.reasons import Reason, coded
from app.models import Delivery

PUSH_PAYLOAD = 3000
"""Bytes of a push at most; services take 4096 with the encryption around it."""


@dataclass(frozen=True)
class Content:
    """What a person reads. An SMS is ``text`` alone; ``html`` says the same as ``text``; a push is JSON in ``text``.

    ``sign`` is the part of an SMS that no other has, where it is not the whole; ``stop`` is the address that ends
    mails of this sort by one request (RFC 8058).
    """

    text: str
    subject: str = ""
    html: str = ""
    sign: str = ""
    stop: str = ""


Compose = Callable[[Session, Delivery], Content]
"""Makes the content of a delivery when it is sent; the secret in it is kept nowhere. Raises NothingToSay."""


class NothingToSay(Exception):
    """What the message was to tell of is gone, or is no longer the receiver's to know."""


@dataclass(frozen=True, repr=False)
class Browser:
    """Where a push goes: the address at its push service, and the keys it is encrypted with (RFC 8291)."""

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True, repr=False)  # no repr: address and text must not get into a log
class Message:
    """One attempt to send ``content``: to an e-mail ``address``, a number as E.164, or a ``browser``."""

    delivery_id: int
    attempt_id: str
    address: str
    content: Content
    browser: Browser | None = None


class TransportError(Exception):
    """A message was not taken, or nobody knows.

    ``permanent``: trying again is useless. ``unanswered``: the request left and no answer came, so that
    the message may be on its way. ``slow_down``: everybody has to wait, not this message alone. ``wait``: for how
    many seconds at least, where the provider says so.
    """

    def __init__(
        self, reason: Reason, *, permanent: bool = False, unanswered: bool = False, slow_down: bool = False,
        code: int | None = None, wait: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(coded(reason, code))
        self.permanent, self.unanswered, self.slow_down, self.wait = permanent, unanswered, slow_down, wait

    @property
    def reason(self) -> str:
        """What ``Delivery.error`` keeps."""
        return str(self.args[0])


class Transport(Protocol):
    """Carries messages of one channel."""

    def send(self, message: Message) -> str:
        """Hand the message over; the provider's id of it. Raises TransportError."""


@runtime_checkable
class Answering(Transport, Protocol):
    """A transport whose provider can be asked what became of a message."""

    def find(self, message: Message, since: datetime) -> str | None:
        """The provider's id of a message taken at ``since`` or later; None: never taken. Raises TransportError."""
