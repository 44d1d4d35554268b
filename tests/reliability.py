"""``python -m tests.reliability RESULTS.xml …``: docs/reliability.md from what the tests of faults have written down.

The results are pytest's own (--junitxml); a line of the table is the property «fault», everything else is summed. Of a
fault that was tried twice the fuller trial counts.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reliability.md"
JUDGES = ROOT / "docs" / "judges.json"
HEAD = """# What happens when something breaks

`make reliability` writes this page: each line is a test in `tests/faults/` with real processes (Gunicorn, message
workers, PostgreSQL, an SMTP server, a server in Twilio's place). `make test` tries a little of each. Teachers are
programs that save marks without a pause, each edit under a key of its own until it is answered.

- *Acknowledged*: edits answered «saved», or messages taken by the mail server or Twilio.
- *Lost*: of these, how many do not stand in the database as they were answered, or never came.
- *Doubled*: how many were written or came more than once, by the versions of the rows, the audit and the receipts.
- *Recovery*: the longest time until the last teacher was served again, from the moment that was possible: the death of
  the process, the return of the database, the room on the disk. It holds the start of a new process, where one died.
"""
COLUMNS = ("fault", "database", "times", "acknowledged", "lost", "doubled", "recovery, s")


def main(results: Sequence[Path]) -> None:
    """Write the page."""
    trees = [ElementTree.parse(each).getroot() for each in results]
    properties = [(each.get("name", ""), each.get("value", "")) for tree in trees for each in tree.iter("property")]
    lines = _fullest([json.loads(value) for name, value in properties if name == "fault"])
    if not lines:
        raise SystemExit("nothing is told of any fault: run make reliability")
    sums = Counter[str]()
    for name, value in properties:
        if name != "fault":
            sums[name] += _number(value)
    PAGE.write_text("\n".join([HEAD, _circumstances(lines), "", *_table(lines), "", *_sums(sums), *_judges(), ""]))
    print(f"{PAGE} is written: {len(lines)} lines")


def _fullest(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known: dict[tuple[str, str], dict[str, Any]] = {}
    for line in lines:
        key = re.sub(r"\d+", "", line["fault"]), line["database"]
        if key not in known or line["full"] > known[key]["full"]:
            known[key] = line
    return list(known.values())


def _number(value: str) -> float:
    return float(value) if "." in value else int(value)


def _circumstances(lines: list[dict[str, Any]]) -> str:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout
    how = "in full, but what is called a sample" if any(line["full"] for line in lines) else "the sample of `make test`"
    how = "in full" if all(line["full"] for line in lines) else how
    load = os.getloadavg()[0]
    return (
        f"{date.today():%-d %B %Y}, commit {commit.strip()}, {os.cpu_count()} cores, {platform.machine()}, "  # noqa: DTZ011
        f"Python {platform.python_version()}; tried {how}. The machine's load was {load:.0f} at the end, so that the "
        "times are rather too long than too short."
    )


def _table(lines: list[dict[str, Any]]) -> list[str]:
    rows = ["| " + " | ".join(COLUMNS) + " |", "|---" * len(COLUMNS) + "|"]
    remarks: list[str] = []
    for line in lines:
        mark = ""
        if line["remark"]:
            if line["remark"] not in remarks:
                remarks.append(line["remark"])
            mark = f" ({remarks.index(line['remark']) + 1})"
        took = "" if line["recovery"] is None else f"{line['recovery']:.1f}"
        acknowledged = f"{line['acknowledged']:,}" if line["acknowledged"] else "-"
        doubled = f"{line['doubled']}{mark}"
        name = line["fault"] + ("" if line["full"] else " (sample)")
        cells = [name, line["database"], line["tried"], acknowledged, line["lost"], doubled, took]
        rows.append("| " + " | ".join(map(str, cells)) + " |")
    return [*rows, "", *(f"({number}) {remark}" for number, remark in enumerate(remarks, 1))]


def _sums(sums: Counter[str]) -> list[str]:
    rows = [f"| {name} | {number:,} |" for name, number in sorted(sums.items())]
    return ["## What the other tests counted in the same run", "", "| what | number |", "|---|---|", *rows]


def _judges() -> list[str]:
    """What the independent judges left, where they have been asked (make judges)."""
    if not JUDGES.exists():
        return []
    return ["", "Independent judges and what they found: [security.md](security.md), [judges.json](judges.json)."]


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
