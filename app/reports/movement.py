"""How many students a class had at the start of a term and at its end, who joined and who left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from app.models import SchoolClass
from app.reports.adding import Sums, added
from app.reports.document import Column, Kind, Table, Total
from app.reports.roster import Days, Spell


@dataclass(frozen=True)
class Movement(Sums):
    """``start`` and ``joined`` without ``left`` make ``end``."""

    start: int = 0
    joined: int = 0
    left: int = 0
    end: int = 0

    def cells(self) -> list[int]:
        """The cells of a row under ``columns``."""
        return [self.start, self.joined, self.left, self.end]


def movement(spell: Spell, days: Days) -> Movement:
    """What the spell of one student in a class is to the days."""
    first, last = days
    return Movement(
        start=int(spell.covers(first)),
        joined=int(first < spell.first <= last),
        left=int(first <= spell.last < last),
        end=int(spell.covers(last)),
    )


def movements(enrolled: Iterable[Spell], days: Mapping[int, Days]) -> dict[int, Movement]:
    """By class; ``enrolled`` are spells in classes that lie in the days of each."""
    return added((spell.class_id, movement(spell, days[spell.class_id])) for spell in enrolled)


def columns() -> list[Column]:
    """At the start, joined, left, at the end."""
    return [
        Column(gettext("At the start"), Kind.WHOLE, "start", total=Total.SUM),
        Column(gettext("Joined"), Kind.WHOLE, "joined", total=Total.SUM),
        Column(gettext("Left"), Kind.WHOLE, "left", total=Total.SUM),
        Column(gettext("At the end"), Kind.WHOLE, "end", total=Total.SUM, formula="{start}+{joined}-{left}"),
    ]


def by_class(classes: Sequence[SchoolClass], found: Mapping[int, Movement]) -> Table:
    """A row for each class, with its teacher."""
    rows = [
        [str(each), each.class_teacher.short_name if each.class_teacher else "", *found[each.id].cells()]
        for each in classes
        if each.id in found
    ]
    heads = [Column(gettext("Class")), Column(gettext("Class teacher"), width=22)]
    return Table([*heads, *columns()], rows, gettext("Number of students by class"), gettext("Total"))


def by_grade(classes: Sequence[SchoolClass], found: Mapping[int, Movement]) -> Table:
    """A row for each grade."""
    grades = added((each.grade, found[each.id]) for each in classes if each.id in found)
    rows: list[list[Any]] = [
        [gettext("Grade %(number)s", number=grade), *grades[grade].cells()] for grade in sorted(grades)
    ]
    return Table([Column(gettext("Grade")), *columns()], rows, gettext("Number of students by grade"), gettext("Total"))
