"""Who had a journal before: what stands beside its teacher, on screen and in the printed journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import format_date, gettext
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.models import Handover, StudyGroup, TeachingAssignment, User


@dataclass(frozen=True)
class Held:
    """``teacher`` had the journal up to and including ``last``."""

    teacher: User
    last: date

    def __str__(self) -> str:
        day = format_date(self.last, "d MMM y")
        return str(gettext("%(name)s until %(day)s", name=self.teacher.short_name, day=day))


def held_before(session: Session, assignments: Collection[int]) -> dict[int, list[Held]]:
    """By assignment, who had it before its teacher, the first one first; those never handed over are not there.

    One statement. Whoever had it for less than a day did not have it.
    """
    rows = (
        select(Handover)
        .where(Handover.teaching_assignment_id.in_(assignments))
        .options(joinedload(Handover.from_teacher))
        .order_by(Handover.teaching_assignment_id, Handover.since, Handover.id)
    )
    found: dict[int, list[Held]] = defaultdict(list)
    since: dict[int, date] = {}
    for row in session.scalars(rows):
        number = row.teaching_assignment_id
        if since.get(number) != row.since:
            found[number].append(Held(row.from_teacher, row.since - timedelta(1)))
        since[number] = row.since
    return dict(found)


def told(held: Sequence[Held]) -> str:
    """«Орлова В. П. до 11 окт. 2026, Быкова Н. Л. до 1 нояб. 2026»; empty without any."""
    return ", ".join(str(each) for each in held)


def of_person(session: Session, user_id: int) -> list[Handover]:
    """Journals the person gave or took, the latest first, as far as the session's person sees them."""
    rows = (
        select(Handover)
        .where(or_(Handover.from_teacher_id == user_id, Handover.to_teacher_id == user_id))
        .options(
            joinedload(Handover.from_teacher),
            joinedload(Handover.to_teacher),
            joinedload(Handover.assignment).joinedload(TeachingAssignment.subject),
            joinedload(Handover.assignment)
            .joinedload(TeachingAssignment.study_group)
            .joinedload(StudyGroup.school_class),
        )
        .order_by(Handover.since.desc(), Handover.id.desc())
    )
    return list(session.scalars(rows))
