"""Demo schools in databases of their own: SQLite files, and a temporary PostgreSQL server that waits for its disk."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.servers import ROOT
from tests.postgres_server import PostgresServer


@dataclass(frozen=True)
class Made:
    """A database with a demo school; ``seconds`` it took to fill it (None: nobody knows), its size in 10^6 bytes."""

    url: str
    seconds: float | None
    megabytes: float


def flask(url: str, *command: str) -> float:
    """Run a command of the journal; how many seconds it took."""
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *command], cwd=ROOT, check=True, capture_output=True,
        env=os.environ | {"DATABASE_URL": url, "SECRET_KEY": "bench", "LOG_LEVEL": "ERROR"},
    )  # fmt: skip
    return time.perf_counter() - begun


@contextmanager
def school(kind: str, size: str, folder: Path, keep: Path | None) -> Iterator[Made]:
    """A demo school of ``size`` in a database of ``kind``, to be written into; gone afterwards."""
    if kind == "sqlite":
        yield _file(size, folder, keep)
        return
    kept = (keep or folder) / f"{size}.postgresql"
    is_there = kept.exists()
    with PostgresServer(is_durable=True, kept=kept if is_there else None) as server:
        url = server.url.replace("postgresql://", "postgresql+psycopg://")
        flask(url, "db", "upgrade")
        seconds = _seconds_of(kept) if is_there else flask(url, "demo", "--size", size)
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            found = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        if keep and not is_there:
            keep.mkdir(parents=True, exist_ok=True)
            server.keep(kept)
            _note(kept, seconds)
        yield Made(url, seconds, (found[0] if found else 0) / 1e6)


def _file(size: str, folder: Path, keep: Path | None) -> Made:
    """A copy of the kept file, or a new one."""
    source = (keep or folder) / f"{size}.sqlite"
    seconds = _seconds_of(source)
    if not source.exists():
        source.parent.mkdir(parents=True, exist_ok=True)
        unfinished = source.with_suffix(".unfinished")
        flask(f"sqlite:///{unfinished}", "db", "upgrade")
        seconds = flask(f"sqlite:///{unfinished}", "demo", "--size", size)
        _into_one_file(unfinished)
        unfinished.rename(source)
        _note(source, seconds)
    used = folder / f"used-{size}.sqlite"
    subprocess.run(["cp", "--reflink=auto", str(source), str(used)], check=True)
    flask(f"sqlite:///{used}", "db", "upgrade")  # a kept one may be older than the code
    return Made(f"sqlite:///{used}", seconds, source.stat().st_size / 1e6)


def _note(kept: Path, seconds: float | None) -> None:
    kept.with_suffix(f"{kept.suffix}.seconds").write_text(str(seconds))


def _seconds_of(kept: Path) -> float | None:
    """How long it took to fill a database that is kept; None where nobody noted it."""
    noted = kept.with_suffix(f"{kept.suffix}.seconds")
    return float(noted.read_text()) if noted.exists() else None


def _into_one_file(database: Path) -> None:
    """Take into the file what stands in its write-ahead log: the log does not go with it when it is moved."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
