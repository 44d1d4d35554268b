"""What the judges said: docs/judges.json, and the table of it in docs/security.md."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from judges.accepted import reason_for
from judges.verdict import Verdict

DOCS = Path(__file__).resolve().parent.parent / "docs"
JSON, PAGE = DOCS / "judges.json", DOCS / "security.md"
BEGIN, END = "<!-- judges: make judges writes what follows -->", "<!-- judges: end -->"


def write(verdicts: Sequence[Verdict]) -> int:
    """Replace what these judges said before; how many findings are left without a reason."""
    asked = {verdict.judge for verdict in verdicts}
    before = json.loads(JSON.read_text())["runs"] if JSON.exists() else []
    runs = [run for run in before if run["judge"] not in asked] + [_as_json(verdict) for verdict in verdicts]
    runs.sort(key=lambda run: (run["judge"], run["of"]))
    JSON.write_text(json.dumps({"runs": runs}, ensure_ascii=False, indent=1) + "\n")
    page = PAGE.read_text()
    head, _, rest = page.partition(BEGIN)
    PAGE.write_text(f"{head}{BEGIN}\n\n{_table(runs)}\n{END}{rest.partition(END)[2]}")
    return sum(len(run["left"]) for run in runs if run["judge"] in asked)


def _as_json(verdict: Verdict) -> dict[str, Any]:
    found = [(finding, reason_for(verdict.judge, finding)) for finding in verdict.findings]
    return {
        "judge": verdict.judge,
        "version": verdict.version,
        "of": verdict.of,
        "at": datetime.now(UTC).date().isoformat(),
        "tried": verdict.tried,
        "unit": verdict.unit,
        "left": [vars(finding) for finding, reason in found if reason is None],
        "accepted": [vars(finding) | {"reason": reason} for finding, reason in found if reason is not None],
    }


def _table(runs: Iterable[dict[str, Any]]) -> str:
    lines = ["| judge | of | tried | found | no fault, with a reason | left |", "|---|---|---:|---:|---:|---:|"]
    for (judge, version), several in groupby(runs, key=lambda run: (run["judge"], run["version"])):
        for run in several:
            left, accepted = len(run["left"]), len(run["accepted"])
            lines.append(
                f"| {judge} {version} | {run['of']} | {run['tried']:,} {run['unit']} | {left + accepted} | {accepted} "
                f"| {left} |"
            )
    return "\n".join(lines) + "\n"
