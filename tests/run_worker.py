"""Message workers as processes of their own, with short waits: ``python -m tests.run_worker INSTANCE``.

«start» on its standard input forks one and answers with its number; «end NUMBER» answers with how it ended. Forked,
because a killed one is replaced often, and the application takes seconds to import.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from threading import Event

from flask import Flask

from app import create_app
from app.credentials import texts
from app.delivery import outbox, worker
from app.delivery.outbox import Timing
from app.delivery.transports import email, twilio
from app.delivery.worker import Worker, transports

# Seconds: who is killed is found dead soon; where nobody is, a call may take long on a busy machine.
LEASE = 60 if "HURRY" in os.environ else 6


def hurry() -> None:
    """Wait for seconds where a worker waits for minutes."""
    outbox.FIRST_DELAY = worker.PAUSE = 0.2
    email.TIMEOUT = 1
    twilio.READ_TIMEOUT = 1.0


def run(app: Flask) -> None:
    """Send until told to stop."""
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    timing = Timing(lease=LEASE, callback=0.2, poll=0.05)
    with app.app_context():
        Worker(transports(app), texts.compose, per_second=0, stop=stop, timing=timing).run()


def main() -> None:
    """Do what the test asks."""
    app = create_app(instance=Path(sys.argv[1]))
    if "HURRY" in os.environ:
        hurry()
    for line in sys.stdin:
        words = line.split()
        if words[0] == "end":
            _process, status = os.waitpid(int(words[1]), 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
            continue
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # one that comes at once is not lost
        process = os.fork()
        if process == 0:
            run(app)
            return
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        print(process, flush=True)


if __name__ == "__main__":
    main()
