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
from gunicorn.app.base import BaseApplication

from app import demo, policy
from app.extensions import db
from app.supervisor import Part, Supervisor

# Threads wait for the database; more processes would wait for the one writer of SQLite.
WORKERS, THREADS = 2, 4


class WebServer(BaseApplication):  # type: ignore[misc]
    """Gunicorn with settings from here instead of its command line."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        self.app = app
        self.settings = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": int(os.environ.get("WEB_CONCURRENCY", WORKERS)),
            "threads": THREADS,
            "preload_app": True,
            "control_socket_disable": True,
            "loglevel": "warning",
        }
        super().__init__()

    def load_config(self) -> None:
        """Take the settings."""
        for name, value in self.settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application."""
        return self.app


def serve(app: Flask, host: str, port: int, fill_empty: Callable[[], None]) -> None:
    """Migrate, let ``fill_empty`` fill an empty database, serve until stopped.

    Raises ClickException when the port is taken or when a part ends by itself.
    """
    refuse_taken_port(host, port)
    url = f"http://{host}:{port}"
    if "PUBLIC_URL" not in os.environ:
        app.config["PUBLIC_URL"] = url
    upgrade()
    fill_empty()
    text = welcome(url)
    db.engine.dispose()  # what is forked may not share connections
    ended = Supervisor(parts(app, host, port)).run(lambda: answers(host, port), lambda: click.echo(text))
    if ended:
        raise click.ClickException(_("Part that ended by itself: %(part)s. Everything was stopped.", part=ended))


def parts(app: Flask, host: str, port: int) -> dict[str, Part]:
    """What runs, by the name it is spoken of."""
    return {
        _("The web server"): WebServer(app, host, port).run,
        _("The message worker"): lambda: app.cli.commands["deliver"].main([], standalone_mode=False),
    }


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
