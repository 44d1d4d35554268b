"""The targets of the benchmark, each computed from the figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench.contestants import READS, WORKS

Figures = dict[str, Any]
LISTS = ("students", "marks", "student")
RUSH, MEMORY, IMPORT = 250, 150, 5  # ms, 10^6 bytes, seconds
DEMO_SECONDS, DEMO_MEGABYTES = 15 * 60, 3_000
STATEMENTS = 8
GROWTH = 1.2
AT = "4"


@dataclass(frozen=True)
class Verdict:
    """A target, what was measured, whether it is met."""

    target: str
    measured: str
    met: bool


def verdicts(runs: list[Figures]) -> list[Verdict]:
    """Every target that the figures can tell of."""
    found: list[Verdict] = []
    for run in runs:
        where = f"{run['size']}, {run['database']}"
        found += [Verdict(f"{each.target} ({where})", each.measured, each.met) for each in _of_run(run)]
    found += _of_growth(runs)
    return found


def _of_run(run: Figures) -> Iterator[Verdict]:
    pages = run["pages"]
    yield from _at_least(pages, "grid", "floor", 1)
    yield from _at_least(pages, "grid", "django", 4)
    for work in LISTS:
        for who in ("naive", "django"):
            yield from _at_least(pages, work, who, 4)
    yield from _saving(pages)
    asked = {work: pages[work]["ours"] for work in READS if "ours" in pages.get(work, {})}
    counted = {work: figures["statements"] for work, figures in asked.items() if "statements" in figures}
    if counted:
        most = max(counted, key=lambda work: counted[work])
        text = f"{counted[most]} at most: {WORKS[most]}"
        yield Verdict(f"at most {STATEMENTS} statements on a page", text, counted[most] <= STATEMENTS)
    if "ours" in run["memory"]:
        size = run["memory"]["ours"]
        yield Verdict(f"a process under {MEMORY} MB", f"{size:.0f} MB", size < MEMORY)
    if "mixed" in run:
        worst = max(one["p99"] for one in run["mixed"].values())
        failed = sum(one["failed"] for one in run["mixed"].values())
        yield Verdict(f"16 teachers and 200 parents: p99 under {RUSH} ms", f"{worst:.0f} ms, {failed} failed",
                      worst < RUSH and not failed)  # fmt: skip
    if "import" in run:
        seconds = run["import"]["seconds"]
        yield Verdict(f"import of 1,000 students under {IMPORT} s", f"{seconds:.1f} s", seconds < IMPORT)
    if run["size"] == "complex":
        yield from _demo(run["demo"], run["database"])


def _rate(pages: Figures, work: str, who: str) -> float | None:
    try:
        rate: float = pages[work][who]["speed"][AT]["rate"]
    except KeyError:
        return None
    return rate


def _at_least(pages: Figures, work: str, who: str, times: float) -> Iterator[Verdict]:
    """Ours answers that many times as many requests a second."""
    ours, theirs = _rate(pages, work, "ours"), _rate(pages, work, who)
    if ours and theirs:
        ratio = ours / theirs
        yield Verdict(f"{WORKS[work]}: {times:g}x {who}", f"{ratio:.2f}x", ratio >= times)


def _saving(pages: Figures) -> Iterator[Verdict]:
    ours, floor = _rate(pages, "edit", "ours"), _rate(pages, "edit", "floor")
    if ours and floor:
        ratio = floor / ours
        yield Verdict("a saved edit at most 1.5x the floor's durable write", f"{ratio:.2f}x", ratio <= 1.5)


def _demo(demo: Figures, database: str) -> Iterator[Verdict]:
    if demo["seconds"] is not None:
        yield Verdict("demo complex under 15 minutes", f"{demo['seconds']:.0f} s", demo["seconds"] < DEMO_SECONDS)
    if database == "sqlite":
        size = demo["megabytes"]
        yield Verdict("demo complex under 3 GB", f"{size / 1000:.2f} GB", size < DEMO_MEGABYTES)


def _of_growth(runs: list[Figures]) -> Iterator[Verdict]:
    """Each page at complex size next to school size: the median over one connection."""
    by_place = {(run["size"], run["database"]): run["pages"] for run in runs}
    for (size, database), pages in by_place.items():
        smaller = by_place.get(("school", database))
        if size != "complex" or smaller is None:
            continue
        for work, title in WORKS.items():
            try:
                large, small = (of[work]["ours"]["speed"]["1"]["p50"] for of in (pages, smaller))
            except KeyError:
                continue
            ratio = large / small
            target = f"{title}: complex at most {GROWTH}x school ({database})"
            yield Verdict(target, f"{ratio:.2f}x ({large:.1f} and {small:.1f} ms)", ratio <= GROWTH)
