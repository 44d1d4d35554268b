"""``flask deliver``: the message worker as a command."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import datetime
from threading import Event

import click
from flask import Flask

from app.delivery.outbox import Timing
from app.delivery.transports import Compose
from app.delivery.worker import Worker, transports


def register(
    app: Flask, compose: Compose, upkeep: Callable[[datetime], None], tell: Callable[[datetime], None],
    minutely: Callable[[datetime], None],
) -> None:  # fmt: skip
    """Add the command; ``compose`` makes the text of a delivery, ``upkeep`` is done now and then besides.

    ``tell`` puts into the outbox what people are to be told, ``minutely`` is short and done each minute.
    """

    @app.cli.command("deliver")
    @click.option("--once", is_flag=True, help="Send what is due and end.")
    @click.option("--lease", type=float, hidden=True, help="Seconds after which a silent worker is taken for dead.")
    @click.option("--ready", type=int, hidden=True, help="A pipe that gets a byte when the worker can work.")
    def deliver(once: bool, lease: float | None, ready: int | None) -> None:
        """Send the messages of the outbox until stopped."""
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        rate = app.config["DELIVERIES_PER_SECOND"]
        worker = Worker(
            transports(app), compose, per_second=rate, stop=stop, timing=Timing(lease=lease) if lease else None,
            upkeep=upkeep, tell=tell, minutely=minutely,
        )  # fmt: skip
        if ready is not None:
            os.write(ready, b"1")
            os.close(ready)
        worker.run(once=once)
