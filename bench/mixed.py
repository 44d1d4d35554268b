"""The load of a school morning: 16 teachers save a mark each second, 200 parents open a page every five seconds."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from statistics import quantiles
from typing import Any

from bench.browser import Browser
from bench.contestants import Ours
from bench.ground import Ground, Journal, SignedIn
from bench.load import settle
from bench.servers import Server

TEACHER_PAUSE, PARENT_PAUSE = 1.0, 5.0
"""Seconds between an answer and the next request, on average: people look and think."""


def run(server: Server, ground: Ground, seconds: float) -> dict[str, dict[str, float]]:
    """Figures of the teachers' edits and the parents' pages; edits that were not saved are counted as failed."""
    settle()
    stop = threading.Event()
    edits, pages = _Times(), _Times()
    people: list[tuple[Callable[[], None], float, _Times]] = []
    for place, journal in enumerate(ground.journals):
        people.append((_teacher(server, Ours(ground), journal, place), TEACHER_PAUSE, edits))
    for parent, child in ground.parents:
        people.append((_parent(server, parent, child, ground.monday), PARENT_PAUSE, pages))
    threads = [threading.Thread(target=_live, args=(*one, stop)) for one in people]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    return {"teachers": edits.figures(took, len(ground.journals)), "parents": pages.figures(took, len(ground.parents))}


class _Times:
    """How long answers took, in milliseconds, and how many were none."""

    def __init__(self) -> None:
        self.taken: list[float] = []
        self.failed = 0

    def figures(self, seconds: float, people: int) -> dict[str, float]:
        """Rounded figures; a single answer gives no quantiles."""
        cuts = quantiles(self.taken, n=100) if len(self.taken) > 1 else [0.0] * 99
        return {"people": people, "rate": round(len(self.taken) / seconds, 1), "p50": round(cuts[49], 1),
                "p99": round(cuts[98], 1), "failed": self.failed}  # fmt: skip


def _live(act: Callable[[], None], pause: float, times: _Times, stop: threading.Event) -> None:
    """Act now and then until told to stop; each person at moments of their own."""
    chance = random.Random(id(act))
    while not stop.wait(chance.uniform(0, 2 * pause)):
        begun = time.perf_counter()
        try:
            act()
        except (AssertionError, OSError):
            times.failed += 1
        else:
            times.taken.append(1000 * (time.perf_counter() - begun))


def _browser(server: Server, person: SignedIn) -> Browser:
    browser = Browser(server.address)
    name, _, value = person.cookie.partition("=")
    browser.cookies[name] = value
    browser.token = person.token
    return browser


def _teacher(server: Server, ours: Ours, journal: Journal, place: int) -> Callable[[], None]:
    """Saves marks down a column, as one who types them in."""
    browser = _browser(server, journal.teacher)
    cells: list[dict[str, Any]] = ours.writers("edits", place + 1)[place].cells  # type: ignore[assignment]
    count = 0

    def save() -> None:
        nonlocal count
        count += 1
        cell = cells[count % len(cells)]
        edit = {**cell, "key": f"mixed-{place}-{time.time_ns()}", "value": str(2 + count // len(cells) % 4)}
        [result] = browser.edit(journal.id, [edit])
        assert result["status"] == "saved", result
        cell["version"] = result["version"]

    return save


def _parent(server: Server, parent: SignedIn, child: int, monday: str) -> Callable[[], None]:
    """Opens the diary's pages in turn."""
    browser = _browser(server, parent)
    pages = [f"/diary/{child}/", f"/diary/{child}/week/", f"/diary/{child}/week/{monday}/", f"/diary/{child}/marks/"]
    count = random.Random(child).randrange(len(pages))

    def look() -> None:
        nonlocal count
        count += 1
        status, _page = browser.ask("GET", pages[count % len(pages)])
        assert status == 200, status

    return look
