"""Who was in which group of a class on which days: what lessons and absences are counted over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.journal.taught import overlaps
from app.models import Enrollment, StudyGroup, StudyGroupMember


@dataclass(frozen=True)
class Spell:
    """A student in a group of a class from ``first`` to ``last``, both days included."""

    student_id: int
    class_id: int
    group_id: int
    first: date
    last: date

    def covers(self, day: date) -> bool:
        """Whether the student was in the group that day."""
        return self.first <= day <= self.last


Days = tuple[date, date]
"""First and last day."""


def read_spells(session: Session, days: Mapping[int, Days]) -> list[Spell]:
    """Of the students of the classes in ``days`` of each (by its number), in all groups; three statements.

    A part of a class has a student only while the class has. Groups that the person does not see have no spells.
    """
    if not days:
        return []
    first, last = _around(days)
    groups = session.execute(
        select(StudyGroup.school_class_id, StudyGroup.id).where(
            StudyGroup.is_whole_class, StudyGroup.school_class_id.in_(days)
        )
    )
    group_of = {where: group_id for where, group_id in groups}  # noqa: C416 - rows are tuples for mypy only so
    members = session.execute(
        select(StudyGroupMember.student_id, StudyGroup.school_class_id, StudyGroup.id, StudyGroupMember.starts_on,
               StudyGroupMember.ends_on)
        .join(StudyGroupMember.study_group)
        .where(StudyGroup.school_class_id.in_(days), overlaps(StudyGroupMember, first, last))
    )  # fmt: skip
    whole = [replace(each, group_id=group_of.get(each.class_id, 0)) for each in read_enrolled(session, days)]
    return joined([*(each for each in whole if each.group_id), *within(whole, _spells(members, days))])


def read_enrolled(session: Session, days: Mapping[int, Days]) -> list[Spell]:
    """The same in the classes themselves, without groups (0); one statement."""
    if not days:
        return []
    rows = session.execute(
        select(Enrollment.student_id, Enrollment.school_class_id, Enrollment.starts_on, Enrollment.ends_on).where(
            Enrollment.school_class_id.in_(days), overlaps(Enrollment, *_around(days))
        )
    )
    return joined(_spells(((who, where, 0, *rest) for who, where, *rest in rows), days))


def _around(days: Mapping[int, Days]) -> Days:
    """The first and the last of all days."""
    return min(first for first, _last in days.values()), max(last for _first, last in days.values())


def _spells(rows: Iterable[Any], days: Mapping[int, Days]) -> list[Spell]:
    found = []
    for student_id, class_id, group_id, starts_on, ends_on in rows:
        first, last = days[class_id]
        spell = Spell(student_id, class_id, group_id, max(starts_on, first), min(ends_on or last, last))
        if spell.first <= spell.last:
            found.append(spell)
    return found


def within(whole: Iterable[Spell], parts: Iterable[Spell]) -> list[Spell]:
    """The days of ``parts`` on which the student was in the whole class as well."""
    enrolled: defaultdict[tuple[int, int], list[Spell]] = defaultdict(list)
    for spell in whole:
        enrolled[spell.student_id, spell.class_id].append(spell)
    return [
        Spell(part.student_id, part.class_id, part.group_id, max(part.first, around.first), min(part.last, around.last))
        for part in parts
        for around in enrolled[part.student_id, part.class_id]
        if part.first <= around.last and part.last >= around.first
    ]


def joined(spells: Iterable[Spell]) -> list[Spell]:
    """Overlapping and adjoining spells of a student in a group made one, so that no lesson counts twice."""
    found: list[Spell] = []
    for spell in sorted(spells, key=lambda each: (_place(each), each.first, each.last)):
        before = found[-1] if found else None
        same = before is not None and _place(before) == _place(spell)
        if before is not None and same and spell.first <= before.last + timedelta(1):
            found[-1] = replace(before, last=max(before.last, spell.last))
        else:
            found.append(spell)
    return found


def _place(spell: Spell) -> tuple[int, int, int]:
    return spell.student_id, spell.class_id, spell.group_id


def by_group(spells: Iterable[Spell]) -> dict[int, Sequence[Spell]]:
    """Spells by the group they are in."""
    found: defaultdict[int, list[Spell]] = defaultdict(list)
    for spell in spells:
        found[spell.group_id].append(spell)
    return dict(found)


def clipped(spells: Iterable[Spell], first: date, last: date) -> list[Spell]:
    """The part of the spells that lies in the days."""
    return [
        replace(spell, first=max(spell.first, first), last=min(spell.last, last))
        for spell in spells
        if spell.first <= last and spell.last >= first
    ]
