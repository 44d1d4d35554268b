"""Every setting: name, default and one line of meaning; read from the environment once."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app import bounds


@dataclass(frozen=True)
class Grading:
    """What the school has settled about final marks.

    ``threshold`` is the part of a mark, in hundredths (1-100), from which an average is rounded up;
    ``minimum`` how many marks a term mark needs; ``tolerance`` by how much a final mark may differ from
    the proposed one without a reason. Raises ValueError for a threshold that would propose no mark at all.
    """

    threshold: int = 50
    minimum: int = 3
    tolerance: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.threshold <= 100:
            raise ValueError("GRADING_THRESHOLD is more than 0 and at most 1")

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Grading:
        """Of the application's settings, where the threshold is a part of 1."""
        return cls(
            round(settings["GRADING_THRESHOLD"] * 100), settings["GRADING_MINIMUM"], settings["GRADING_TOLERANCE"]
        )


def from_environment(environment: Mapping[str, str], instance: Path) -> dict[str, Any]:
    """Settings of one installation.

    ``instance`` is the folder the installation owns; it is created when missing. Raises SettingsError for what cannot
    be meant, before anything is made.
    """
    bounds.check(environment)
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)  # nobody else on this machine
    public_url = environment.get("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
    is_https = public_url.startswith("https://")
    session_days = int(environment.get("SESSION_DAYS", "90"))
    return {
        # Where the data is; an SQLite file in instance/ unless told otherwise.
        "SQLALCHEMY_DATABASE_URI": database_uri(environment.get("DATABASE_URL", ""), instance),
        # Errors do not repeat values: they can be phone numbers and names. A connection that died while nobody used it
        # is replaced before the next request notices. A compiled statement with its rights takes about 200 kB: a
        # process holds those of its usual pages, not 500.
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True, "pool_pre_ping": True, "query_cache_size": 150},
        # Signs sessions and derives activation codes.
        "SECRET_KEY": environment.get("SECRET_KEY") or secret_key(instance / "secret_key"),
        # The address people reach the school at; stands in messages.
        "PUBLIC_URL": public_url,
        # The names it answers under, besides that of PUBLIC_URL and this machine's own: «journal.school.example
        # .school7.example» (with a dot: and all below). Without both settings it answers under any.
        "TRUSTED_HOSTS": trusted_hosts(environment.get("HOSTS", ""), environment.get("PUBLIC_URL", "")),
        # The name of the school on every page.
        "SCHOOL_NAME": environment.get("SCHOOL_NAME", "Школа"),
        # The zone of the school's days and hours.
        "TIMEZONE": environment.get("TIMEZONE", "Europe/Moscow"),
        # The language of a person who has chosen none.
        "LOCALE": environment.get("LOCALE", "ru"),
        # The mail server; without one messages go to the console transport.
        "MAIL_SERVER": environment.get("MAIL_SERVER", ""),
        "MAIL_PORT": int(environment.get("MAIL_PORT", "25")),
        "MAIL_USERNAME": environment.get("MAIL_USERNAME"),
        "MAIL_PASSWORD": environment.get("MAIL_PASSWORD"),
        "MAIL_USE_TLS": environment.get("MAIL_USE_TLS", "").lower() in {"1", "true", "yes"},
        # The sender of e-mail, «Школа № 7 <journal@school.example>».
        "MAIL_DEFAULT_SENDER": environment.get("MAIL_DEFAULT_SENDER"),
        # The account at Twilio; without one SMS go to the console transport.
        "TWILIO_ACCOUNT_SID": environment.get("TWILIO_ACCOUNT_SID", ""),
        "TWILIO_AUTH_TOKEN": environment.get("TWILIO_AUTH_TOKEN", ""),
        # Who sends SMS: a number, or a messaging service.
        "TWILIO_FROM": environment.get("TWILIO_FROM", ""),
        "TWILIO_MESSAGING_SERVICE_SID": environment.get("TWILIO_MESSAGING_SERVICE_SID", ""),
        # Where Twilio's API is.
        "TWILIO_API_URL": environment.get("TWILIO_API_URL", "https://api.twilio.com").rstrip("/"),
        # How many days an activation link is valid.
        "CREDENTIAL_DAYS": int(environment.get("CREDENTIAL_DAYS", "7")),
        # The most messages a worker sends in a second.
        "DELIVERIES_PER_SECOND": float(environment.get("DELIVERIES_PER_SECOND", "10")),
        # For how many seconds what happened can be corrected before people are told of it.
        "NOTIFICATION_DELAY": int(environment.get("NOTIFICATION_DELAY", "120")),
        # At which hour of the school's day the evening digest goes, 0-23.
        "DIGEST_HOUR": int(environment.get("DIGEST_HOUR", "19")),
        # From which hour of Monday staff are told what is overdue, 0-23.
        "WEEKLY_HOUR": int(environment.get("WEEKLY_HOUR", "7")),
        # When staff are not told of messages unless they have chosen other hours; at weekends never.
        "QUIET_HOURS": environment.get("QUIET_HOURS", "20:00-07:00"),
        # Of what people may be told by SMS, if they choose so: the school pays for each. Empty: of nothing.
        "SMS_NOTICES": environment.get("SMS_NOTICES", "absence low_mark"),
        # The push services that notifications to browsers may be sent to, and their subdomains; the whole address
        # (http://…) for one of one's own.
        "PUSH_SERVICES": environment.get(
            "PUSH_SERVICES", "fcm.googleapis.com push.services.mozilla.com notify.windows.com push.apple.com"
        ),
        # How many reverse proxies stand in front and say for whom they ask (X-Forwarded-For, -Proto, -Host).
        "PROXIES": int(environment.get("PROXIES", "0")),
        # How logs are written, text or json, and from which weight on: DEBUG, INFO, WARNING, ERROR.
        "LOG_FORMAT": environment.get("LOG_FORMAT", "text"),
        "LOG_LEVEL": environment.get("LOG_LEVEL", "INFO"),
        # Whether /metrics counts and answers, to this machine only (true, yes, 1).
        "METRICS": environment.get("METRICS", "").lower() in {"1", "true", "yes"},
        # The bearer token with which /metrics and /healthz/details answer to other machines; switches metrics on.
        "METRICS_TOKEN": environment.get("METRICS_TOKEN", ""),
        # After how many idle hours staff are signed out: their browsers stand where pupils walk by.
        "SESSION_STAFF_IDLE_HOURS": int(environment.get("SESSION_STAFF_IDLE_HOURS", "12")),
        # After how many hours staff are signed out, used or not; a week.
        "SESSION_STAFF_HOURS": int(environment.get("SESSION_STAFF_HOURS", "168")),
        # After how many minutes since the sign-in the password is asked for again before what is grave; 0: never.
        "PROOF_MINUTES": int(environment.get("PROOF_MINUTES", "15")),
        # After how many idle days everybody else is signed out.
        "SESSION_IDLE_DAYS": int(environment.get("SESSION_IDLE_DAYS", "30")),
        # After how many days the sign-in of everybody else ends, used or not.
        "SESSION_DAYS": session_days,
        # Failed sign-ins from one address within 15 minutes before it has to wait; a school is one address.
        "SIGN_IN_FAILURES_PER_ADDRESS": int(environment.get("SIGN_IN_FAILURES_PER_ADDRESS", "100")),
        # Whether deputy directors must set up codes of a telephone before anything else (true, yes, 1).
        "SECOND_FACTOR_FOR_DEPUTIES": environment.get("SECOND_FACTOR_FOR_DEPUTIES", "").lower() in {"1", "true", "yes"},
        "PERMANENT_SESSION_LIFETIME": timedelta(days=session_days),
        "SESSION_REFRESH_EACH_REQUEST": False,
        # The largest form or file that is taken, in bytes.
        "MAX_CONTENT_LENGTH": int(environment.get("MAX_CONTENT_LENGTH", str(50 * 1024 * 1024))),
        # The largest file of a homework, in megabytes; several come in one form.
        "HOMEWORK_FILE_MB": int(environment.get("HOMEWORK_FILE_MB", "10")),
        # The largest file of a message, in megabytes.
        "MESSAGE_FILE_MB": int(environment.get("MESSAGE_FILE_MB", "10")),
        # Where uploaded files are kept; with web servers on several hosts a folder that all of them mount.
        "UPLOADS_FOLDER": environment.get("UPLOADS_FOLDER") or str(instance.resolve() / "uploads"),
        # At which hours of the school's day a backup is made, «2» or «2 14». Empty: never.
        "BACKUP_HOURS": environment.get("BACKUP_HOURS", "2"),
        # Where backups are kept; best another disk than the database's; of several hosts one that all mount.
        "BACKUP_FOLDER": environment.get("BACKUP_FOLDER") or str(instance.resolve() / "backups"),
        # For how many days they are kept; of each month the first is kept for a year.
        "BACKUP_KEEP": int(environment.get("BACKUP_KEEP", "30")),
        # Encrypts backups, and lets them hold instance/secret_key. Lost, nobody opens them.
        "BACKUP_PASSPHRASE": environment.get("BACKUP_PASSPHRASE", ""),
        # From which part of a mark an average is rounded up: 0.5 makes 4.50 a five.
        "GRADING_THRESHOLD": float(environment.get("GRADING_THRESHOLD", "0.5")),
        # How many marks a term mark needs; with fewer none is proposed.
        "GRADING_MINIMUM": int(environment.get("GRADING_MINIMUM", "3")),
        # By how much a final mark may differ from the proposed one without a reason.
        "GRADING_TOLERANCE": int(environment.get("GRADING_TOLERANCE", "0")),
        # Over https no other host of the domain can put its own cookie in the place of ours (__Host-).
        "SESSION_COOKIE_NAME": "__Host-session" if is_https else "session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": is_https,
        # The row of the sign-in is what protects a session, not the browser's name and address.
        "SESSION_PROTECTION": None,
        # A form token lasts as long as the session it belongs to: nobody loses an hour's writing.
        "WTF_CSRF_TIME_LIMIT": None,
        # Activation pages send no Referer, so that their code stays here; the token is the protection.
        "WTF_CSRF_SSL_STRICT": False,
    }


def database_uri(url: str, instance: Path) -> str:
    """SQLAlchemy's form of DATABASE_URL; ``postgres://`` addresses get the psycopg 3 driver."""
    if not url:
        return f"sqlite:///{instance.resolve() / 'journal.sqlite'}"
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def trusted_hosts(names: str, public_url: str) -> list[str] | None:
    """The hosts of HOSTS and PUBLIC_URL, and this machine's own; None, which is any, when neither says one."""
    hosts = [*names.split(), *filter(None, [urlsplit(public_url).hostname])]
    return [*hosts, "localhost", "127.0.0.1", "[::1]"] if hosts else None


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
