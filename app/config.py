"""Every setting: name, default and one line of meaning; read from the environment once."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def from_environment(environment: Mapping[str, str], instance: Path) -> dict[str, Any]:
    """Settings of one installation.

    ``instance`` is the folder the installation owns; it is created when missing.
    """
    instance.mkdir(parents=True, exist_ok=True)
    public_url = environment.get("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
    return {
        # Where the data is; an SQLite file in instance/ unless told otherwise.
        "SQLALCHEMY_DATABASE_URI": database_uri(environment.get("DATABASE_URL", ""), instance),
        # Signs sessions and derives activation codes.
        "SECRET_KEY": environment.get("SECRET_KEY") or secret_key(instance / "secret_key"),
        # The address people reach the school at; stands in messages.
        "PUBLIC_URL": public_url,
        # The name of the school on every page.
        "SCHOOL_NAME": environment.get("SCHOOL_NAME", "Школа"),
        # The zone of the school's days and hours.
        "TIMEZONE": environment.get("TIMEZONE", "Europe/Moscow"),
        # The language of a person who has chosen none.
        "LOCALE": environment.get("LOCALE", "ru"),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": public_url.startswith("https://"),
    }


def database_uri(url: str, instance: Path) -> str:
    """SQLAlchemy's form of DATABASE_URL; ``postgres://`` addresses get the psycopg 3 driver."""
    if not url:
        return f"sqlite:///{instance.resolve() / 'journal.sqlite'}"
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def secret_key(file: Path) -> str:
    """The key kept in ``file``; made once, readable by its owner only."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    key = secrets.token_urlsafe(48)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(key)
    return key
