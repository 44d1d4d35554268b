"""Keeps the parts of one machine together: all run, or all end.

Parts are forks, so that the application is imported once for all of them: it starts in half the time. On SIGHUP each
part is replaced by a new process with the new code, before the old one ends what it has in hand.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import FrameType

SECONDS_TO_END = 35
"""A little more than a request or a message in hand may take."""
SECONDS_TO_START = 180

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
Part = Callable[[], object]
Successor = Callable[[int], object]
"""Starts a part anew, and writes a byte to the pipe it is given when the part can do its work."""


class Supervisor:
    """Starts ``parts``, by the name they are spoken of, and ends them together.

    They end on a signal, or when one of them ends by itself. No thread may run and no connection be open.
    ``successors``, in their order, take over on SIGHUP; without a terminal only, which says by it that it is gone.
    """

    def __init__(self, parts: Mapping[str, Part], successors: Mapping[str, Successor] | None = None) -> None:
        self.parts = parts
        self.successors = {} if successors is None or _has_terminal() else successors
        self.running: dict[str, int] = {}
        self.leaving: list[int] = []
        self.is_stopping = self.is_impatient = self.is_reloading = False

    def run(self, is_ready: Callable[[], bool], on_ready: Part, on_reload: Callable[[bool], object]) -> str | None:
        """Run until told to stop, then None; or the name of the part that ended by itself.

        ``on_ready`` is called once, when ``is_ready`` answers for the first time; ``on_reload`` after each SIGHUP, with
        whether the new code runs.
        """
        for number in SIGNALS:
            signal.signal(number, self._stop)
        if self.successors:
            signal.signal(signal.SIGHUP, self._reload)
        try:
            for name, part in self.parts.items():
                self.running[name] = _fork(part)
            return self._watch(is_ready, on_ready, on_reload)
        finally:
            self._end_all()

    def _watch(self, is_ready: Callable[[], bool], on_ready: Part, on_reload: Callable[[bool], object]) -> str | None:
        was_ready = False
        while not self.is_stopping:
            for name, process in self.running.items():
                if _has_ended(process) and not self.is_stopping:
                    return name
            self.leaving = [process for process in self.leaving if not _has_ended(process)]
            if not was_ready and is_ready():
                was_ready = True
                on_ready()
            if self.is_reloading and was_ready:
                self.is_reloading = False
                on_reload(all(self._replace(name) for name in self.successors))
            time.sleep(0.1)
        return None

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.is_impatient = self.is_stopping  # told twice
        self.is_stopping = True

    def _reload(self, _number: int, _frame: FrameType | None) -> None:
        self.is_reloading = True

    def _replace(self, name: str) -> bool:
        """Start the successor of a part; when it is ready, the part may end. False leaves everything as it is."""
        reads, writes = os.pipe()
        process = _fork(lambda: self.successors[name](writes))
        os.close(writes)
        is_ready = self._becomes_ready(reads)
        os.close(reads)
        if not is_ready:
            _kill(process)
            return False
        old, self.running[name] = self.running[name], process
        with suppress(ProcessLookupError):
            os.kill(old, signal.SIGTERM)
        self.leaving.append(old)
        return True

    def _becomes_ready(self, pipe: int) -> bool:
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline and not self.is_stopping:
            if select.select([pipe], [], [], 0.1)[0]:
                return bool(os.read(pipe, 1))  # nothing: it has ended
        return False

    def _end_all(self) -> None:
        """Ask every part to end; kill what has not ended in time, and what it may have left behind."""
        processes = [*self.running.values(), *self.leaving]
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)
        deadline = time.monotonic() + SECONDS_TO_END
        for process in processes:
            while not _has_ended(process) and time.monotonic() < deadline and not self.is_impatient:
                time.sleep(0.05)
            _kill(process)


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _has_ended(process: int) -> bool:
    try:
        return os.waitpid(process, os.WNOHANG) != (0, 0)
    except ChildProcessError:
        return True


def _kill(process: int) -> None:
    """End a part and its children at once."""
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
