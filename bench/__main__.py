"""``make bench``: measure everything on a demo school, print the table, write it as JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from bench import saving
from bench.servers import ROOT

RESULTS = ROOT / "instance" / "bench.json"


def main() -> None:
    """Make the school, run the measurements, tell them."""
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        folder = Path(name)
        database = folder / "school.sqlite"
        environment = os.environ | {"DATABASE_URL": f"sqlite:///{database}", "SECRET_KEY": "bench"}
        for command in (["db", "upgrade"], ["demo", "--size", os.environ.get("BENCH_SIZE", "school")]):
            subprocess.run(  # noqa: S603
                [sys.executable, "-m", "flask", "--app", "wsgi", *command], cwd=ROOT, env=environment, check=True,
                stdout=subprocess.DEVNULL,
            )  # fmt: skip
        rows = saving.run(database, folder)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    tell(rows)


def tell(rows: list[saving.Row]) -> None:
    """The table, with the ratio to the reference of the same run."""
    reference = {(row.what, row.browsers): row.rate for row in rows if row.who == "floor"}
    print(f"{'what':<16}{'browsers':>9} {'who':<8}{'req/s':>8}{'p50 ms':>9}{'p99 ms':>9}{'of the floor':>14}")
    for row in rows:
        ratio = row.rate / reference[row.what, row.browsers]
        print(
            f"{row.what:<16}{row.browsers:>9} {row.who:<8}{row.rate:>8.1f}{row.p50:>9.1f}{row.p99:>9.1f}{ratio:>14.2f}"
        )


main()
