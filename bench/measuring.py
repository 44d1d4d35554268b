"""One run: every work by every contestant over one database, then what is done in one go."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from bench import commands, mixed
from bench.contestants import AGAIN, WORKS, WRITES, Contestant, contestants
from bench.databases import Made
from bench.ground import Ground, sign_in_to_django, survey
from bench.load import SLOW, Asked, LoadError, measure, once, settle, warm
from bench.servers import ROOT, Server
from bench.settings import CONNECTIONS, Settings

Figures = dict[str, Any]
"""What docs/performance.json holds, see docs/performance.md."""

MOST_FIRST = sorted(CONNECTIONS, reverse=True)
WARMING = 4.0  # seconds
MIXED_SECONDS = 10
"""How much longer the mixed load lasts than any other."""


def run(made: Made, folder: Path, settings: Settings, say: Callable[[str], None]) -> Figures:
    """Figures of one database. A work that fails is told and left out."""
    ground = survey(made.url, folder)
    pages: defaultdict[str, Figures] = defaultdict(dict)
    found: Figures = {"demo": {"seconds": made.seconds, "megabytes": made.megabytes}, "pages": pages, "memory": {}}
    everybody = contestants(ground, sign_in_to_django(made.url))
    if settings.seconds:
        _serve(everybody, ground, folder, settings, found, say)
        commands.recount(made.url, folder)
    for one in everybody:
        _count(one, made, pages, settings)
        say(_counted_line(one.name, pages))
    for name, act in (("credentials", commands.issued), ("import", commands.import_list)):
        if settings.measures(name):
            found[name] = act(made.url, folder)
            say(f"{name} {found[name]}")
    return found


def _serve(
    everybody: Sequence[Contestant], ground: Ground, folder: Path, settings: Settings, found: Figures,
    say: Callable[[str], None],
) -> None:  # fmt: skip
    """Load on the contestants' servers, one after the other for each work, so that a machine that is slower for a while
    is so for all of them; their memory afterwards."""
    environment = {"DATABASE_URL": ground.database_url, "SECRET_KEY": "bench"}
    with ExitStack() as stack:
        servers = [
            stack.enter_context(Server(one.target, environment, folder / f"{one.name}.log")) for one in everybody
        ]
        for work in filter(settings.measures, WORKS):
            for one, server in zip(everybody, servers, strict=True):
                try:
                    speeds = _speeds(server, one, work, settings.seconds, say)
                except LoadError as error:
                    say(f"{work} of {one.name} failed: {error}")
                    continue
                if speeds:
                    found["pages"][work][one.name] = {"speed": speeds}
                    say(_line(work, one.name, speeds))
        if settings.measures("mixed"):
            found["mixed"] = mixed.run(servers[0], ground, MIXED_SECONDS * settings.seconds)
            say(f"mixed {found['mixed']}")
        for one, server in zip(everybody, servers, strict=True):
            if any(one.name in of for of in found["pages"].values()):
                found["memory"][one.name] = server.memory_mb()


def _counted_line(who: str, pages: dict[str, Figures]) -> str:
    shown = [(work, of[who]) for work, of in pages.items() if "cpu_ms" in of.get(who, {})]
    return f"{who}: " + ", ".join(f"{work} {one['cpu_ms']:.2f} ms / {one['statements']}" for work, one in shown)


def _speeds(server: Server, one: Contestant, work: str, seconds: float, say: Callable[[str], None]) -> Figures:
    """By number of connections, how fast a contestant does a work; empty where it does not do it. Raises LoadError."""
    if work in WRITES:
        return _written(server, one, work, seconds, say)
    page = one.reads().get(work)
    return {} if page is None else _read(server, page, work, seconds)


def _read(server: Server, page: Asked, work: str, seconds: float) -> Figures:
    """How fast a page is over 16, 4 and 1 connections. Raises LoadError.

    It is asked for some seconds before: each connection to PostgreSQL plans a statement ten times before it keeps the
    plan. One that takes longer than a load lasts is asked once.
    """
    answer = warm(server, page)
    if answer.seconds > SLOW:
        return {str(number): asdict(once(answer)) for number in MOST_FIRST}
    if work == AGAIN and answer.etag:
        page = replace(page, headers={**page.headers, "If-None-Match": answer.etag})
    measure(server, [page], max(CONNECTIONS), WARMING)
    return {str(number): asdict(measure(server, [page], number, seconds)) for number in MOST_FIRST}


def _written(server: Server, one: Contestant, work: str, seconds: float, say: Callable[[str], None]) -> Figures:
    """How fast edits are saved over 16, 4 and 1 connections; without those over which one was not saved."""
    found = {}
    for connections in MOST_FIRST:
        settle()
        writers = one.writers(work, connections)
        if writers is None:
            return {}
        try:
            found[str(connections)] = asdict(measure(server, writers, len(writers), seconds))
        except LoadError as error:
            say(f"{work} of {one.name} over {connections} failed: {error}")
    return found


def _line(work: str, who: str, speeds: Figures) -> str:
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
