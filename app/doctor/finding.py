"""What a check of the doctor finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is: ``FAIL`` keeps the installation from working or from being safe."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One thing looked at: ``name`` for programs, ``said`` and ``advice`` for people; no advice where all is well."""

    name: str
    level: Level
    said: str
    advice: str = ""


def ok(name: str, said: str) -> Finding:
    """All is well."""
    return Finding(name, Level.OK, said)


def warn(name: str, said: str, advice: str) -> Finding:
    """Works, but somebody should know."""
    return Finding(name, Level.WARN, said, advice)


def fail(name: str, said: str, advice: str) -> Finding:
    """Does not work, or is not safe."""
    return Finding(name, Level.FAIL, said, advice)
