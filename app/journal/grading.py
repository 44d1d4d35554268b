"""Averages and proposed marks (``domain.md``, Formulas): figures in, figures out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Weighted = tuple[int, int]
"""A mark (1-5) and the weight of its work (1-10)."""


@dataclass(frozen=True)
class Grading:
    """What the school has settled.

    ``threshold`` is the part of a mark, in hundredths, from which an average is rounded up; ``minimum``
    how many marks a term mark needs; ``tolerance`` by how much a final mark may differ from the
    proposed one without a reason.
    """

    threshold: int = 50
    minimum: int = 3
    tolerance: int = 0

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Grading:
        """What the settings of the installation say."""
        return cls(
            threshold=round(settings["GRADING_THRESHOLD"] * 100),
            minimum=settings["GRADING_MINIMUM"],
            tolerance=settings["GRADING_TOLERANCE"],
        )


def average(marks: Iterable[Weighted]) -> int | None:
    """The weighted average in hundredths, rounded half up; None of nothing. Absent marks are not zeros."""
    total = weights = 0
    for value, weight in marks:
        total += value * weight
        weights += weight
    return (200 * total + weights) // (2 * weights) if weights else None


def rounded(hundredths: int, grading: Grading) -> int:
    """A whole mark of an average in hundredths: up from the school's threshold on."""
    return (hundredths + 100 - grading.threshold) // 100


def proposed_term_mark(marks: Iterable[Weighted], grading: Grading) -> int | None:
    """The term mark that the marks give; None while there are fewer than the school's minimum."""
    known = list(marks)
    figure = average(known) if len(known) >= grading.minimum else None
    return rounded(figure, grading) if figure is not None else None


def proposed_year_mark(term_marks: Iterable[int], grading: Grading) -> int | None:
    """The year mark that the term marks give, rounded half up; None of nothing."""
    figure = average((value, 1) for value in term_marks)
    return rounded(figure, grading) if figure is not None else None


def needs_reason(value: int, proposed: int | None, grading: Grading) -> bool:
    """Whether a final mark (1-5) differs from the proposed one by more than the school allows."""
    return proposed is not None and abs(value - proposed) > grading.tolerance
