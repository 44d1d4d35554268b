"""A weekly timetable in which no class and no teacher is in two places at once.

Every class fills exactly as many places of the week as it has lessons, without gaps, so only
teachers can clash. Lessons start shuffled; then a clash is taken and the lesson swapped with that
lesson of its class which helps most, until none is left.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random

DAYS = 5
Place = tuple[int, int]
"""Weekday (1 for Monday) and number of the lesson."""


@dataclass(frozen=True)
class Hour:
    """One weekly lesson to be placed: the ``post`` (a teacher, or a pair that works together) and the subject."""

    post: int
    subject: str


class NoTimetable(Exception):
    """No timetable without clashes was found: the teachers have too many hours."""


def places(hours: int) -> list[Place]:
    """Places of a week of ``hours`` lessons, spread over the days, the fuller days in the middle of the week."""
    each, rest = divmod(hours, DAYS)
    fuller = set([2, 3, 4, 1, 5][:rest])
    return [(day, number) for day in range(1, DAYS + 1) for number in range(1, each + (day in fuller) + 1)]


def timetable(classes: list[list[Hour]], random: Random) -> list[dict[Place, Hour]]:
    """A place for every hour of every class. Raises NoTimetable."""
    for _attempt in range(10):
        search = _Search(classes, random)
        if search.solve(20_000 + 400 * len(classes)):
            return search.weeks
    raise NoTimetable


class _Search:
    def __init__(self, classes: list[list[Hour]], random: Random) -> None:
        self.random = random
        self.weeks: list[dict[Place, Hour]] = []
        self.busy: Counter[tuple[int, Place]] = Counter()
        self.daily: Counter[tuple[int, int, str]] = Counter()
        for index, hours in enumerate(classes):
            shuffled = random.sample(hours, len(hours))
            self.weeks.append(dict(zip(places(len(hours)), shuffled, strict=True)))
            for place in self.weeks[index]:
                self._count(index, place, 1)

    def solve(self, steps: int) -> bool:
        """Swap until no teacher clashes; False when ``steps`` were not enough."""
        clashes: list[tuple[int, Place]] = []
        for _ in range(steps):
            clashes = clashes or self._clashes()
            if not clashes:
                self._spread()
                return True
            index, place = clashes.pop(self.random.randrange(len(clashes)))
            if self.busy[self.weeks[index][place].post, place] > 1:
                self._swap(index, place, self._best(index, place))
        return False

    def _clashes(self) -> list[tuple[int, Place]]:
        return [
            (index, place)
            for index, week in enumerate(self.weeks)
            for place, hour in week.items()
            if self.busy[hour.post, place] > 1
        ]

    def _spread(self) -> None:
        """Part lessons of the same subject on one day where a swap without a clash can."""
        for index, week in enumerate(self.weeks):
            for place in list(week):
                if self.daily[index, place[0], week[place].subject] > 1:
                    best = self._best(index, place)
                    if self._gain(index, place, best) > 0:
                        self._swap(index, place, best)

    def _best(self, index: int, place: Place) -> Place:
        others = [other for other in self.weeks[index] if self.weeks[index][other] != self.weeks[index][place]]
        return max(others, key=lambda other: self._gain(index, place, other) + self.random.random())

    def _gain(self, index: int, one: Place, two: Place) -> int:
        before = self._cost(index, one) + self._cost(index, two)
        self._swap(index, one, two)
        gain = before - self._cost(index, one) - self._cost(index, two)
        self._swap(index, one, two)
        return gain

    def _cost(self, index: int, place: Place) -> int:
        hour = self.weeks[index][place]
        return 20 * (self.busy[hour.post, place] - 1) + self.daily[index, place[0], hour.subject] - 1

    def _swap(self, index: int, one: Place, two: Place) -> None:
        week = self.weeks[index]
        for step in (-1, 1):
            for place in (one, two):
                self._count(index, place, step)
            if step == -1:
                week[one], week[two] = week[two], week[one]

    def _count(self, index: int, place: Place, step: int) -> None:
        hour = self.weeks[index][place]
        self.busy[hour.post, place] += step
        self.daily[index, place[0], hour.subject] += step
