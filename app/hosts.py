"""Answers only under its own names: whoever sends another Host header gets no page, and no link with that name."""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.exceptions import SecurityError


def register(app: Flask) -> None:
    """Before anything else of a request; Flask has compared its Host with TRUSTED_HOSTS by then."""
    app.before_request(_refuse_stranger)


def _refuse_stranger() -> Response | None:
    """Without a page: its links could not be made. Nothing of what was sent is said back."""
    if isinstance(request.routing_exception, SecurityError):
        return Response("This server is not known under that name. Its names are set in HOSTS.\n", 400,
                        mimetype="text/plain")  # fmt: skip
    return None
