"""``python -m deploy.sizing``: what many schools would need, by the costs in docs/scale.json; goes into docs/scale.md.

The assumptions about people stand below, each with its meaning: who knows better changes a number and runs it again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bench.servers import ROOT
from deploy.pages import put

COSTS = ROOT / "docs" / "scale.json"
VISITS = 0.6  # of all accounts, on a school day
PAGES = 5  # of a visit
BUSIEST = 0.2  # of a day's pages, in the busiest hour
PEAK = 2.0  # the busiest minute of that hour against its mean
SIGN_INS = 0.05  # of all visits begin with the password: a sign-in lasts for weeks
SCHOOL_DAYS = 170  # a year
WRITING_HOURS, WRITING_PEAK = 6.0, 3.0  # hours of a day in which marks are entered, and their busiest minute
OTHER_WRITES = 1.3  # topics, homework, works, final marks on top of marks and absences
BUSY = 0.5  # of a core, at the peak: the rest is for what nobody foresaw
MIX = {"diary: today": 0.7, "diary: messages": 0.15, "journal page": 0.1, "students, a list": 0.05}
WEB, WORKERS, POOL = 2, 1, 5  # processes of a school, connections that each keeps
CONNECTION_MB = 20.0  # of PostgreSQL, for a connection with its prepared statements and their plans (measured)
BACKUP_SECONDS = 13.0  # of a core, a school and night (measured: issue 6)
NIGHT_HOURS = 5.0
HOST_CORES, HOST_GB = 32, 128


@dataclass(frozen=True)
class Many:
    """``schools`` of so many accounts and students each."""

    name: str
    schools: int
    accounts: int
    students: int


SIZES = (
    Many("a school", 1, 2900, 1000),
    Many("a district", 100, 2900, 1000),
    Many("a region", 1500, 2900, 1000),
    Many("Дневник.ru's size", 40_000, 500, 170),
)


def needs(many: Many, costs: dict[str, Any]) -> dict[str, float]:
    """What so many schools need at the busiest minute, and a year; the names are those of the table."""
    asked, school = costs["requests"], costs["school"]
    visits = many.schools * many.accounts * VISITS * BUSIEST * PEAK / 3600
    pages = visits * PAGES
    written = (school["marks"] + school["absences"]) / school["students"] * OTHER_WRITES  # a student and year
    yearly = many.schools * many.students * written
    edits = yearly / SCHOOL_DAYS / WRITING_HOURS / 3600 * WRITING_PEAK
    kinds = {**{kind: pages * part for kind, part in MIX.items()}, "sign-in": visits * SIGN_INS, "an edit": edits}
    web = sum(rate * asked[kind]["web_ms"] for kind, rate in kinds.items()) / 1000
    database = sum(rate * asked[kind]["database_ms"] for kind, rate in kinds.items()) / 1000
    polling = many.schools * WORKERS * costs["worker_idle_ms_a_minute"] / 60_000
    memory = many.schools * (WEB * costs["web_process_mb"] + WORKERS * costs["worker_mb"]) / 1024
    connections = many.schools * POOL * (WEB + WORKERS)
    return {
        "accounts": many.schools * many.accounts,
        "pages a second": pages,
        "edits a second": edits,
        "cores, web": web / BUSY,
        "cores, PostgreSQL": database / BUSY,
        "cores, workers that wait": polling,
        "memory of processes, GB": memory,
        "connections": connections,
        "memory of connections, GB": connections * CONNECTION_MB / 1024,
        "hosts by cores": (web + database) / BUSY / HOST_CORES + polling / HOST_CORES,
        "hosts by memory": (memory + connections * CONNECTION_MB / 1024) / HOST_GB,
        "rows of edits a year, million": yearly / 1e6,
        "data a year, GB": yearly * costs["bytes_an_edit"] / 1e9,
        "sent at the peak, Mbit/s": 8e-6 * sum(rate * asked[kind]["bytes"] for kind, rate in kinds.items()),
        "cores for backups, at night": many.schools * BACKUP_SECONDS / 3600 / NIGHT_HOURS,
    }


def _costs_table(costs: dict[str, Any]) -> list[str]:
    rows = ["| request | web, ms | PostgreSQL, ms | kB |", "|---|---|---|---|"]
    rows += [
        f"| {what} | {cost['web_ms']:.1f} | {cost['database_ms']:.1f} | {cost['bytes'] / 1000:.1f} |"
        for what, cost in costs["requests"].items()
    ]
    school = costs["school"]
    return [
        *rows, "",
        f"A web process holds {costs['web_process_mb']:.0f} MB, a worker {costs['worker_mb']:.0f} MB (PSS); a worker "
        f"with nothing to do takes {costs['worker_idle_ms_a_minute']:.0f} ms of a core a minute. An edit leaves "
        f"{costs['bytes_an_edit']:,.0f} bytes: mark, audit, seal, receipt and their indexes. In its first year the "
        f"school of {school['students']:,} students had {school['lessons']:,} lessons, {school['marks']:,} marks and "
        f"{school['absences']:,} absences. The load of the machine was {costs['load']:.0f}: the more, the longer the "
        "same work takes.",
    ]  # fmt: skip


def _needs_table(costs: dict[str, Any]) -> list[str]:
    found = [needs(many, costs) for many in SIZES]
    heads = [f"{many.name}: {many.schools:,}" for many in SIZES]
    rows = ["| at the busiest minute | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    for name in found[0]:
        rows.append(f"| {name} | " + " | ".join(_number(one[name]) for one in found) + " |")
    return rows


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def main() -> None:
    """Print and write both tables."""
    costs = json.loads(COSTS.read_text())
    text = "\n".join([*_costs_table(costs), "", *_needs_table(costs)])
    print(text)
    put("sizing", text)


if __name__ == "__main__":
    main()
