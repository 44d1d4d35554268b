"""Averages and proposed marks (``domain.md``, Formulas): figures in, figures out."""

from __future__ import annotations

from collections.abc import Iterable

from app.config import Grading

__all__ = [
    "Grading", "Weighted", "average", "hundredths", "needs_reason", "proposed_term_mark", "proposed_year_mark",
    "rounded",
]  # fmt: skip

Weighted = tuple[int, int]
"""A mark (1-5) and the weight of its work (1-10)."""


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
