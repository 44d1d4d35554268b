"""Parsers say why they refuse in the reader's language: they need an application around them, but no database."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from app import create_app


def in_english(target: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """The target inside a request of an application of its own."""
    settings = {"SQLALCHEMY_DATABASE_URI": "sqlite://", "SECRET_KEY": "fuzz", "LOCALE": "en", "TESTING": True}
    app = create_app(settings, Path(tempfile.mkdtemp(prefix="fuzz-")))
    app.test_request_context().push()
    return target
