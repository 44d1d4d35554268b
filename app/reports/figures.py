"""Figures of final marks (``domain.md``, Formulas): успеваемость, качество знаний, СОУ, average; counts add up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import astuple, dataclass, replace
from typing import TypeVar

from app.models.journal import FinalMarkValue

SIMONOV = {"n5": 1.00, "n4": 0.64, "n3": 0.36, "n2": 0.16, "n1": 0.07, "n0": 0.07}
"""What each mark weighs in the СОУ; н/а weighs as a 1."""


@dataclass(frozen=True)
class Counts:
    """How many final marks of each kind: ``n5`` to ``n1``, ``n0`` н/а; ``passed`` зач and ``exempt`` осв are in no
    figure. Figures are percents (0-100), the average is of the marks 5-1; None of nothing."""

    n5: int = 0
    n4: int = 0
    n3: int = 0
    n2: int = 0
    n1: int = 0
    n0: int = 0
    passed: int = 0
    exempt: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    @property
    def n(self) -> int:
        """Marks that count: without зач and осв."""
        return self.n5 + self.n4 + self.n3 + self.n2 + self.n1 + self.n0

    @property
    def success(self) -> float | None:
        """Успеваемость: the part of 5, 4 and 3."""
        return (self.n5 + self.n4 + self.n3) / self.n * 100 if self.n else None

    @property
    def quality(self) -> float | None:
        """Качество знаний: the part of 5 and 4."""
        return (self.n5 + self.n4) / self.n * 100 if self.n else None

    @property
    def mastery(self) -> float | None:
        """СОУ, the degree of learning after Simonov."""
        weighed = sum(weight * int(getattr(self, name)) for name, weight in SIMONOV.items())
        return weighed / self.n * 100 if self.n else None

    @property
    def average(self) -> float | None:
        """Of the marks that are figures."""
        figures = self.n - self.n0
        return (5 * self.n5 + 4 * self.n4 + 3 * self.n3 + 2 * self.n2 + self.n1) / figures if figures else None


NAMES = {
    FinalMarkValue.FIVE: "n5", FinalMarkValue.FOUR: "n4", FinalMarkValue.THREE: "n3", FinalMarkValue.TWO: "n2",
    FinalMarkValue.ONE: "n1", FinalMarkValue.NOT_ASSESSED: "n0", FinalMarkValue.PASSED: "passed",
    FinalMarkValue.EXEMPT: "exempt",
}  # fmt: skip
Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item", bound=Hashable)


def counted(rows: Iterable[tuple[Key, FinalMarkValue, int]]) -> dict[Key, Counts]:
    """Counts by key, of rows of a key, a mark and how many there are of it."""
    found: dict[Key, Counts] = {}
    for key, value, number in rows:
        known, name = found.get(key, Counts()), NAMES[value]
        found[key] = replace(known, **{name: getattr(known, name) + number})
    return found


def added(some: Iterable[Counts]) -> Counts:
    """All of them together."""
    return sum(some, Counts())


def rolled_up(counts: Mapping[Item, Counts], by: Callable[[Item], Key]) -> dict[Key, Counts]:
    """The counts of items added up by what each belongs to."""
    found: defaultdict[Key, list[Counts]] = defaultdict(list)
    for item, some in counts.items():
        found[by(item)].append(some)
    return {key: added(some) for key, some in found.items()}


def change(before: float | None, after: float | None) -> float | None:
    """By how much a figure has changed; None where one of them is not known."""
    return after - before if before is not None and after is not None else None
