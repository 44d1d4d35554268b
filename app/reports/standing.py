"""On which list a student stands: all fives, fives and fours, one four, one three, failing (``domain.md``, Lists)."""

from __future__ import annotations

from enum import Enum

from app.reports.figures import Counts


class Standing(Enum):
    """The best that can be said of all marks of a student in a period; each student has one."""

    FIVES = "fives"
    ONE_FOUR = "one_four"  # fives otherwise; also among fives and fours
    FOURS = "fours"
    ONE_THREE = "one_three"  # fives and fours otherwise
    THREES = "threes"
    FAILING = "failing"  # a 2, a 1 or н/а
    UNKNOWN = "unknown"  # no mark yet that counts


def standing(counts: Counts) -> Standing:
    """Of the marks of one student; зач and осв say nothing."""
    if counts.n2 or counts.n1 or counts.n0:
        return Standing.FAILING
    if counts.n3:
        return Standing.ONE_THREE if counts.n3 == 1 else Standing.THREES
    if counts.n4:
        return Standing.ONE_FOUR if counts.n4 == 1 and counts.n5 else Standing.FOURS
    return Standing.FIVES if counts.n5 else Standing.UNKNOWN
