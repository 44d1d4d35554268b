"""What ``make run`` starts: the database made ready, the web server, the message worker."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException

import click
from flask import Flask
from flask_babel import gettext as _
from flask_migrate import upgrade

from app import demo, policy
from app.supervisor import Supervisor, python

# Threads wait for the database; more processes would wait for the one writer of SQLite.
WORKERS, THREADS = 2, 4


def serve(app: Flask, host: str, port: int, fill_empty: Callable[[], None]) -> None:
    """Migrate, let ``fill_empty`` fill an empty database, serve until stopped.

    Raises ClickException when the port is taken or when a part ends by itself.
    """
    refuse_taken_port(host, port)
    upgrade()
    fill_empty()
    url = f"http://{host}:{port}"
    environment = os.environ | {"PUBLIC_URL": os.environ.get("PUBLIC_URL", url), "PYTHONUNBUFFERED": "1"}
    ended = Supervisor(commands(app, host, port), environment).run(
        lambda: answers(host, port), lambda: click.echo(welcome(url))
    )
    if ended:
        raise click.ClickException(_("Part that ended by itself: %(part)s. Everything was stopped.", part=ended))


def commands(app: Flask, host: str, port: int) -> dict[str, list[str]]:
    """The processes, by the name they are spoken of."""
    web = ["--bind", f"{host}:{port}", "--workers", os.environ.get("WEB_CONCURRENCY", str(WORKERS))]
    web += ["--threads", str(THREADS), "--preload", "--no-control-socket", "--log-level", "warning", "wsgi:app"]
    parts = {_("The web server"): python("gunicorn", *web)}
    if "deliver" in app.cli.commands:
        parts[_("The message worker")] = python("flask", "--app", "wsgi", "deliver")
    return parts


def refuse_taken_port(host: str, port: int) -> None:
    """Raise ClickException when somebody else listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            message = _("Cannot listen on %(host)s:%(port)s (%(why)s). Choose another port: make run PORT=8001",
                        host=host, port=str(port), why=error.strerror)  # fmt: skip
            raise click.ClickException(message) from None


def answers(host: str, port: int) -> bool:
    """Whether the web server answers."""
    connection = HTTPConnection({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, timeout=2)  # noqa: S104
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True


def welcome(url: str) -> str:
    """Where the journal is; in a demo also who can sign in."""
    lines = [_("The journal is at %(url)s", url=url)]
    with policy.system() as session:
        if demo.is_demo(session):
            words = ", ".join(demo.SIGN_INS)
            lines.append(_("Demo school. Sign in as %(words)s; the password is the same word.", words=words))
    return "\n".join([*lines, _("Ctrl-C stops it.")])
