"""Who is signed in: sign-in, sign-out, activation, passwords, sessions, the own account page."""

from __future__ import annotations

from flask import Flask

from app.auth import (
    account_pages,
    activation_pages,
    language,
    second_factor_pages,
    secrets_in_logs,
    sign_in_pages,
    signed_in,
)

__all__ = ["language", "register"]


def register(app: Flask) -> None:
    """Wire the pages and the binding of each request to its person into the application."""
    signed_in.register(app)
    language.register(app)
    secrets_in_logs.keep_out(app)
    app.register_blueprint(sign_in_pages.blueprint)
    app.register_blueprint(activation_pages.blueprint)
    app.register_blueprint(account_pages.blueprint)
    app.register_blueprint(second_factor_pages.blueprint)
