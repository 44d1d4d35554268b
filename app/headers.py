"""Headers every answer carries: what a browser may load and send, and what it may keep."""

from __future__ import annotations

from flask import Flask, Response, current_app, request

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",  # neither inline nor from elsewhere, in the panel too
        "style-src 'self'",
        "img-src 'self' data:",  # the signs of the style sheets
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            "camera", "display-capture", "geolocation", "microphone", "midi", "payment", "serial", "usb",
        )
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers that know no frame-ancestors
}  # fmt: skip
ONE_YEAR = "max-age=31536000"


def register(app: Flask) -> None:
    """Add the headers to every answer of the application; a view that sets one itself is left alone."""
    app.after_request(_add)


def _add(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["SESSION_COOKIE_SECURE"] or request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", ONE_YEAR)
    # Pages are about people: neither a proxy nor the next person at this browser finds them again.
    if not _is_static():
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _is_static() -> bool:
    return request.endpoint is not None and request.endpoint.rsplit(".", 1)[-1] == "static"
