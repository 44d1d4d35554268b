"""``make bench``: measure, keep the figures in docs/performance.json, write the tables into docs/performance.md."""

from __future__ import annotations

import json
import os
import platform
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import report
from bench.databases import school
from bench.measuring import run
from bench.servers import ROOT
from bench.settings import Settings

FIGURES, TEXT = ROOT / "docs" / "performance.json", ROOT / "docs" / "performance.md"


def main() -> None:
    """Measure what is asked for; other figures that were kept stay."""
    settings = Settings.of_environment()
    figures = json.loads(FIGURES.read_text()) if FIGURES.exists() else {"runs": []}
    for size in settings.sizes:
        for database in settings.databases:
            print(f"\n{size} on {database}", flush=True)
            with tempfile.TemporaryDirectory(prefix="bench") as name:
                begun = _begun(size, database, settings)
                with school(database, size, Path(name), settings.keep) as made:
                    found = begun | run(made, Path(name), settings, lambda line: print(line, flush=True))
            _keep(figures, found)
            FIGURES.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n")
            TEXT.write_text(report.put(TEXT.read_text(), figures))
    print(report.generated(figures))


def _begun(size: str, database: str, settings: Settings) -> dict[str, Any]:
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "load": round(os.getloadavg()[0], 1)}
    at = datetime.now(UTC).isoformat(timespec="minutes")
    return {"size": size, "database": database, "at": at, "seconds": settings.seconds, "machine": machine}


def _keep(figures: dict[str, Any], found: dict[str, Any]) -> None:
    """Put a run in the place of that of the same size and database; works that were not measured now stay."""
    runs = figures["runs"]
    place = next((n for n, one in enumerate(runs)
                  if (one["size"], one["database"]) == (found["size"], found["database"])), None)  # fmt: skip
    if place is None:
        runs.append(found)
        return
    before = runs[place]
    pages = before["pages"] | {work: of for work, of in found["pages"].items() if of}
    runs[place] = before | found | {"pages": pages, "memory": before["memory"] | found["memory"]}


if __name__ == "__main__":
    main()
