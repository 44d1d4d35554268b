"""Services outside: asked whether they would take a message, without sending one; none is waited for long."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from flask import Flask
from flask_babel import gettext as _

from app.doctor.finding import Finding, fail, ok, warn

if TYPE_CHECKING:  # loaded by who asks
    import requests

TIMEOUT = 5.0  # seconds for each step
CLOCK_IS_WRONG = timedelta(minutes=1)


def mail(app: Flask) -> Iterator[Finding]:
    """Connect, greet, encrypt, sign in."""
    config = app.config
    if not config["MAIL_SERVER"]:
        return
    server = f"{config['MAIL_SERVER']}:{config['MAIL_PORT']}"
    try:
        with smtplib.SMTP(config["MAIL_SERVER"], config["MAIL_PORT"], timeout=TIMEOUT) as host:
            host.ehlo()
            if config["MAIL_USE_TLS"]:
                host.starttls(context=ssl.create_default_context())
            if config["MAIL_USERNAME"] and config["MAIL_PASSWORD"]:
                host.login(config["MAIL_USERNAME"], config["MAIL_PASSWORD"])
    except smtplib.SMTPAuthenticationError:
        yield fail("mail", _("The mail server %(server)s refuses the account.", server=server),
                   _("Correct MAIL_USERNAME and MAIL_PASSWORD."))  # fmt: skip
    except ssl.SSLError:
        yield fail("mail", _("The mail server %(server)s shows no certificate that can be trusted.", server=server),
                   _("Set MAIL_SERVER to the name that stands in its certificate."))  # fmt: skip
    except smtplib.SMTPNotSupportedError:
        yield fail("mail", _("The mail server %(server)s offers no encryption or no sign-in.", server=server),
                   _("Look at MAIL_PORT (usually 587) and MAIL_USE_TLS."))  # fmt: skip
    except (smtplib.SMTPException, OSError) as error:
        yield fail("mail", _("The mail server %(server)s does not answer (%(kind)s).",
                             server=server, kind=type(error).__name__),
                   _("Look at MAIL_SERVER and MAIL_PORT, and at the firewall."))  # fmt: skip
    else:
        yield ok("mail", _("The mail server %(server)s takes our messages.", server=server))


def twilio(app: Flask) -> Iterator[Finding]:
    """Ask for the account: free of charge, and answered only with the right token."""
    import requests

    config = app.config
    sid, token = config["TWILIO_ACCOUNT_SID"], config["TWILIO_AUTH_TOKEN"]
    if not sid or not token:
        return
    address = f"{config['TWILIO_API_URL']}/2010-04-01/Accounts/{sid}.json"
    try:
        answer = requests.get(address, auth=(sid, token), timeout=TIMEOUT, allow_redirects=False)
    except (requests.RequestException, UnicodeError) as error:
        yield fail("twilio", _("Twilio does not answer (%(kind)s).", kind=type(error).__name__),
                   _("Look at TWILIO_API_URL and at the firewall."))  # fmt: skip
        return
    if answer.status_code in {401, 403}:
        yield fail("twilio", _("Twilio refuses the account."),
                   _("Correct TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN."))  # fmt: skip
    elif answer.status_code != 200:
        yield warn("twilio", _("Twilio answers with %(number)s.", number=str(answer.status_code)),
                   _("Ask again later; if it stays so, look at the state of the account."))  # fmt: skip
    else:
        yield ok("twilio", _("Twilio knows the account."))
    yield from _clock("Twilio", answer)


def own_address(app: Flask) -> Iterator[Finding]:
    """Whether the journal answers at PUBLIC_URL, with this machine's time."""
    import requests

    url = str(app.config["PUBLIC_URL"])
    try:
        answer = requests.get(f"{url}/healthz", timeout=TIMEOUT, allow_redirects=False)
    except (requests.RequestException, UnicodeError) as error:
        yield warn("own-address", _("Nothing answers at %(url)s (%(kind)s).", url=url, kind=type(error).__name__),
                   _("Is the journal running, and does the name lead here?"))  # fmt: skip
        return
    if answer.status_code == 200:
        yield ok("own-address", _("The journal answers at %(url)s.", url=url))
    else:
        yield warn("own-address", _("At %(url)s the answer is %(number)s.", url=url, number=str(answer.status_code)),
                   _("Look at the proxy in front, and at /healthz."))  # fmt: skip
    yield from _clock(url, answer)


def _clock(whose: str, answer: requests.Response) -> Iterator[Finding]:
    """Compare this machine's clock with the date of an answer, which counts whole seconds."""
    try:
        theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
    except (TypeError, ValueError):
        return
    if abs(theirs.astimezone(UTC) - datetime.now(UTC)) > CLOCK_IS_WRONG:
        yield fail("clock", _("The clocks of this machine and of %(whose)s differ by more than a minute.", whose=whose),
                   _("Let this machine ask a time server (chrony or systemd-timesyncd)."))  # fmt: skip
    else:
        yield ok("clock", _("The clock agrees with that of %(whose)s.", whose=whose))
