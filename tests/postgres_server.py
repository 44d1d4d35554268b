"""A PostgreSQL server of this test process, reached over a socket; it can be stopped, killed and frozen."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path


class PostgresServer:
    """``url`` is the address of its database «postgres»; ``account`` is whom it runs as, where that is not us.

    With ``listen`` it is reached at that address and ``port`` instead of a socket. Tests do not wait for the disk; what
    ``is_durable`` does. ``kept`` is a folder that ``keep`` has written: the server begins with a copy of it.
    """

    def __init__(
        self, listen: str = "", port: int = 5432, *, is_durable: bool = False, kept: Path | None = None
    ) -> None:
        self.listen, self.port, self.fsync, self.kept = listen, port, "on" if is_durable else "off", kept
        self.folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
        initdb = shutil.which("initdb") or str(max(Path("/usr/lib/postgresql").glob("*/bin/initdb")))
        self.programs, self.data = Path(initdb).resolve().parent, self.folder / "data"
        self.account = "postgres" if os.getuid() == 0 else None  # PostgreSQL refuses to run as root
        if self.account:
            self.give(self.folder)
        self.url = f"postgresql://school@/postgres?host={self.folder}"
        if listen:
            self.url = f"postgresql://school@{listen}:{port}/postgres"

    def __enter__(self) -> PostgresServer:
        if self.kept:
            subprocess.run(["cp", "-a", "--reflink=auto", str(self.kept), str(self.data)], check=True)
        else:
            self._run("initdb", "-D", self.data, "-U", "school", "--auth=trust", "--encoding=UTF8", "--no-sync")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def give(self, folder: Path) -> None:
        """Let the server write in a folder."""
        if self.account:
            os.chown(folder, pwd.getpwnam(self.account).pw_uid, -1)

    def start(self) -> None:
        """Start, and wait until it answers."""
        settings = f"-c listen_addresses='{self.listen}' -c port={self.port} -c fsync={self.fsync}"
        settings += f" -c unix_socket_directories={self.folder}"
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "-o", settings, "start")

    def stop(self) -> None:
        """End it as a crash would: no connection is closed in order, nothing is written down."""
        self._run("pg_ctl", "-D", self.data, "-m", "immediate", "stop")

    def keep(self, folder: Path) -> None:
        """Write everything into a new folder, for another server to begin with."""
        self._run("pg_ctl", "-D", self.data, "-m", "fast", "stop")
        subprocess.run(["cp", "-a", "--reflink=auto", str(self.data), str(folder)], check=True)
        self.start()

    def freeze(self) -> None:
        """It keeps its connections and says nothing any more."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for process in [postmaster, *map(int, children)]:
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self.programs / program), *map(str, arguments)]
        subprocess.run(command, check=True, user=self.account, stdout=subprocess.DEVNULL, cwd=self.folder)
