"""Who had a journal before: what stands beside its teacher, on screen and in the printed journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import format_date, gettext
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.models import Handover, StudyGroup, TeachingAssignment, User

_IN_TURN = (Handover.teaching_assignment_id, Handover.since, Handover.id)


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

    One statement.
    """
    rows = select(Handover).where(Handover.teaching_assignment_id.in_(assignments))
    return before(session.scalars(rows.options(joinedload(Handover.from_teacher)).order_by(*_IN_TURN)))


def before(handovers: Iterable[Handover]) -> dict[int, list[Held]]:
    """The same, of handovers in turn."""
    handed: dict[int, list[Handover]] = defaultdict(list)
    for row in handovers:
        handed[row.teaching_assignment_id].append(row)
    return {number: held(in_turn) for number, in_turn in handed.items()}


def held(handovers: Iterable[Handover]) -> list[Held]:
    """Who had one journal before its teacher, by its handovers in turn.

    Whoever had it for less than a day did not have it.
    """
    until = {row.since: row.from_teacher for row in reversed(list(handovers))}
    return [Held(teacher, since - timedelta(1)) for since, teacher in sorted(until.items())]


def told(held: Sequence[Held]) -> str:
    """«Орлова В. П. до 11 окт. 2026, Быкова Н. Л. до 1 нояб. 2026»; empty without any."""
    return ", ".join(str(each) for each in held)


def around(session: Session, user_id: int) -> Sequence[Handover]:
    """All handovers, in turn, of every journal that the person has, or ever gave or took, as far as the session's
    person sees them."""
    own = select(TeachingAssignment.id).where(TeachingAssignment.teacher_id == user_id)
    handed = or_(Handover.from_teacher_id == user_id, Handover.to_teacher_id == user_id)
    passed = select(Handover.teaching_assignment_id).where(handed)
    rows = (
        select(Handover)
        .where(or_(Handover.teaching_assignment_id.in_(own), Handover.teaching_assignment_id.in_(passed)))
        .options(
            joinedload(Handover.from_teacher),
            joinedload(Handover.to_teacher),
            joinedload(Handover.assignment).joinedload(TeachingAssignment.subject),
            joinedload(Handover.assignment)
            .joinedload(TeachingAssignment.study_group)
            .joinedload(StudyGroup.school_class),
        )
        .order_by(*_IN_TURN)
    )
    return session.scalars(rows).all()
