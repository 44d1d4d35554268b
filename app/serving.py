"""What ``make run`` starts: the database made ready, the web server, the message worker."""

from __future__ import annotations

import os
import runpy
import socket
import sys
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import click
from flask import Flask
from flask_babel import gettext as _
from gunicorn.app.base import BaseApplication

from app import demo, policy
from app.backup import schema
from app.extensions import db
from app.supervisor import Part, Successor, Supervisor

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = "gunicorn.conf.py"


class WebServer(BaseApplication):  # type: ignore[misc]
    """Gunicorn with the settings of gunicorn.conf.py, on a socket that is bound already (``listener``).

    ``ready`` is a pipe to write to when the application is loaded and workers start; 0 for none.
    """

    def __init__(self, app: Flask, listener: int, ready: int = 0) -> None:
        self.app, self.listener, self.ready = app, listener, ready
        super().__init__()

    def load_config(self) -> None:
        """Take the settings, and what follows from being started here."""
        for name, value in runpy.run_path(str(ROOT / SETTINGS)).items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)
        self.cfg.set("bind", f"fd://{self.listener}")
        self.cfg.set("preload_app", True)  # the supervisor starts all of it anew for new code
        if "LOG_LEVEL" not in os.environ:
            self.cfg.set("loglevel", "warning")
        self.settle = self.cfg.when_ready
        self.cfg.set("when_ready", self.tell_ready)

    def load(self) -> Flask:
        """The application."""
        return self.app

    def tell_ready(self, arbiter: object) -> None:
        """Say that the predecessor may end."""
        self.settle(arbiter)
        if self.ready:
            os.write(self.ready, b"1")
            os.close(self.ready)


def serve(app: Flask, host: str, port: int, fill_empty: Callable[[], None]) -> None:
    """Migrate, let ``fill_empty`` fill an empty database, serve until stopped.

    Raises ClickException when the port is taken or when a part ends by itself.
    """
    listener = bound(host, port)
    url = f"http://{host}:{port}"
    if "PUBLIC_URL" not in os.environ:
        app.config["PUBLIC_URL"] = os.environ["PUBLIC_URL"] = url
    schema.to_head()
    fill_empty()
    text = welcome(url)
    db.engine.dispose()  # what is forked may not share connections
    supervisor = Supervisor(parts(app, listener), successors(listener))
    ended = supervisor.run(lambda: answers(host, port), lambda: click.echo(text), tell_reloaded)
    if ended:
        raise click.ClickException(_("Part that ended by itself: %(part)s. Everything was stopped.", part=ended))


def parts(app: Flask, listener: socket.socket) -> dict[str, Part]:
    """What runs, by the name it is spoken of."""

    def deliver() -> None:
        listener.close()
        app.cli.commands["deliver"].main([], standalone_mode=False)

    return {
        _("The web server"): WebServer(app, listener.fileno()).run,
        _("The message worker"): deliver,
    }


def successors(listener: socket.socket) -> dict[str, Successor]:
    """What takes over with new code: the same parts, started from the files as they are then."""

    def web(ready: int) -> None:
        for descriptor in (listener.fileno(), ready):
            os.set_inheritable(descriptor, True)
        _run("web", str(listener.fileno()), str(ready))

    def deliver(ready: int) -> None:
        os.set_inheritable(ready, True)
        _run("deliver", "--ready", str(ready))

    return {_("The web server"): web, _("The message worker"): deliver}


def _run(*command: str) -> None:
    """Become ``flask command``; what is not inheritable is closed."""
    os.execv(sys.executable, [sys.executable, "-m", "flask", "--app", "wsgi", *command])  # noqa: S606  # nosec B606


def tell_reloaded(is_new: bool) -> None:
    """Say what SIGHUP has led to."""
    if is_new:
        click.echo(_("Reloaded: the new code runs, requests and messages in hand are finished by the old one."))
    else:
        click.echo(
            _("Not reloaded: the new code does not start. The old one goes on; the reason stands above."), err=True
        )


def bound(host: str, port: int) -> socket.socket:
    """A socket that nobody else can take meanwhile. Raises ClickException when somebody has."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        message = _("Cannot listen on %(host)s:%(port)s (%(why)s). Choose another port: make run PORT=8001",
                    host=host, port=str(port), why=error.strerror)  # fmt: skip
        raise click.ClickException(message) from None
    return listener


def answers(host: str, port: int) -> bool:
    """Whether the web server answers."""
    connection = HTTPConnection({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, timeout=2)  # noqa: S104  # nosec B104 # connects, binds nothing
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
