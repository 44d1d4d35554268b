"""Web Push (RFC 8030): encrypted for the browser (RFC 8291), signed by the journal (RFC 8292)."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import requests
from flask import Flask
from py_vapid import Vapid
from pywebpush import WebPushException, webpush
from requests import exceptions as http

from app.delivery import vapid
from app.delivery.reasons import Reason
from app.delivery.transports import Message, TransportError
from app.delivery.transports.waiting import seconds

CONNECT_TIMEOUT, READ_TIMEOUT = 5.0, 15.0  # seconds
LASTS = 24 * 3600  # seconds that the push service keeps it for a phone that is off


class _Session(requests.Session):
    """Follows no redirect: a push service gives none, and the address was checked, not where it might lead."""

    def request(self, *args: Any, **options: Any) -> requests.Response:
        return super().request(*args, **(options | {"allow_redirects": False}))


class PushTransport:
    """Sends to the push services of PUSH_SERVICES, and nowhere else.

    A message that is sent again carries the same tag, so that it replaces the first on the screen: no answer is
    therefore no reason to ask a person.
    """

    def __init__(self, app: Flask) -> None:
        # urllib3 writes addresses, which are secret here, at the level DEBUG.
        logging.getLogger("urllib3").setLevel(logging.INFO)
        self.services = app.config["PUSH_SERVICES"]
        self.key = Vapid(vapid.private_key(app.config["SECRET_KEY"]))
        self.contact = vapid.contact(app.config["MAIL_DEFAULT_SENDER"], app.config["PUBLIC_URL"])

    def send(self, message: Message) -> str:
        """Hand the encrypted message to the browser's push service; the attempt's id."""
        browser = message.browser
        if browser is None or not vapid.is_allowed(browser.endpoint, self.services):
            raise TransportError(Reason.PUSH_NOT_ALLOWED, permanent=True)
        with _Session() as session:
            try:
                webpush(
                    {"endpoint": browser.endpoint, "keys": {"p256dh": browser.p256dh, "auth": browser.auth}},
                    message.content.text,
                    vapid_private_key=self.key,
                    vapid_claims={"sub": self.contact},
                    ttl=LASTS,
                    timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
                    requests_session=session,
                )
            except (WebPushException, http.RequestException, ValueError, OSError) as error:
                raise verdict(error, datetime.now(UTC)) from None
        return message.attempt_id


def verdict(error: Exception, now: datetime) -> TransportError:
    """What a failure means: the browser is gone, the service wants to wait, or it will never take the message."""
    if isinstance(error, WebPushException):
        status = error.status_code
        if status is None:  # keys of the browser that are none
            return TransportError(Reason.PUSH_GONE, permanent=True)
        if status in {404, 410}:
            return TransportError(Reason.PUSH_GONE, permanent=True, code=status)
        if status == 429:
            return TransportError(Reason.RATE_LIMITED, wait=seconds(error.retry_after, now))
        if status >= 500:
            return TransportError(Reason.PUSH_DOWN, wait=seconds(error.retry_after, now))
        return TransportError(Reason.PUSH_REFUSED, permanent=True, code=status)
    if isinstance(error, (http.RequestException, OSError)) and not isinstance(error, (http.InvalidURL, UnicodeError)):
        return TransportError(Reason.PUSH_DOWN)
    return TransportError(Reason.PUSH_GONE, permanent=True)
