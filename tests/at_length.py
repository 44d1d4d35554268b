"""Whether tests try everything at length (``make reliability``), or so much as fits into ``make test``."""

from __future__ import annotations

import os

FULL = os.environ.get("FAULTS") == "full"
BOTH = ["sqlite", "postgresql"]
