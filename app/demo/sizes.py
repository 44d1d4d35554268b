"""How large a demo school is, and how its classes grow from year to year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

LETTERS = "АБВГДЕ"


@dataclass(frozen=True)
class Size:
    """A school: ``classes`` of each grade of a building today, in all ``students``; ``years`` with the current one.

    ``marks`` is how many the school shall have about, up to today; None for as many as come naturally.
    """

    classes: dict[int, int]
    students: int
    buildings: int = 1
    years: int = 1
    marks: int | None = None


SIZES = {
    "small": Size({1: 1, 2: 1, 5: 1}, 75),
    "school": Size({1: 4, 2: 4, 3: 4, 4: 4, 5: 4, 6: 3, 7: 3, 8: 3, 9: 3, 10: 2, 11: 2}, 1000, years=2, marks=400_000),
    "complex": Size(
        {1: 4, 2: 4, 3: 4, 4: 4, 5: 4, 6: 3, 7: 3, 8: 3, 9: 3, 10: 2, 11: 2}, 10_000, 10, years=5, marks=20_000_000
    ),
}


@dataclass(frozen=True, order=True)
class ClassPlan:
    """A class of one building in one year; ``entered`` is the September in which its cohort began grade 1."""

    year: int
    building: int
    grade: int
    index: int

    @property
    def entered(self) -> int:
        """The September in which the cohort began grade 1."""
        return self.year - self.grade + 1


def classes_of(size: Size, current: int, year: int, building: int) -> Iterator[ClassPlan]:
    """Classes of a building in ``year``: a cohort keeps its number of classes to grade 9 and has its own in 10-11."""
    for grade in range(1, 12):
        now = grade + current - year
        if now in size.classes and (now <= 9 or grade >= 10):
            count = size.classes[now]
        elif year < current:
            count = size.classes.get(11 if grade >= 10 else 9, 0)
        else:
            count = 0
        for index in range(count):
            yield ClassPlan(year, building, grade, index)
