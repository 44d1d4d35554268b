"""Web servers to measure: two Gunicorn processes each, ours and the references."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Server:
    """Gunicorn with two processes of four threads serving ``target``; ``kill`` ends them as a power cut would."""

    def __init__(self, target: str, environment: Mapping[str, str], log: Path, *, preload: bool = True) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address, self.log, self.port = f"http://127.0.0.1:{port}", log, port
        self.environment = os.environ | environment
        self.command = [
            sys.executable, "-m", "gunicorn", target, "--workers", "2", "--threads", "4", "--log-level", "warning",
            "--bind", f"127.0.0.1:{port}", "--no-control-socket", *(["--preload"] if preload else []),
        ]  # fmt: skip

    def start(self) -> None:
        """Start, and wait until somebody listens."""
        with self.log.open("a") as stream:
            self.process = subprocess.Popen(  # noqa: S603
                self.command, cwd=ROOT, env=self.environment, stdout=stream, stderr=stream, start_new_session=True
            )
        for _ in range(1200):  # a busy machine takes its time
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                if self.process.poll() is not None:
                    raise RuntimeError(self.log.read_text()) from None
                time.sleep(0.1)
            else:
                return
        raise RuntimeError(f"nobody listens: {self.log.read_text()}")

    def _processes(self) -> list[int]:
        """Gunicorn's workers."""
        said = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(number) for number in said.split()]

    def memory_mb(self) -> float:
        """Memory of the largest worker, what it shares with others counted in parts (PSS), in 10^6 bytes."""
        return max(_pss(process) for process in self._processes()) / 1e6

    def kill(self) -> None:
        """End all processes at once."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def _pss(process: int) -> int:
    """Bytes, see proc(5)."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))
