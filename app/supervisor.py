"""Keeps the processes of one machine together: all run, or all end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

SECONDS_TO_END = 10


@dataclass
class Supervisor:
    """Starts commands and ends them together: on a signal, or when one of them ends by itself."""

    commands: Mapping[str, Sequence[str]]
    environment: Mapping[str, str]
    _children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _is_stopping: bool = False

    def run(self, is_ready: Callable[[], bool], on_ready: Callable[[], None]) -> str | None:
        """Run until told to stop, then None; or the name of the command that ended by itself.

        ``on_ready`` is called once, when ``is_ready`` answers for the first time.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        try:
            for name, command in self.commands.items():
                # A session of its own: Ctrl-C reaches the supervisor only, which ends the rest in order.
                self._children[name] = subprocess.Popen(  # noqa: S603
                    command, env=dict(self.environment), start_new_session=True
                )
            return self._watch(is_ready, on_ready)
        finally:
            self._end_all()

    def _watch(self, is_ready: Callable[[], bool], on_ready: Callable[[], None]) -> str | None:
        was_ready = False
        while not self._is_stopping:
            for name, child in self._children.items():
                if child.poll() is not None and not self._is_stopping:
                    return name
            if not was_ready and is_ready():
                was_ready = True
                on_ready()
            time.sleep(0.1)
        return None

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    def _end_all(self) -> None:
        """Ask every child to end, and end what has not ended in time together with its own children."""
        for child in self._children.values():
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + SECONDS_TO_END
        for child in self._children.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(max(0.1, deadline - time.monotonic()))
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def python(*arguments: str) -> list[str]:
    """A command of the interpreter and environment that run now."""
    return [sys.executable, "-m", *arguments]
