"""Load on a server: wrk asks in a closed loop, each connection again as soon as it is answered."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.servers import Server

SCRIPT = Path(__file__).with_name("load.lua")
PATIENCE = 120
"""Seconds after which an answer is given up."""
SETTLES = 2.0  # seconds
SLOW = 1


class LoadError(RuntimeError):
    """Something was not answered as it should have been; the figures would mean nothing."""


@dataclass(frozen=True)
class Asked:
    """A page that is asked for."""

    path: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Writer:
    """Who saves one edit after the other; ``cells`` are work, student and version, or ``form`` is what is posted."""

    path: str
    headers: Mapping[str, str]
    cells: Sequence[Mapping[str, int]] = ()
    key: str = ""
    form: str = ""


@dataclass(frozen=True)
class Speed:
    """What wrk says: requests a second, milliseconds."""

    rate: float
    p50: float
    p99: float


def warm(server: Server, page: Asked, times: int = 4) -> Answer:
    """Ask for a page some times over new connections, so that each process has it compiled; the last answer.

    A page that takes long is not asked for again. Raises LoadError for an answer that is not 200.
    """
    for _ in range(times):
        answer = ask(server, page)
        if answer.seconds > SLOW:
            break
    return answer


@dataclass(frozen=True)
class Answer:
    """What came back, the validator of its content, and how long it took."""

    body: bytes
    etag: str | None
    seconds: float


def ask(server: Server, page: Asked, **headers: str) -> Answer:
    """One request over a connection of its own. Raises LoadError for an answer that is not 200."""
    connection = HTTPConnection(urlsplit(server.address).netloc, timeout=PATIENCE)
    begun = time.perf_counter()
    connection.request("GET", page.path, headers={**page.headers, **headers})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise LoadError(f"{page.path}: {answer.status}\n{body[:500].decode(errors='replace')}")
    return Answer(body, answer.headers.get("ETag"), time.perf_counter() - begun)


def settle() -> None:
    """Wait for what the load before asked last: it is still being saved, and versions read meanwhile would be old."""
    time.sleep(SETTLES)


def measure(server: Server, plan: Sequence[Asked] | Sequence[Writer], connections: int, seconds: float) -> Speed:
    """Ask over that many connections. Raises LoadError when an answer is none, or an edit is not saved."""
    kind = "writers" if isinstance(plan[0], Writer) else "requests"
    file = server.log.with_suffix(".plan.lua")
    file.write_text(f"return {{{kind} = {_lua([_plain(one) for one in plan])}}}")
    threads = connections if kind == "writers" else 1
    command = [
        "wrk", "--connections", str(connections), "--threads", str(threads), "--duration", f"{max(1, round(seconds))}s",
        "--timeout", f"{PATIENCE}s", "--script", str(SCRIPT), server.address,
    ]  # fmt: skip
    done = subprocess.run(
        command, env=os.environ | {"BENCH_PLAN": str(file)}, check=True, capture_output=True, text=True
    )
    line = next((line for line in done.stdout.splitlines() if line.startswith("FIGURES ")), "")
    if not line:
        raise LoadError(done.stdout + done.stderr)
    said = json.loads(line.removeprefix("FIGURES "))
    if not said["requests"] and not said["failed"] and isinstance(plan[0], Asked):
        return once(ask(server, plan[0]))
    if said["failed"] or not said["requests"]:
        raise LoadError(f"{plan[0].path}: {said}\n{server.log.read_text()[-2000:]}")
    return Speed(said["requests"] / said["microseconds"] * 1e6, said["p50"] / 1000, said["p99"] / 1000)


def once(answer: Answer) -> Speed:
    """Of a page that takes longer than a load lasts: what one answer says."""
    return Speed(1 / answer.seconds, 1000 * answer.seconds, 1000 * answer.seconds)


def _plain(one: Asked | Writer) -> dict[str, Any]:
    return {name: value for name, value in vars(one).items() if value}


def _lua(value: Any) -> str:
    """A value as Lua writes it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"[{_lua(name)}] = {_lua(each)}" for name, each in value.items()) + "}"
    if isinstance(value, str):
        return (
            '"'
            + "".join(f"\\{byte:03d}" if byte < 32 or byte in b'"\\' else chr(byte) for byte in value.encode("latin-1"))
            + '"'
        )
    if isinstance(value, Sequence):
        return "{" + ", ".join(map(_lua, value)) + "}"
    return str(value)
