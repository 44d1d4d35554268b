"""Figures that add up: of lessons and students to classes, of weeks to a year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self, TypeVar


@dataclass(frozen=True)
class Sums:
    """A dataclass of whole numbers, each of which is the sum of those of its parts."""

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


Key = TypeVar("Key")
S = TypeVar("S", bound=Sums)


def added(rows: Iterable[tuple[Key, S]]) -> dict[Key, S]:
    """Added up by key, in the order in which the keys come first."""
    sums: defaultdict[Key, list[S]] = defaultdict(list)
    for key, part in rows:
        sums[key].append(part)
    return {key: total(parts[1:], parts[0]) for key, parts in sums.items()}


def total(parts: Iterable[S], start: S) -> S:
    """All of them and ``start``."""
    return type(start)(*map(sum, zip(*(vars(each).values() for each in (start, *parts)), strict=True)))


def percent(part: float, whole: float) -> float | None:
    """``part`` of 100 of the whole; None of nothing."""
    return 100 * part / whole if whole else None
