"""Settings: known, meant, and fit for a school rather than for a demo."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask_babel import gettext as _

from app import config
from app.doctor.finding import Finding, fail, ok, warn
from app.health import is_loopback
from app.notifications.rules import Rules

BESIDES = {"INSTANCE_FOLDER", "WEB_CONCURRENCY", "PROMETHEUS_MULTIPROC_DIR", "HOST", "PORT", "DEMO_SIZE"}
FAMILIES = ("TWILIO_", "MAIL_", "GRADING_", "SESSION_", "BACKUP_", "METRICS_", "LOG_", "SIGN_IN_", "SECOND_FACTOR_")
ALIKE = 0.85
SHORTEST_KEY = 32


class _Asked(dict[str, str]):
    """An environment that notes which names it is asked for."""

    def __init__(self) -> None:
        self.names = set[str]()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return default


def known_names() -> set[str]:
    """The names of all settings, as config.py asks for them."""
    asked = _Asked()
    with TemporaryDirectory() as folder:
        config.from_environment(asked, Path(folder))
    return asked.names | BESIDES


def misspelt(environment: Mapping[str, str]) -> dict[str, str]:
    """Names that look like a setting and are none, with the setting they may mean («» for none in particular)."""
    known = known_names()
    found = {}
    for name in sorted(set(environment) - known):
        close = get_close_matches(name, known, 1, ALIKE)
        if close or name.startswith(FAMILIES):
            found[name] = close[0] if close else ""
    return found


def names(_app: Flask) -> Iterator[Finding]:
    """Variables of the environment that are almost settings."""
    wrong = misspelt(os.environ)
    for name, meant in wrong.items():
        said = _("%(name)s is no setting of the journal.", name=name)
        advice = _("Did you mean %(name)s?", name=meant) if meant else _("app/config.py lists the settings.")
        yield warn("setting-names", said, advice)
    if not wrong:
        yield ok("setting-names", _("All settings are known."))


def secret_key(app: Flask) -> Iterator[Finding]:
    """Long enough that nobody guesses it."""
    if len(str(app.config["SECRET_KEY"])) < SHORTEST_KEY:
        yield fail("secret-key", _("SECRET_KEY is short: sessions and activation codes can be forged."),
                   _("Leave SECRET_KEY out and a good one is made in instance/secret_key. Activation links that were "
                     "sent and second factors become invalid by it."))  # fmt: skip
    else:
        yield ok("secret-key", _("SECRET_KEY is long enough."))


def public_url(app: Flask) -> Iterator[Finding]:
    """Stands in messages; decides whether cookies go over https only."""
    url = str(app.config["PUBLIC_URL"])
    host = urlsplit(url).hostname or ""
    if host == "localhost" or is_loopback(host):
        yield warn("public-url", _("PUBLIC_URL is %(url)s: links in messages work on this machine only.", url=url),
                   _("Set PUBLIC_URL to the address at which people open the journal."))  # fmt: skip
    elif not url.startswith("https://"):
        yield fail("public-url", _("PUBLIC_URL is %(url)s: passwords travel unprotected.", url=url),
                   _("Put a proxy with a certificate in front and set PUBLIC_URL to its https address."))  # fmt: skip
    else:
        yield ok("public-url", _("People reach the journal at %(url)s.", url=url))


def school_name(app: Flask) -> Iterator[Finding]:
    """Stands on every page."""
    if app.config["SCHOOL_NAME"] == "Школа":
        yield warn("school-name", _("The school has no name yet."), _("Set SCHOOL_NAME, for example «Школа № 7»."))
    else:
        yield ok("school-name", _("The school is «%(name)s».", name=app.config["SCHOOL_NAME"]))


def notices(app: Flask) -> Iterator[Finding]:
    """What the worker could not understand later."""
    try:
        Rules.of(app.config)
    except ValueError as error:
        yield fail("notifications", _("Notifications cannot be sent: %(why)s.", why=str(error)),
                   _("Correct the setting that it names."))  # fmt: skip
    else:
        yield ok("notifications", _("The settings of notifications are understood."))


def channels(app: Flask) -> Iterator[Finding]:
    """How access reaches parents."""
    if not app.config["MAIL_SERVER"] and not app.config["TWILIO_ACCOUNT_SID"]:
        yield warn("channels", _("Neither e-mail nor SMS is set up: messages go to the log of the worker only."),
                   _("Set MAIL_SERVER, or TWILIO_ACCOUNT_SID with its token and sender."))  # fmt: skip
    elif app.config["TWILIO_ACCOUNT_SID"] and not (
        app.config["TWILIO_AUTH_TOKEN"] and (app.config["TWILIO_FROM"] or app.config["TWILIO_MESSAGING_SERVICE_SID"])
    ):
        yield fail("channels", _("The Twilio account is incomplete: no SMS can be sent."),
                   _("Set TWILIO_AUTH_TOKEN, and TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID."))  # fmt: skip
    else:
        yield ok("channels", _("Messages have a way out."))
    if not str(app.config["PUBLIC_URL"]).startswith("https://"):
        yield warn("push", _("Browsers take no push notifications from an address without https."),
                   _("Set PUBLIC_URL to an https address to have them."))  # fmt: skip
    else:
        yield ok("push", _("Push notifications are possible; their key comes from SECRET_KEY."))
