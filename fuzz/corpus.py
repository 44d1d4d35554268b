"""Inputs to begin with, one file a target: a line each, as Python writes bytes down."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"
LONGEST = 600
"""Bytes of an input that is kept: what finds a fault is small."""


def inputs(target: str) -> list[bytes]:
    """What is known for the target."""
    return [ast.literal_eval(line) for line in _file(target).read_text().splitlines()]


def keep(target: str, found: Iterable[bytes]) -> None:
    """Write these down as what is known."""
    lines = sorted({repr(each) for each in found if len(each) <= LONGEST}, key=lambda line: (len(line), line))
    FOLDER.mkdir(exist_ok=True)
    _file(target).write_text("".join(f"{line}\n" for line in lines))


def _file(target: str) -> Path:
    return FOLDER / f"{target}.txt"
