"""A push service: takes messages as RFC 8030 has it, checks who sends them (VAPID) and decrypts them as a browser."""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid


def encoded(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Subscriber:
    """A browser with the keys that only it has."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.key, self.secret = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.keys = {"p256dh": encoded(point), "auth": encoded(self.secret)}

    def json(self) -> dict[str, Any]:
        """What PushSubscription.toJSON() gives."""
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": self.keys}

    def decrypted(self, body: bytes) -> dict[str, str]:
        found: dict[str, str] = json.loads(
            http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        )
        return found


class PushServer(ThreadingHTTPServer):
    """``received`` messages of each path, decrypted. ``answers`` makes it misbehave, one entry for each call: a status,
    with a header Retry-After if it is a pair, or «silent»: it takes the message and hangs up.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.browsers: dict[str, Subscriber] = {}
        self.received: list[tuple[str, dict[str, str]]] = []
        self.answers: list[Any] = []
        self.complaints: list[str] = []
        self.senders: set[str] = set()
        self.contacts: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def browser(self, name: str = "one") -> Subscriber:
        """A new browser, subscribed here."""
        self.browsers[f"/push/{name}"] = Subscriber(f"{self.url}/push/{name}")
        return self.browsers[f"/push/{name}"]

    def __enter__(self) -> PushServer:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: PushServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = self.server.answers.pop(0) if self.server.answers else 201
        browser = self.server.browsers.get(self.path)
        if browser is None:
            self._answer(410)
            return
        self._check(len(body))
        if answer in (201, "silent"):
            self.server.received.append((self.path, browser.decrypted(body)))
        if answer == "silent":
            self.close_connection = True
            return
        status, wait = answer if isinstance(answer, tuple) else (answer, None)
        self._answer(status, wait)

    def _check(self, size: int) -> None:
        """Note what a push service would not take."""
        complaints, headers = self.server.complaints, self.headers
        if headers.get("Content-Encoding") != "aes128gcm" or size > 4096:
            complaints.append(f"encoding {headers.get('Content-Encoding')}, {size} bytes")
        if not headers.get("TTL", "").isdigit():
            complaints.append("no TTL")
        authorization = headers.get("Authorization", "")
        if not authorization.startswith("vapid ") or not Vapid.verify(authorization):
            complaints.append(f"not signed: {authorization}")
            return
        parts = dict(part.strip().split("=", 1) for part in authorization.removeprefix("vapid ").split(","))
        claims = json.loads(base64.urlsafe_b64decode(parts["t"].split(".")[1] + "=="))
        if claims["aud"] != self.server.url or not 0 < claims["exp"] - time.time() <= 24 * 3600:
            complaints.append(f"claims {claims}")
        self.server.senders.add(parts["k"])
        self.server.contacts.add(claims["sub"])

    def _answer(self, status: int, wait: str | None = None) -> None:
        self.send_response(status)
        if wait is not None:
            self.send_header("Retry-After", wait)
        if status == 302:
            self.send_header("Location", f"{self.server.url}/push/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""
