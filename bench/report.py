"""The tables of docs/performance.md, made of docs/performance.json: ratios first, then targets, then all figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bench.contestants import WORKS
from bench.targets import Verdict, verdicts

Figures = dict[str, Any]
BEGIN, END = "<!-- made by make bench: begin -->", "<!-- made by make bench: end -->"
AT = "4"
"""Connections of the ratios."""
OF_RATIOS = (
    "Requests a second of ours as a multiple of theirs, 4 connections; then processor time of a request, theirs as a "
    "multiple of ours:\n\n"
)
OF_FIGURES = (
    "All figures; p50 and p99 are of 4 connections, CPU is the processor time of a request in a process without "
    "load:\n\n"
)
HEAD = (
    "work", "who", "req/s at 1", "at 4", "at 16", "p50 ms", "p99 ms", "CPU ms", "kB", "gzip kB", "statements",
)  # fmt: skip
REFERENCES = ("floor", "django", "naive")
TITLES = {"ours": "ours", "floor": "floor", "django": "Django admin", "naive": "Flask-Admin as often written"}


def put(text: str, figures: Figures) -> str:
    """The text with the part between the markers made anew."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{generated(figures)}\n{END}{rest.partition(END)[2]}"


def generated(figures: Figures) -> str:
    """All tables as Markdown."""
    parts = [_targets(verdicts(figures["runs"]))]
    parts += [_run(run) for run in figures["runs"]]
    return "\n".join(parts)


def _targets(found: Sequence[Verdict]) -> str:
    rows = [(each.target, each.measured, "met" if each.met else "**not met**") for each in found]
    return "### Targets\n\n" + _table(("target", "measured", ""), rows)


def _run(run: Figures) -> str:
    machine = run["machine"]
    title = f"### {run['size'].capitalize()} on {run['database']}\n\n"
    each = f"{run['seconds']:g} s each" if run["seconds"] else "without load"
    when = f"{run['at']}, {machine['cores']} cores, load of the machine {machine['load']} when it began; {each}.\n\n"
    parts = [title + when + OF_RATIOS + _ratios(run["pages"]), OF_FIGURES + _table(HEAD, list(_figures(run["pages"])))]
    parts.append(_once(run))
    return "\n".join(parts)


def _ratios(pages: Figures) -> str:
    rows = []
    for work, title in WORKS.items():
        of = pages.get(work, {})
        if "ours" in of and len(of) > 1:
            rows.append((title, *(_ratio(of, who) for who in REFERENCES), *(_cpu(of, who) for who in REFERENCES)))
    head = ("work", "ours / floor", "ours / Django", "ours / Flask-Admin", "CPU: floor / ours", "Django / ours",
            "Flask-Admin / ours")  # fmt: skip
    return _table(head, rows)


def _ratio(of: Figures, who: str) -> str:
    try:
        return f"{of['ours']['speed'][AT]['rate'] / of[who]['speed'][AT]['rate']:.2f}"
    except KeyError:
        return "-"


def _cpu(of: Figures, who: str) -> str:
    try:
        return f"{of[who]['cpu_ms'] / of['ours']['cpu_ms']:.2f}"
    except KeyError:
        return "-"


def _figures(pages: Figures) -> Iterator[tuple[str, ...]]:
    for work, title in WORKS.items():
        for who, figures in pages.get(work, {}).items():
            speeds = figures.get("speed", {})
            shown = speeds.get(AT, {})
            rates = (f"{speeds[n]['rate']:,.1f}" if n in speeds else "-" for n in ("1", "4", "16"))
            sizes = (f"{figures[name] / 1000:.1f}" if name in figures else "-" for name in ("bytes", "gzip"))
            yield (title, TITLES[who], *rates, _number(shown, "p50"), _number(shown, "p99"), _number(figures, "cpu_ms"),
                   *sizes, str(figures.get("statements", "-")))  # fmt: skip


def _number(figures: Figures, name: str) -> str:
    return f"{figures[name]:.2f}" if name in figures else "-"


def _once(run: Figures) -> str:
    rows = []
    if run["demo"]["seconds"] is not None:
        rows.append(("demo school", f"{run['demo']['seconds']:.0f} s, {run['demo']['megabytes']:.0f} MB"))
    else:
        rows.append(("demo school", f"{run['demo']['megabytes']:.0f} MB, made before"))
    if "credentials" in run:
        one = run["credentials"]
        rows.append(
            (f"access for {one['count']:.0f} people", f"{one['seconds']:.1f} s, CPU {one['cpu_seconds']:.1f} s")
        )
    if "import" in run:
        rows.append((f"import of {run['import']['count']:.0f} students", f"{run['import']['seconds']:.1f} s"))
    for who, size in run["memory"].items():
        rows.append((f"memory of a process, {TITLES[who]}", f"{size:.0f} MB (PSS)"))
    for who, one in run.get("mixed", {}).items():
        rows.append((f"mixed load: {one['people']} {who}", f"{one['rate']:.1f} req/s, p50 {one['p50']:.0f} ms, "
                     f"p99 {one['p99']:.0f} ms, {one['failed']} failed"))  # fmt: skip
    return _table(("done once", ""), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
