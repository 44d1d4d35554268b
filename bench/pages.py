"""``python -m bench.pages SCHOOL.sqlite COMPLEX.sqlite [--only WORD] [--write]``: what each kind of page costs in both.

Both demo schools are opened by the same people, who follow links until they have seen a page of each kind; then both
answer the same kind of page in turn, each in a process of its own, so that other work on the machine slows both alike.
Those that cost more than they should in the larger are printed by the ratio of processor time, the largest first;
``--write`` puts the table into docs/performance.md. Works on copies. ``--only`` narrows it to addresses with the word.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

from bench.servers import ROOT

PEOPLE = ("deputy", "classteacher", "teacher", "guardian")
WARMING, TIMED = 2, 7
TARGET = 1.2
SLIGHT = 1.0  # milliseconds: a difference that no one could measure
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- made by python -m bench.pages: begin -->", "<!-- made by python -m bench.pages: end -->"
Kind = tuple[str, str]
"""Who opens it, and its kind as tests.crawling.path_shape tells it."""


@dataclass(frozen=True)
class Cost:
    """Of a page: milliseconds of processor time, statements, bytes."""

    ms: float
    statements: int
    bytes: int


class Reader:
    """A process that opens pages of one database when it is told to."""

    def __init__(self, database: Path) -> None:
        environment = os.environ | {
            "DATABASE_URL": f"sqlite:///{database}", "SECRET_KEY": "bench", "LOG_LEVEL": "ERROR",
            "INSTANCE_FOLDER": str(database.parent / f"of {database.name}"),
        }  # fmt: skip
        command = [sys.executable, "-m", "bench.pages", "--reader"]
        self.process = subprocess.Popen(  # noqa: S603
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, **asked: Any) -> Any:
        """Its answer to a line."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the reader has ended")
        return json.loads(line)

    def pages(self, only: str) -> dict[Kind, str]:
        """An address of each kind of page."""
        return {(who, kind): address for who, kind, address in self.ask(only=only)}

    def open(self, kind: Kind, address: str) -> Cost:
        """Open a page."""
        return Cost(**self.ask(who=kind[0], address=address))


def _serve() -> None:
    """What a reader does: lines of JSON in, lines out."""
    app, counting = import_module("wsgi").app, import_module("bench.counting")
    crawling, reader = import_module("tests.crawling"), import_module("tests.demo").reader
    crawl, path_shape, page_kind = crawling.crawl, crawling.path_shape, crawling.page_kind
    visitors = {who: reader(app, who) for who in PEOPLE}
    for line in sys.stdin:
        asked = json.loads(line)
        answer: Any
        if "only" in asked:
            answer = [
                (who, path_shape(address), address)
                for who, visitor in visitors.items()
                for address, page in crawl(visitor, page_kind)
                if page.status_code == 200 and page.mimetype == "text/html" and asked["only"] in address
            ]
        else:
            with counting._statements("wsgi") as seen:
                begun = time.process_time()
                page = visitors[asked["who"]].get(asked["address"])
                used = time.process_time() - begun
            questions = [each for each in seen if not each.lstrip().upper().startswith(counting.OPENING)]
            answer = {"ms": 1000 * used, "statements": len(questions), "bytes": len(page.data)}
            page.close()
        print(json.dumps(answer), flush=True)


def compare(school: Path, complex_: Path, only: str = "") -> Iterator[tuple[Kind, Cost, Cost]]:
    """Each kind of page that both have, and what it costs in either: medians."""
    readers = Reader(school), Reader(complex_)
    try:
        pages = [reader.pages(only) for reader in readers]
        for kind in sorted(pages[0].keys() & pages[1].keys()):
            taken: tuple[list[Cost], list[Cost]] = ([], [])
            for number in range(WARMING + TIMED):
                for reader, addresses, costs in zip(readers, pages, taken, strict=True):
                    cost = reader.open(kind, addresses[kind])
                    if number >= WARMING:
                        costs.append(cost)
            small, large = (
                Cost(median(each.ms for each in costs), costs[-1].statements, costs[-1].bytes) for costs in taken
            )
            yield kind, small, large
    finally:
        for reader in readers:
            reader.process.kill()


def ratio(small: Cost, large: Cost) -> float:
    """Of processor time; 1 where the difference is ``SLIGHT``."""
    return 1.0 if abs(large.ms - small.ms) < SLIGHT else large.ms / small.ms


def table(found: list[tuple[Kind, Cost, Cost]]) -> str:
    """Markdown: the pages above ``TARGET``, the largest ratio first."""
    found = sorted(found, key=lambda each: -ratio(each[1], each[2]))
    above = [each for each in found if ratio(each[1], each[2]) > TARGET]
    slowest = max((large.ms for _kind, _small, large in found[len(above) :]), default=0)
    lines = [
        f"{len(found)} pages, {len(above)} of them above {TARGET}; of the others the slowest takes {slowest:.0f} ms.",
        "",
        "| page | opened by | ratio | school ms | complex ms | statements | kB |", "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    lines += [
        f"| {page} | {who} | {ratio(small, large):.2f} | {small.ms:.1f} | {large.ms:.1f} | "
        f"{_both(small.statements, large.statements)} | {_both(round(small.bytes / 1000), round(large.bytes / 1000))} |"
        for (who, page), small, large in above
    ]
    return "\n".join(lines)


def _both(small: int, large: int) -> str:
    return str(small) if small == large else f"{small}, {large}"


def _put(text: str) -> None:
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("school", type=Path)
    parser.add_argument("complex", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pages", dir=os.environ.get("BENCH_FOLDER")) as folder:
        copies = [Path(folder) / f"{name}.sqlite" for name in ("school", "complex")]
        for source, copy in zip((chosen.school, chosen.complex), copies, strict=True):
            subprocess.run(["cp", "--reflink=auto", str(source), str(copy)], check=True)  # noqa: S603, S607
        text = table(list(compare(copies[0], copies[1], chosen.only)))
    print(text)
    if chosen.write:
        _put(text)


if __name__ == "__main__":
    _serve() if "--reader" in sys.argv else main()
