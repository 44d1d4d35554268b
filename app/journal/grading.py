"""Averages and proposed marks (``domain.md``, Formulas): figures in, figures out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.config import Grading

__all__ = [
    "Grading", "Outlook", "Weighted", "average", "hundredths", "needs_reason", "outlook", "proposed_term_mark",
    "proposed_year_mark", "rounded",
]  # fmt: skip

Weighted = tuple[int, int]
"""A mark (1-5) and the weight of its work (1-10)."""
NEXT_MARKS = (5, 4, 3, 2)


def hundredths(total: int, weights: int) -> int | None:
    """``total / weights`` in hundredths, rounded half up; None of nothing."""
    return (200 * total + weights) // (2 * weights) if weights else None


def average(marks: Iterable[Weighted]) -> int | None:
    """The weighted average in hundredths, rounded half up; None of nothing. Absent marks are not zeros."""
    total = weights = 0
    for value, weight in marks:
        total += value * weight
        weights += weight
    return hundredths(total, weights)


def rounded(figure: int, grading: Grading) -> int:
    """A whole mark of an average in hundredths: up from the school's threshold on."""
    return (figure + 100 - grading.threshold) // 100


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


@dataclass(frozen=True)
class Outlook:
    """What a next mark of ``value`` would do: the average (hundredths) and the proposed term mark after it."""

    value: int
    average: int
    proposed: int | None


def outlook(
    marks: Iterable[Weighted], grading: Grading, values: Iterable[int] = NEXT_MARKS, weight: int = 1
) -> list[Outlook]:
    """What each of ``values`` with ``weight`` would do to ``marks`` as the next mark."""
    known = list(marks)
    found = []
    for value in values:
        figure = average([*known, (value, weight)])
        assert figure is not None  # noqa: S101 - there is at least the next mark  # nosec B101 # for mypy
        found.append(Outlook(value, figure, proposed_term_mark([*known, (value, weight)], grading)))
    return found
