"""Lessons and days that students missed, counted: pure figures over rows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

from app.reports.adding import Sums, added, percent, total
from app.reports.roster import Spell, by_group

Held = Mapping[int, Mapping[date, int]]
"""How many lessons were held in a group (by its number) on a day."""
Of = tuple[int, int]
"""Class and student."""


class Missed(NamedTuple):
    """Lessons of a group that a student missed on a day by letter, and those they came late to."""

    student_id: int
    group_id: int
    day: date
    absent: int
    excused: int
    ill: int
    late: int


@dataclass(frozen=True)
class Presence(Sums):
    """Figures that add up: of a student, a class, a week.

    ``due`` lessons were held for the students; ``absent`` (Н), ``excused`` (У) and ``ill`` (Б) of them were missed,
    to ``late`` (О) the students came late. A day is missed as a whole when all its lessons were, otherwise in part.
    """

    due: int = 0
    absent: int = 0
    excused: int = 0
    ill: int = 0
    late: int = 0
    whole_days: int = 0
    part_days: int = 0

    @property
    def missed(self) -> int:
        """Lessons missed for whatever reason."""
        return self.absent + self.excused + self.ill

    @property
    def percent(self) -> float | None:
        """Attended of 100 lessons; None without lessons."""
        return percent(self.due - self.missed, self.due)


@dataclass(frozen=True)
class Presences:
    """The same lessons and days, by student and by period; ``periods`` is by class and first day of the period."""

    students: Mapping[Of, Presence]
    periods: Mapping[tuple[int, date], Presence]

    def of_classes(self) -> dict[int, Presence]:
        """Added up by class."""
        return added((key[0], presence) for key, presence in self.students.items())

    def of_periods(self) -> dict[date, Presence]:
        """Added up by period, in order."""
        found = added((key[1], presence) for key, presence in self.periods.items())
        return {day: found[day] for day in sorted(found)}

    @property
    def whole(self) -> Presence:
        """All of it."""
        return total(self.students.values(), Presence())


def monday(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(day.weekday())


def first_of_month(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def presences(
    held: Held, spells: Iterable[Spell], missed: Iterable[Missed], period: Callable[[date], date]
) -> Presences:
    """Count. ``spells`` of a student in a group do not overlap; what somebody missed in a group they were not in that
    day, or that had no lesson, is left out. ``period`` gives the first day of the period a day is in.
    """
    spells = list(spells)
    students, periods = _due(held, spells, period)
    absences = _by_day(spells, missed)
    of_student: defaultdict[Of, list[int]] = defaultdict(_nothing)
    of_period: defaultdict[tuple[int, date], list[int]] = defaultdict(_nothing)
    lessons = _lessons_on(held, spells, absences)
    for (student_id, day), (class_id, absent, excused, ill, late) in absences.items():
        if not lessons[student_id, day]:
            continue
        away = absent + excused + ill
        is_whole = away >= lessons[student_id, day]
        figures = (absent, excused, ill, late, int(is_whole), int(away > 0 and not is_whole))
        for sums in (of_student[class_id, student_id], of_period[class_id, period(day)]):
            for index, figure in enumerate(figures):
                sums[index] += figure
    return Presences(
        {key: Presence(due, *of_student[key]) for key, due in students.items()},
        {key: Presence(due, *of_period[key]) for key, due in periods.items()},
    )


def _nothing() -> list[int]:
    return [0] * 6


def _due(
    held: Held, spells: Iterable[Spell], period: Callable[[date], date]
) -> tuple[Counter[Of], Counter[tuple[int, date]]]:
    """Lessons held for students: by class and student, by class and period."""
    students, periods = Counter[Of](), Counter[tuple[int, date]]()
    for group_id, those in by_group(spells).items():
        days = sorted(held.get(group_id, {}))
        sums = [0, *accumulate(held[group_id][day] for day in days)]
        steps = [0] * (len(days) + 1)
        for spell in those:
            begin, end = bisect_left(days, spell.first), bisect_right(days, spell.last)
            students[spell.class_id, spell.student_id] += sums[end] - sums[begin]
            steps[begin] += 1
            steps[end] -= 1
        for day, members in zip(days, accumulate(steps), strict=False):
            periods[those[0].class_id, period(day)] += members * held[group_id][day]
    return students, periods


def _by_day(spells: Iterable[Spell], missed: Iterable[Missed]) -> dict[tuple[int, date], list[int]]:
    """By student and day: the class, and lessons by letter."""
    places: defaultdict[tuple[int, int], list[Spell]] = defaultdict(list)
    for spell in spells:
        places[spell.student_id, spell.group_id].append(spell)
    found: dict[tuple[int, date], list[int]] = {}
    for row in missed:
        place = next((each for each in places.get((row.student_id, row.group_id), ()) if each.covers(row.day)), None)
        if place is not None:
            letters = found.setdefault((row.student_id, row.day), [place.class_id, 0, 0, 0, 0])
            for index, number in enumerate((row.absent, row.excused, row.ill, row.late), 1):
                letters[index] += number
    return found


def _lessons_on(held: Held, spells: Iterable[Spell], asked: Iterable[tuple[int, date]]) -> dict[tuple[int, date], int]:
    """How many lessons a student had on a day."""
    of_student: defaultdict[int, list[Spell]] = defaultdict(list)
    for spell in spells:
        of_student[spell.student_id].append(spell)
    return {
        (student_id, day): sum(
            held.get(spell.group_id, {}).get(day, 0) for spell in of_student[student_id] if spell.covers(day)
        )
        for student_id, day in asked
    }
