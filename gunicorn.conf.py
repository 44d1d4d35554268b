"""How Gunicorn serves the journal, read by ``flask serve`` and by ``gunicorn wsgi:app`` alike.

Nothing of the application is imported here, and the application is not preloaded: so SIGHUP gives Gunicorn's new
workers the new code.
"""

import ctypes
import gc
import os
from contextlib import suppress
from pathlib import Path

from gunicorn.glogging import Logger
from pythonjsonlogger.json import JsonFormatter

_INSTANCE = Path(os.environ.get("INSTANCE_FOLDER") or Path(__file__).parent / "instance")
_COUNTED = Path(os.environ.get("PROMETHEUS_MULTIPROC_DIR") or _INSTANCE / "metrics")

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4  # they wait for the database; more processes would wait for the one writer of SQLite
graceful_timeout = 30  # seconds that requests in hand may still take after a stop or a reload
control_socket_disable = True
loglevel = os.environ.get("LOG_LEVEL", "INFO").lower()
accesslog = None  # app/logs.py writes a line for each request, without addresses and names


class logger_class(Logger):  # a setting of Gunicorn
    """What Gunicorn itself says, in the form of our own lines."""

    error_fmt = "%(asctime)s %(levelname)s [-] %(message)s"
    datefmt = None

    def setup(self, cfg):
        """Write JSON where the rest does."""
        super().setup(cfg)
        if os.environ.get("LOG_FORMAT") == "json":
            names = {"asctime": "time", "levelname": "level", "name": "logger"}
            form = "%(asctime)s %(levelname)s %(name)s %(message)s %(process)d"
            for handler in self.error_log.handlers:
                handler.setFormatter(JsonFormatter(form, datefmt="%Y-%m-%dT%H:%M:%S%z", rename_fields=names))


_M_ARENA_MAX = -8  # of glibc's malloc.h


def on_starting(_server):
    """Let threads share two pools of memory, of which each keeps what was once its most; glibc makes eight a core.
    Forget the numbers of processes that have ended; a counter begins anew with the server."""
    with suppress(AttributeError, OSError):  # another library of C has no such pools
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)
    for file in _COUNTED.glob("*_*.db"):
        process = file.stem.rsplit("_", 1)[-1]
        if process.isdigit() and not Path(f"/proc/{process}").exists():
            with suppress(OSError):
                file.unlink()


def when_ready(_server):
    """What was loaded before the processes divide stays theirs in common: no collection of garbage writes into it."""
    gc.collect()
    gc.freeze()  # for what a process loads alone see app/long_lived.py


def child_exit(_server, worker):
    """What a process that has ended was doing is no longer in flight."""
    if _COUNTED.is_dir():
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(_COUNTED))
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)
