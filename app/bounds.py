"""What a setting of the environment may hold: asked at the start, so that a mistake is told in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import Babel, LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

YEAR = 366
NUMBERS: dict[str, tuple[type[int] | type[float], int | float, int | float]] = {
    "MAIL_PORT": (int, 1, 65535),
    "CREDENTIAL_DAYS": (int, 1, YEAR),
    "DELIVERIES_PER_SECOND": (float, 0, 1000),
    "NOTIFICATION_DELAY": (int, 0, 86400),
    "DIGEST_HOUR": (int, 0, 23),
    "WEEKLY_HOUR": (int, 0, 23),
    "PROXIES": (int, 0, 10),
    "SESSION_STAFF_IDLE_HOURS": (int, 1, 24 * YEAR),
    "SESSION_STAFF_HOURS": (int, 1, 24 * YEAR),
    "PROOF_MINUTES": (int, 0, 1440),
    "SESSION_IDLE_DAYS": (int, 1, 10 * YEAR),
    "SESSION_DAYS": (int, 1, 10 * YEAR),
    "SIGN_IN_FAILURES_PER_ADDRESS": (int, 1, 1_000_000),
    "MAX_CONTENT_LENGTH": (int, 1024, 10 * 1024**3),
    "HOMEWORK_FILE_MB": (int, 1, 10_000),
    "MESSAGE_FILE_MB": (int, 1, 10_000),
    "GRADING_THRESHOLD": (float, 0.01, 1),
    "GRADING_MINIMUM": (int, 0, 100),
    "GRADING_TOLERANCE": (int, 0, 4),
    "WEB_CONCURRENCY": (int, 1, 256),
    "BACKUP_KEEP": (int, 1, 10 * YEAR),
}
"""Whole or broken numbers with the least and the greatest that is taken."""
CHOICES = {
    "LOCALE": ("ru", "en"),
    "LOG_FORMAT": ("text", "json"),
    "LOG_LEVEL": ("DEBUG", "INFO", "WARNING", "ERROR"),
}
YES_OR_NO = ("MAIL_USE_TLS", "SECOND_FACTOR_FOR_DEPUTIES", "METRICS")
ANSWERS = {"1", "true", "yes", "0", "false", "no", ""}
ADDRESSES = ("PUBLIC_URL", "TWILIO_API_URL")
HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")


class SettingsError(ValueError):
    """Settings that cannot be understood; ``problems`` says of each what to write instead."""

    def __init__(self, problems: list[LazyString]) -> None:
        super().__init__(problems)
        self.problems = problems

    def text(self, language: str) -> str:
        """The sentences in ``language``, one a line; there is no application yet to ask for it."""
        reader = Flask("app")
        Babel(reader, default_locale=language if language in CHOICES["LOCALE"] else "en")
        with reader.app_context():
            return "\n".join(map(str, self.problems))


def check(environment: Mapping[str, str]) -> None:
    """Raise SettingsError when a setting holds what cannot be meant. No value of a secret is repeated."""
    problems = [
        *_numbers(environment), *_choices(environment), *_addresses(environment), *_times(environment),
    ]  # fmt: skip
    if problems:
        raise SettingsError(problems)


def _numbers(environment: Mapping[str, str]) -> Iterator[LazyString]:
    for name, (kind, least, most) in NUMBERS.items():
        value = environment.get(name)
        if value is None or _is_between(value, kind, least, most):
            continue
        told = {"name": name, "value": value, "least": str(least), "most": str(most)}
        if kind is int:
            yield _("%(name)s is «%(value)s». Write a whole number from %(least)s to %(most)s.", **told)
        else:
            yield _("%(name)s is «%(value)s». Write a number from %(least)s to %(most)s, with a point.", **told)


def _is_between(value: str, kind: type[int] | type[float], least: float, most: float) -> bool:
    try:
        return least <= kind(value) <= most
    except (ValueError, OverflowError):
        return False


def _choices(environment: Mapping[str, str]) -> Iterator[LazyString]:
    for name, words in CHOICES.items():
        value = environment.get(name)
        if value is not None and value not in words:
            yield _("%(name)s is «%(value)s». Write one of: %(words)s.", name=name, value=value, words=", ".join(words))
    for name in YES_OR_NO:
        value = environment.get(name, "")
        if value.lower() not in ANSWERS:
            yield _("%(name)s is «%(value)s». Write yes or no.", name=name, value=value)


def _addresses(environment: Mapping[str, str]) -> Iterator[LazyString]:
    for name in ADDRESSES:
        value = environment.get(name)
        if value is not None and not _is_web_address(value):
            yield _("%(name)s is «%(value)s». Write an address like https://journal.school.example.",
                    name=name, value=value)  # fmt: skip
    if url := environment.get("DATABASE_URL"):
        try:
            make_url(url)
        except (ArgumentError, ValueError):  # it holds a password: not repeated
            yield _("DATABASE_URL is no address of a database. Write one like "
                    "postgresql://name:password@host/database, or leave it out for SQLite.")  # fmt: skip


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        _port = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _times(environment: Mapping[str, str]) -> Iterator[LazyString]:
    zone = environment.get("TIMEZONE")
    if zone is not None and not _is_zone(zone):
        yield _("TIMEZONE is «%(value)s», which is no time zone. Write one like Europe/Moscow or Asia/Yekaterinburg.",
                value=zone)  # fmt: skip
    hours = environment.get("QUIET_HOURS")
    if hours and not HOURS.fullmatch(hours):
        yield _("QUIET_HOURS is «%(value)s». Write from when to when, like 20:00-07:00.", value=hours)
    slots = environment.get("BACKUP_HOURS", "")
    if not all(_is_between(word, int, 0, 23) for word in slots.split()):
        yield _("BACKUP_HOURS is «%(value)s». Write hours of the day, like 2 or 2 14, or nothing.", value=slots)


def _is_zone(value: str) -> bool:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        return False
    return True
