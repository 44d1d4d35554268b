"""A message worker as a process of its own, with a short lease: ``python -m tests.run_worker INSTANCE``."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from threading import Event

from app import create_app
from app.credentials import texts
from app.delivery.outbox import Timing
from app.delivery.worker import Worker, transports

if __name__ == "__main__":
    app, stop = create_app(instance=Path(sys.argv[1])), Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    timing = Timing(lease=6, callback=0.2, poll=0.05)
    print("ready", flush=True)
    with app.app_context():
        Worker(transports(app), texts.compose, per_second=0, stop=stop, timing=timing).run()
