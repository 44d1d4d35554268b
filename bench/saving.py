"""Saving edits of the journal page: one browser, and forty at once; ours next to the floor."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from bench.browser import Browser
from bench.servers import Server

SECONDS = 8.0
Send = Callable[[Browser, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """One measurement: requests a second, and milliseconds of a request."""

    what: str
    who: str
    browsers: int
    rate: float
    p50: float
    p99: float


def measured(what: str, who: str, browsers: list[Browser], edits: list[dict[str, Any]], send: Send) -> Row:
    """Let every browser save one mark after the other for some seconds, each in a cell of its own."""
    start, stop = threading.Barrier(len(browsers) + 1), threading.Event()
    failures: list[BaseException] = []

    def work(number: int) -> None:
        browser, edit = browsers[number], edits[number]
        browser.took.clear()
        start.wait()
        try:
            count = 0
            while not stop.is_set():
                count += 1
                edit |= {"key": f"{time.time_ns()}-{number}", "value": str(2 + count % 4)}
                answer = send(browser, edit)
                if answer["status"] != "saved":
                    raise RuntimeError(answer)
                edit["version"] = answer["version"]
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(browsers))]
    for thread in threads:
        thread.start()
    start.wait()
    begun = time.perf_counter()
    time.sleep(SECONDS)
    stop.set()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    if failures:
        raise failures[0]
    times = sorted(1000 * one for browser in browsers for one in browser.took)
    cuts = quantiles(times, n=100)
    return Row(what, who, len(browsers), len(times) / took, cuts[49], cuts[98])


def ours(browser: Browser, edit: dict[str, Any]) -> dict[str, Any]:
    """An edit as the journal page sends it."""
    return browser.edit(browser.assignment_id, [edit])[0]


def floor(browser: Browser, edit: dict[str, Any]) -> dict[str, Any]:
    """The same JSON to the bare callable."""
    status, body = browser.ask("POST", "/", json.dumps({"edits": [edit]}), {"Content-Type": "application/json"})
    if status != 200:
        raise RuntimeError(body)
    result: dict[str, Any] = json.loads(body)["results"][0]
    return result


def run(database: Path, folder: Path) -> list[Row]:
    """Measure on a demo school in ``database``; the floor works on a copy."""
    copy = folder / "floor.sqlite"
    copy.write_bytes(database.read_bytes())
    rows = []
    environment = {"DATABASE_URL": f"sqlite:///{database}", "SECRET_KEY": "bench"}
    with Server("wsgi:app", environment, folder / "ours.log") as server:
        edits, browsers = _signed_in(server.address, 40)
        for count in (1, 40):
            rows.append(measured("save one mark", "ours", browsers[:count], edits, ours))
        if "locked" in server.log.read_text():
            raise RuntimeError(server.log.read_text())
    with Server("bench.floor:application", {"FLOOR_DATABASE": str(copy)}, folder / "floor.log") as server:
        plain = [Browser(server.address) for _ in range(40)]
        for count in (1, 40):
            rows.append(measured("save one mark", "floor", plain[:count], edits, floor))
    return rows


def _signed_in(address: str, count: int) -> tuple[list[dict[str, Any]], list[Browser]]:
    """Browsers of the demo's teacher, each with a cell of its own."""
    browsers = []
    for _ in range(count):
        browser = Browser(address)
        browser.sign_in("teacher", "teacher")
        browsers.append(browser)
    cells = list(_cells(browsers[0]))[:count]
    edits = []
    for browser, (assignment_id, edit) in zip(browsers, cells, strict=True):
        browser.assignment_id = assignment_id
        browser.state(assignment_id)
        edits.append(edit)
    return edits, browsers


def _cells(browser: Browser) -> Any:
    """Empty cells of works that the teacher writes in, in the order of the journals."""
    for assignment_id in browser.journals():
        state = browser.state(assignment_id)
        written = {lesson["id"] for lesson in state["lessons"] if lesson["writable"] and lesson["marks"]}
        marked = {(entry[0], entry[1]) for entry in state["entries"]}
        for work in state["works"]:
            for student in state["students"]:
                is_there = student["from"] is None and student["until"] is None
                if is_there and work["lesson"] in written and (work["id"], student["id"]) not in marked:
                    yield assignment_id, {"student": student["id"], "work": work["id"], "version": 0}
