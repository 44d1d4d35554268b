"""SMS through Twilio's Messages resource.

Sending is not idempotent there. The attempt's id goes into the address of the status callback, so that a
call that was cut off can be settled by it, and the list of messages can be asked for what was taken.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from requests import exceptions as http
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import MaxRetryError, NewConnectionError

from app.delivery.reasons import Reason
from app.delivery.transports import Message, TransportError
from app.delivery.transports.twilio_codes import CALLBACK_PATH, REASONS, reason_of
from app.delivery.transports.waiting import seconds

CONNECT_TIMEOUT, READ_TIMEOUT = 5.0, 20.0  # seconds; Twilio's own client has none
TWILIO = "https://api.twilio.com"
CLOCKS_DIFFER = timedelta(minutes=5)

RATE_LIMITED = {14107, 20429, 63038}


class _HttpClient(TwilioHttpClient):  # type: ignore[misc]
    """With a time-out; a connection for each request (a kept one may be dead); logs neither number nor text.

    ``wait`` is for how many seconds the last answer asks to be left alone.
    """

    def __init__(self) -> None:
        super().__init__(pool_connections=False)
        self.timeout = (CONNECT_TIMEOUT, READ_TIMEOUT)
        self.wait = 0.0

    def request(self, *args: Any, **options: Any) -> Any:
        """Twilio's own exceptions do not tell the headers."""
        self.wait = 0.0
        answer = super().request(*args, **options)
        self.wait = seconds((answer.headers or {}).get("Retry-After"), datetime.now(UTC))
        return answer

    def log_request(self, kwargs: dict[str, Any]) -> None:
        """Nothing: the parameters are a person's number and secret."""

    def log_response(self, status_code: int, response: Any) -> None:
        """Nothing: the worker logs the outcome."""


class _Client(Client):  # type: ignore[misc]
    """Talks to ``api_url`` instead of Twilio's own address."""

    def __init__(self, account_sid: str, auth_token: str, api_url: str) -> None:
        self.connection = _HttpClient()
        super().__init__(account_sid, auth_token, http_client=self.connection)
        self.api_url = api_url

    def get_hostname(self, uri: str) -> str:
        return self.api_url + uri.removeprefix(TWILIO) if uri.startswith(TWILIO) else uri


class TwilioTransport:
    """One account, sending from a number or a messaging service."""

    def __init__(self, app: Flask) -> None:
        config = app.config
        # urllib3 writes addresses, which hold phone numbers, at the level DEBUG.
        logging.getLogger("urllib3").setLevel(logging.INFO)
        self.client = _Client(config["TWILIO_ACCOUNT_SID"], config["TWILIO_AUTH_TOKEN"], config["TWILIO_API_URL"])
        self.callback = config["PUBLIC_URL"] + CALLBACK_PATH
        service = config["TWILIO_MESSAGING_SERVICE_SID"]
        self.sender = {"messaging_service_sid": service} if service else {"from_": config["TWILIO_FROM"]}

    def send(self, message: Message) -> str:
        """Ask Twilio to send; the message's SID."""
        callback = f"{self.callback}?{urlencode({'attempt': message.attempt_id})}"
        try:
            sent = self.client.messages.create(
                to=message.address, body=_plain(message.content.text), status_callback=callback, **self.sender
            )
        except (TwilioException, http.RequestException, ValueError, OSError) as error:
            raise verdict(error, self.client.connection.wait) from None
        return str(sent.sid)

    def find(self, message: Message, since: datetime) -> str | None:
        """The SID of the message that went to the same number with the same text.

        Twilio's filter by date knows only messages already sent on, so the date is compared here. The text
        holds the person's code, which makes it this message and no other; so does the ``sign`` of a notification,
        whose words can have changed meanwhile.
        """
        try:
            page = self.client.messages.page(to=message.address, page_size=100)
        except (TwilioException, http.RequestException, ValueError, OSError) as error:
            raise verdict(error, self.client.connection.wait) from None
        for found in page:
            recent = found.date_created is None or found.date_created >= since - CLOCKS_DIFFER
            if recent and (message.content.sign or _plain(message.content.text)) in (found.body or ""):
                return str(found.sid)
        return None


def _plain(text: str) -> str:
    """The text as a telephone shows it: without signs that control something or turn the direction of writing."""
    return "".join(sign for sign in text if sign == "\n" or sign.isprintable())


def verdict(error: Exception, wait: float = 0.0) -> TransportError:
    """What a failed request means: refused, to be tried again (after ``wait`` seconds at least), or unknown."""
    if isinstance(error, (TwilioRestException, TwilioServiceException)):
        return _answered(error.status, error.code, wait)
    if isinstance(error, (http.ConnectTimeout, http.SSLError, http.ProxyError)) or _never_left(error):
        return TransportError(Reason.SERVICE_DOWN)
    if isinstance(error, (http.InvalidURL, http.MissingSchema, http.InvalidSchema)):
        return TransportError(Reason.SERVICE_DOWN)
    if isinstance(error, TwilioException):  # a page of the list, which comes without Twilio's code
        return _answered(getattr(error.args[-1], "status_code", 500), None, wait)
    return TransportError(Reason.UNANSWERED, unanswered=True)


def _never_left(error: Exception) -> bool:
    cause = error.args[0] if isinstance(error, http.ConnectionError) and error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def _answered(status: int, code: int | None, wait: float) -> TransportError:
    if status == 429 or code in RATE_LIMITED:
        return TransportError(Reason.RATE_LIMITED, slow_down=True, wait=wait)
    if status in {502, 504}:  # a gateway gave up on an answer; the request may have passed it
        return TransportError(Reason.UNANSWERED, unanswered=True)
    if status >= 500:
        return TransportError(Reason.SERVICE_DOWN, wait=wait)
    if status in {401, 403} and code not in REASONS:
        return TransportError(Reason.SMS_ACCOUNT, permanent=True)
    return TransportError(reason_of(code), permanent=True, code=code)
