"""How this product writes logs: one line an event, the same for web, worker and commands, as text or as JSON.

No line holds a name, an address, a query or the words of an exception: people are numbers, pages are endpoints,
an exception is its type and the place in the code.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
import time
import traceback
from types import TracebackType
from typing import Any, TextIO

from flask import Flask, Response, current_app, g, has_request_context, request, request_started
from pythonjsonlogger.json import JsonFormatter

log = logging.getLogger("app.request")
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that sounds or looks alike over the telephone
LENGTH = 8
HEADER = "X-Request-ID"
_FOREIGN = re.compile(r"[A-Za-z0-9._-]{6,64}", re.ASCII)
QUIET = {"health.healthz", "health.details", "metrics.show"}
"""Asked every few seconds by machines: told on the level DEBUG only, as static files are."""
ExcInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]


class Journal(Flask):
    """Flask, except that an exception is logged without the address of the page and without its own words."""

    def log_exception(self, exc_info: Any) -> None:
        """Log an exception that nobody has handled."""
        self.logger.error("failed", exc_info=exc_info, extra=_asked())


def register(app: Flask) -> None:
    """Set up the logs of this process; give every request a number and, when it is answered, a line."""
    configure(app.config["LOG_FORMAT"], app.config["LOG_LEVEL"])
    request_started.connect(_begin, app)
    app.after_request(_end)


def configure(kind: str, level: str) -> None:
    """One handler for everything: ours from ``level`` on, libraries from WARNING on. ``kind`` is text or json."""
    handler = _Stderr()
    handler.setFormatter(_Json() if kind == "json" else _Text())
    handler.addFilter(_add_request)
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if isinstance(handler, _Stderr)]:
        root.removeHandler(old)
    root.addHandler(handler)
    logging.getLogger("app").setLevel(level)
    if "gunicorn" in sys.modules:  # what a worker of Gunicorn has to say goes the same way
        said = logging.getLogger("gunicorn.error")
        said.handlers, said.propagate = [], True


def request_id() -> str:
    """The number of this request, to be told to who helps; empty outside of one."""
    number: str = g.get("request_id", "") if has_request_context() else ""
    return number


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what standard error is at the moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


class _Text(logging.Formatter):
    """«2026-11-28 10:00:00,123 INFO [k7m2q9xd] GET student.details_view 200 14 ms person 5», in local time."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s [%(request_id)s] %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).replace("\n", " | ")  # an event is a line: nobody forges one

    def formatException(self, ei: Any) -> str:
        return place(ei)


class _Json(JsonFormatter):
    """One object a line; the fields of a request stand beside its message."""

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s %(process)d",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger", "exc_info": "exception"},
            datefmt="%Y-%m-%dT%H:%M:%S%z", json_ensure_ascii=False,
        )  # fmt: skip

    def formatException(self, ei: Any) -> str:
        return place(ei)


def place(info: ExcInfo) -> str:
    """What broke and where, outermost first: «RuntimeError at app/errors.py:12 in fail, app/…»; no values."""
    kind, error, trace = info
    if kind is None:
        return ""
    steps = traceback.extract_tb(trace)
    where = ", ".join(f"{_short(step.filename)}:{step.lineno} in {step.name}" for step in steps) or "?"
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__) if error else None
    behind = f"; after {place((type(cause), cause, cause.__traceback__))}" if cause else ""
    return f"{kind.__name__} at {where}{behind}"


def _short(file: str) -> str:
    """A path from the package on."""
    for mark in ("/site-packages/", "/app/", "/admin_views/"):
        before, found, rest = file.rpartition(mark)
        if found:
            return rest if mark == "/site-packages/" else mark.strip("/") + "/" + rest
    return file


def _add_request(record: logging.LogRecord) -> bool:
    record.request_id = request_id() or "-"
    return True


def _begin(_app: Flask) -> None:
    g.begun = time.perf_counter()
    given = request.headers.get(HEADER, "") if current_app.config["PROXIES"] else ""
    g.request_id = given if _FOREIGN.fullmatch(given) else _new_id()


def _new_id() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def _end(response: Response) -> Response:
    response.headers[HEADER] = request_id()
    level = logging.DEBUG if request.endpoint in QUIET or _is_static() else logging.INFO
    if log.isEnabledFor(level):
        fields = _asked() | {"status": response.status_code, "ms": round(1000 * (time.perf_counter() - g.begun))}
        words = "%(method)s %(endpoint)s %(status)s %(ms)s ms person %(person)s"
        log.log(level, words, fields, extra=fields)
    return response


def _asked() -> dict[str, Any]:
    """The request without what can tell of somebody: no address, no query, the person's number only."""
    if not has_request_context():
        return {}
    who = g.get("signed_in")
    return {"method": request.method, "endpoint": request.endpoint or "-", "person": who.user_id if who else "-"}


def _is_static() -> bool:
    return request.endpoint is not None and request.endpoint.rsplit(".", 1)[-1] == "static"
