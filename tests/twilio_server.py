"""A server in Twilio's place: the two calls of the Messages resource, as Twilio's published description has them."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

ACCOUNT, TOKEN, SERVICE = "AC" + "0a" * 16, "token of the test", "MG" + "0b" * 16
SENDER = "+15005550006"
TEXTS = {
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    21211: (400, "The 'To' number is not a valid phone number."),
    21408: (400, "Permission to send an SMS has not been enabled for the region"),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21609: (400, "The 'StatusCallback' URL is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21614: (400, "'To' number is not a valid mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
}
# Parameters of CreateMessage that the journal may use.
KNOWN = {"To", "From", "MessagingServiceSid", "Body", "StatusCallback"}


class TwilioServer(ThreadingHTTPServer):
    """``messages`` it took, newest last. ``answers`` makes it misbehave, one entry for each call:

    an error code of Twilio (429 says to come again after ``retry_after`` seconds); «500», «503», «504» without a
    body; «silent»: takes the message, closes without an answer; «deaf»: closes, takes nothing; «slow»: takes it and
    answers too late.
    """

    daemon_threads = True

    def __init__(self, latency: float = 0.0) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.messages: list[dict[str, Any]] = []
        self.answers: list[int | str] = []
        self.list_answers: list[int | str] = []
        self.complaints: list[str] = []
        self.retry_after = ""
        self.asked_at: list[tuple[float, str]] = []
        self.latency, self.lock = latency, threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def times_received(self) -> Counter[str]:
        """How often each number got a message."""
        return Counter(message["to"] for message in self.messages)

    def __enter__(self) -> TwilioServer:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: object) -> None:
        """A client that was killed is not worth a line."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: TwilioServer

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True))
        with self.server.lock:
            answer = self.server.answers.pop(0) if self.server.answers else 0
            self.server.asked_at.append((time.monotonic(), form.get("To", "")))
        if answer == "deaf":
            self.close_connection = True
            return
        if isinstance(answer, str) and answer.isdigit():
            self._reply(int(answer), None)
            return
        code = answer if isinstance(answer, int) and answer else self._error(form)
        if code:
            self._fail(code)
            return
        message = self._take(form)
        if answer == "silent":
            self.close_connection = True
            return
        time.sleep(2.0 if answer == "slow" else self.server.latency)
        self._reply(201, message)

    def do_GET(self) -> None:
        if not self._is_known():
            self._fail(20003)
            return
        if self.server.list_answers:
            self._reply(int(self.server.list_answers.pop(0)), None)
            return
        query = parse_qs(urlsplit(self.path).query)
        found = [m for m in reversed(self.server.messages) if query.get("To", [m["to"]]) == [m["to"]]]
        size = int(query.get("PageSize", ["50"])[0])
        page = {
            "messages": found[:size], "page": 0, "page_size": size, "start": 0, "end": len(found[:size]) - 1,
            "uri": self.path, "first_page_uri": self.path, "next_page_uri": None, "previous_page_uri": None,
        }  # fmt: skip
        self._reply(200, page)

    def _is_known(self) -> bool:
        wanted = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        return self.headers["Authorization"] == wanted

    def _error(self, form: dict[str, str]) -> int:
        """The code Twilio answers with to a wrong request; 0 for a right one."""
        if not self._is_known():
            return 20003
        if urlsplit(self.path).path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
            return 20404
        if self.headers["Content-Type"] != "application/x-www-form-urlencoded" or form.keys() - KNOWN:
            self.server.complaints.append(f"{self.headers['Content-Type']} {sorted(form)}")
        callback = urlsplit(form.get("StatusCallback", ""))
        checks = {
            21604: "To" in form,
            21211: form.get("To", "").startswith("+") and form.get("To", "")[1:].isdigit(),
            21603: bool(form.get("From")) != (form.get("MessagingServiceSid") == SERVICE),
            21617: 0 < len(form.get("Body", "")) <= 1600,
            21609: callback.scheme in {"http", "https"} and "." in (callback.hostname or ""),
        }
        return next((code for code, is_right in checks.items() if not is_right), 0)

    def _take(self, form: dict[str, str]) -> dict[str, Any]:
        with self.server.lock:
            sid = f"SM{len(self.server.messages):032x}"
            now = format_datetime(datetime.now(UTC))
            message = {
                "sid": sid, "account_sid": ACCOUNT, "api_version": "2010-04-01", "body": form["Body"], "to": form["To"],
                "from": form.get("From"), "messaging_service_sid": form.get("MessagingServiceSid"), "status": "queued",
                "direction": "outbound-api", "date_created": now, "date_updated": now, "date_sent": None,
                "error_code": None, "error_message": None, "num_media": "0", "num_segments": "1", "price": None,
                "price_unit": None, "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}.json",
                "subresource_uris": {},
            }  # fmt: skip
            self.server.messages.append(message | {"callback": form["StatusCallback"]})
            return message

    def _fail(self, code: int) -> None:
        status, text = TEXTS[code]
        more = f"https://www.twilio.com/docs/errors/{code}"
        self._reply(status, {"code": code, "message": text, "more_info": more, "status": status})

    def _reply(self, status: int, body: dict[str, Any] | None) -> None:
        content = b"upstream trouble" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if body else "text/plain")
        self.send_header("Content-Length", str(len(content)))
        if status == 429 and self.server.retry_after:
            self.send_header("Retry-After", self.server.retry_after)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Quiet."""
