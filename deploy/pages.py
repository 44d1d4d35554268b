"""The parts of docs/scale.md that programs write, between markers."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "scale.md"


def put(part: str, text: str) -> None:
    """Write ``text`` between <!-- part --> and <!-- /part -->. Raises ValueError when the page lacks the markers."""
    page = PAGE.read_text()
    place = re.compile(rf"(<!-- {part} -->\n).*?(<!-- /{part} -->)", re.DOTALL)
    new, found = place.subn(lambda marks: f"{marks[1]}{text}\n{marks[2]}", page)
    if not found:
        raise ValueError(f"{PAGE} has no place for {part}")
    PAGE.write_text(new)
