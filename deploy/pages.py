"""The parts of docs/scale.md that programs write, between markers."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "scale.md"


def put(part: str, text: str) -> None:
    """Write ``text`` between <!-- part --> and <!-- /part -->. Raises ValueError when the page lacks the markers."""
    page = PAGE.read_text()
    new, found = re.subn(
        rf"(<!-- {part} -->\n).*?(<!-- /{part} -->)", lambda marks: f"{marks[1]}{text}\n{marks[2]}", page, flags=re.DOTALL
    )
    if not found:
        raise ValueError(f"{PAGE} has no place for {part}")
    PAGE.write_text(new)
