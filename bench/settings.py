"""What is measured, from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = (1, 4, 16)


@dataclass(frozen=True)
class Settings:
    """``seconds`` of each load, ``sizes`` of demo schools, ``databases``, names of ``works`` (empty: all).

    With 0 seconds there is no load: statements, processor time and sizes alone.
    ``keep`` is a folder in which demo databases stay between runs and are found again: «SIZE.sqlite».
    """

    seconds: float
    sizes: tuple[str, ...]
    databases: tuple[str, ...]
    works: frozenset[str]
    keep: Path | None

    @classmethod
    def of_environment(cls) -> Settings:
        """BENCH_SECONDS (2), BENCH_SIZES (school), BENCH_DATABASES, BENCH_WORK (names, by commas), BENCH_KEEP."""
        asked = os.environ.get
        keep = asked("BENCH_KEEP")
        return cls(
            seconds=float(asked("BENCH_SECONDS", "2")),
            sizes=tuple(asked("BENCH_SIZES", "school").split()),
            databases=tuple(asked("BENCH_DATABASES", "sqlite postgresql").split()),
            works=frozenset(name.strip() for name in asked("BENCH_WORK", "").split(",") if name.strip()),
            keep=Path(keep) if keep else None,
        )

    def measures(self, work: str) -> bool:
        """Whether a work is asked for."""
        return not self.works or work in self.works
