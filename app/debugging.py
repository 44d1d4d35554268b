"""The debugger runs code for whoever sees it: with it on, only this machine is answered."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from flask import Flask, abort, request


def register(app: Flask) -> None:
    """Refuse to be made with debugging on for a public address, and to answer other machines with it.

    Raises RuntimeError, before anybody is served by whatever server that is.
    """
    if not app.debug:
        return
    host = urlsplit(app.config["PUBLIC_URL"]).hostname or ""
    if not is_loopback(host):
        raise RuntimeError(
            f"FLASK_DEBUG is on and PUBLIC_URL names {host}: a debugger would let strangers run code here. "
            "Take FLASK_DEBUG out of the environment."
        )
    app.before_request(_only_this_machine)


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this machine's own."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _only_this_machine() -> None:
    if not is_loopback(request.remote_addr or ""):
        abort(403)
