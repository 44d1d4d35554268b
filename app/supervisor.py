"""Keeps the parts of one machine together: all run, or all end.

Parts are forks, so that the application is imported once for all of them: it starts in half the time.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import FrameType

SECONDS_TO_END = 10
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
Part = Callable[[], object]


class Supervisor:
    """Starts ``parts``, by the name they are spoken of, and ends them together.

    They end on a signal, or when one of them ends by itself. No thread may run and no connection be open.
    """

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self.parts = parts
        self.running: dict[str, int] = {}
        self.is_stopping = False

    def run(self, is_ready: Callable[[], bool], on_ready: Part) -> str | None:
        """Run until told to stop, then None; or the name of the part that ended by itself.

        ``on_ready`` is called once, when ``is_ready`` answers for the first time.
        """
        for number in SIGNALS:
            signal.signal(number, self._stop)
        try:
            for name, part in self.parts.items():
                self.running[name] = _fork(part)
            return self._watch(is_ready, on_ready)
        finally:
            self._end_all()

    def _watch(self, is_ready: Callable[[], bool], on_ready: Part) -> str | None:
        was_ready = False
        while not self.is_stopping:
            for name in self.running:
                if self._has_ended(name) and not self.is_stopping:
                    return name
            if not was_ready and is_ready():
                was_ready = True
                on_ready()
            time.sleep(0.1)
        return None

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.is_stopping = True

    def _has_ended(self, name: str) -> bool:
        try:
            return os.waitpid(self.running[name], os.WNOHANG) != (0, 0)
        except ChildProcessError:
            return True

    def _end_all(self) -> None:
        """Ask every part to end; kill what has not ended in time, and what it may have left behind."""
        for process in self.running.values():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)
        deadline = time.monotonic() + SECONDS_TO_END
        for name, process in self.running.items():
            while not self._has_ended(name) and time.monotonic() < deadline:
                time.sleep(0.05)
            with suppress(ProcessLookupError):
                os.killpg(process, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(process, 0)


def _fork(part: Part) -> int:
    """Run ``part`` in a process of its own; its id, which is also that of its process group."""
    sys.stdout.flush()
    sys.stderr.flush()
    # Until the child handles signals itself, they wait: one that came at once must not be lost.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    process = os.fork()
    if process:
        with suppress(OSError):  # the child does the same; whoever is first
            os.setpgid(process, process)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        return process
    code = 1
    try:
        # A group of its own: Ctrl-C reaches the supervisor only, which ends the rest in order.
        os.setpgid(0, 0)
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        part()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
