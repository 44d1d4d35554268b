"""``flask doctor`` as a command."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import click
from flask import Flask, current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from app.bounds import CHOICES
from app.doctor import database, hosts, machine, services, settings
from app.doctor.finding import Finding, Level, fail

CHECKS: tuple[Callable[[Flask], Iterator[Finding]], ...] = (
    settings.names, settings.secret_key, settings.public_url, settings.school_name, settings.notices,
    settings.channels, database.database, hosts.hosts, machine.space, machine.rights, machine.proxies,
    services.mail, services.twilio, services.own_address,
)  # fmt: skip
SIGNS = {Level.OK: ("ok  ", "green"), Level.WARN: ("warn", "yellow"), Level.FAIL: ("FAIL", "red")}


def look(app: Flask) -> list[Finding]:
    """All that the checks find; one that breaks is a finding, not the end."""
    found: list[Finding] = []
    for check in CHECKS:
        try:
            found += check(app)
        except Exception as error:
            said = _("The check «%(name)s» broke (%(kind)s).", name=check.__name__, kind=type(error).__name__)
            found.append(fail(check.__name__, said, _("Tell the developers of the journal.")))
    return found


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--language", type=click.Choice(CHOICES["LOCALE"]), help="The school's own otherwise.")
def doctor(as_json: bool, language: str | None) -> None:
    """Look at this installation and say what is wrong and what to do; exit code 1 when something does not work."""
    with force_locale(language or current_app.config["LOCALE"]):
        found = look(current_app)
        if as_json:
            click.echo(json.dumps([_row(finding) for finding in found], ensure_ascii=False, indent=1))
        else:
            _tell(found)
    if any(finding.level is Level.FAIL for finding in found):
        raise SystemExit(1)


def _row(finding: Finding) -> dict[str, str]:
    return {"check": finding.name, "level": finding.level.value, "said": finding.said, "advice": finding.advice}


def _tell(found: list[Finding]) -> None:
    for finding in found:
        sign, colour = SIGNS[finding.level]
        click.echo(f"{click.style(sign, fg=colour)}  {finding.said}")
        if finding.advice:
            click.echo(f"      → {finding.advice}")
    bad = sum(finding.level is Level.FAIL for finding in found)
    doubtful = sum(finding.level is Level.WARN for finding in found)
    click.echo(_("Checked: %(all)s. To mend: %(bad)s. To look at: %(doubtful)s.",
                 all=str(len(found)), bad=str(bad), doubtful=str(doubtful)))  # fmt: skip
