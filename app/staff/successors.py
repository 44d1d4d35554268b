"""Who could take a journal: who had it before, teaches the subject, has no lesson at the same hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.models import AcademicYear, SchoolClass, StudyGroup, TeachingAssignment, TimetableSlot, User
from app.staff.holdings import Holdings, Hour


@dataclass(frozen=True)
class Successor:
    """Somebody who could take a journal; ``clashes``: weekly lessons they have at the same hours."""

    user: User
    had_it: bool
    same_subject: bool
    clashes: int

    @property
    def rank(self) -> tuple[bool, bool, int, str]:
        """The best first: who had it before, teaches the subject, is free."""
        return not self.had_it, not self.same_subject, self.clashes, self.user.sort_name


def colleagues(session: Session, user_id: int) -> list[User]:
    """Active staff but the person, by name."""
    rows = select(User).where(User.is_staff, User.is_active, User.id != user_id).order_by(User.sort_name, User.id)
    return list(session.scalars(rows))


def successors(session: Session, held: Holdings, staff: Sequence[User], today: date) -> dict[int, list[Successor]]:
    """By assignment, everybody of ``staff`` who could take it, the best first; one statement."""
    subjects: dict[int, set[int]] = defaultdict(set)
    busy: dict[int, set[Hour]] = defaultdict(set)
    weekly = and_(
        TimetableSlot.teaching_assignment_id == TeachingAssignment.id,
        or_(TimetableSlot.valid_until.is_(None), TimetableSlot.valid_until >= today),
    )
    rows = (
        select(
            TeachingAssignment.teacher_id, TeachingAssignment.subject_id, TimetableSlot.weekday, TimetableSlot.number
        )
        .join(TeachingAssignment.study_group)
        .join(StudyGroup.school_class)
        .join(SchoolClass.academic_year)
        .outerjoin(TimetableSlot, weekly)
        .where(or_(TeachingAssignment.ends_on.is_(None), TeachingAssignment.ends_on >= today))
        .where(AcademicYear.ends_on >= today)
    )
    for teacher_id, subject_id, weekday, hour in session.execute(rows):
        subjects[teacher_id].add(subject_id)
        busy[teacher_id].add((weekday, hour))
    had_it = {number: {each.teacher.id for each in before} for number, before in held.before.items()}
    return {
        journal.assignment.id: sorted(
            (
                Successor(
                    user,
                    user.id in had_it.get(journal.assignment.id, ()),
                    journal.assignment.subject_id in subjects[user.id],
                    len(journal.hours & busy[user.id]),
                )
                for user in staff
            ),
            key=lambda each: each.rank,
        )
        for journal in held.journals
    }
