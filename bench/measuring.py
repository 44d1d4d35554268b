"""One run: every work by every contestant over one database, then what is done in one go."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from bench import commands, mixed
from bench.contestants import AGAIN, WORKS, WRITES, Contestant, Ours, contestants
from bench.databases import Made
from bench.ground import Ground, sign_in_to_django, survey
from bench.load import Asked, LoadError, measure, settle, warm
from bench.servers import ROOT, Server
from bench.settings import CONNECTIONS, Settings

Figures = dict[str, Any]
"""What docs/performance.json holds, see docs/performance.md."""

MOST_FIRST = sorted(CONNECTIONS, reverse=True)
WARMING = 1.0  # seconds
MIXED_SECONDS = 10
"""How much longer the mixed load lasts than any other."""


def run(made: Made, folder: Path, settings: Settings, say: Callable[[str], None]) -> Figures:
    """Figures of one database. A work that fails is told and left out."""
    ground = survey(made.url, folder)
    pages: defaultdict[str, Figures] = defaultdict(dict)
    found: Figures = {"demo": {"seconds": made.seconds, "megabytes": made.megabytes}, "pages": pages, "memory": {}}
    for one in contestants(ground, sign_in_to_django(made.url)):
        if settings.seconds:
            _serve(one, ground, folder, settings, found, say)
            commands.recount(made.url, folder)
        _count(one, made, pages, settings)
        say(_counted_line(one.name, pages))
    for name, act in (("credentials", commands.issued), ("import", commands.import_list)):
        if settings.measures(name):
            found[name] = act(made.url, folder)
            say(f"{name} {found[name]}")
    return found


def _serve(
    one: Contestant, ground: Ground, folder: Path, settings: Settings, found: Figures, say: Callable[[str], None]
) -> None:
    """Load on the contestant's server, and its memory afterwards."""
    environment = {"DATABASE_URL": ground.database_url, "SECRET_KEY": "bench"}
    with Server(one.target, environment, folder / f"{one.name}.log") as server:
        measured = _of_contestant(server, one, settings, say)
        for work, figures in measured.items():
            found["pages"][work][one.name] = figures
        if measured:
            found["memory"][one.name] = server.memory_mb()
        if isinstance(one, Ours) and settings.measures("mixed"):
            found["mixed"] = mixed.run(server, ground, MIXED_SECONDS * settings.seconds)
            say(f"mixed {found['mixed']}")


def _counted_line(who: str, pages: dict[str, Figures]) -> str:
    shown = [(work, of[who]) for work, of in pages.items() if "cpu_ms" in of.get(who, {})]
    return f"{who}: " + ", ".join(f"{work} {one['cpu_ms']:.2f} ms / {one['statements']}" for work, one in shown)


def _of_contestant(
    server: Server, one: Contestant, settings: Settings, say: Callable[[str], None]
) -> dict[str, Figures]:
    found = {}
    for work, asked in one.reads().items():
        if settings.measures(work):
            try:
                found[work] = _page(server, work, asked, settings.seconds)
                say(_line(work, one.name, found[work]))
            except LoadError as error:
                say(f"{work} of {one.name} failed: {error}")
    for work in WRITES:
        speeds = {}
        for connections in MOST_FIRST if settings.measures(work) else ():
            settle()
            writers = one.writers(work, connections)
            if writers is None:
                break
            try:
                speeds[str(connections)] = asdict(measure(server, writers, len(writers), settings.seconds))
            except LoadError as error:
                say(f"{work} of {one.name} failed: {error}")
        if speeds:
            found[work] = {"speed": speeds}
            say(_line(work, one.name, found[work]))
    return found


def _page(server: Server, work: str, asked: Asked, seconds: float) -> Figures:
    """A page's speed over 16, 4 and 1 connections, after a second of it: each connection to PostgreSQL plans a
    statement some times before it keeps the plan."""
    answer = warm(server, asked)
    if work == AGAIN and answer.etag:
        asked = replace(asked, headers={**asked.headers, "If-None-Match": answer.etag})
    measure(server, [asked], max(CONNECTIONS), WARMING)
    return {"speed": {str(number): asdict(measure(server, [asked], number, seconds)) for number in MOST_FIRST}}


def _line(work: str, who: str, figures: Figures) -> str:
    speeds = figures["speed"]
    rates = " ".join(f"{speeds[str(n)]['rate']:9.1f}" for n in CONNECTIONS if str(n) in speeds)
    last = speeds[max(speeds, key=int)]
    return f"{work:<14}{who:<8}{rates}  p50 {last['p50']:.1f} p99 {last['p99']:.1f} ms"


def _count(one: Contestant, made: Made, pages: dict[str, Figures], settings: Settings) -> None:
    """Add statements, processor time and size of an answer to what was measured."""
    works = {work for work in WORKS if settings.measures(work) and (one.name in pages[work] or not settings.seconds)}
    for work, figures in counted(one.target, made.url, requests_of(one, works)).items():
        pages[work].setdefault(one.name, {}).update(figures)


def requests_of(one: Contestant, works: Collection[str]) -> Figures:
    """What ``bench.counting`` is to ask for these works."""
    asked: Figures = {
        work: {"path": page.path, "headers": dict(page.headers), "again": work == AGAIN}
        for work, page in one.reads().items()
        if work in works
    }
    for work in WRITES:
        writers = one.writers(work, 1) if work in works else None
        if writers:
            asked[work] = {name: value for name, value in vars(writers[0]).items() if value}
    return asked


def counted(target: str, url: str, asked: Figures, *options: str) -> Figures:
    """What ``bench.counting`` says, in a process of its own. Raises RuntimeError."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.counting", target, *options], input=json.dumps(asked), cwd=ROOT, text=True,
        capture_output=True, env=os.environ | {"DATABASE_URL": url, "SECRET_KEY": "bench", "LOG_LEVEL": "ERROR"},
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return dict(json.loads(done.stdout.splitlines()[-1]))
