"""Who could take a journal: who had it before, teaches the subject, has no lesson at the same hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.models import AcademicYear, SchoolClass, StudyGroup, TeachingAssignment, TimetableSlot, User
from app.staff.holdings import HeldJournal, Hour


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


def successors(
    session: Session, journals: Sequence[HeldJournal], staff: Sequence[User], today: date
) -> dict[int, list[Successor]]:
    """By assignment, everybody of ``staff`` who could take it, the best first; two statements."""
    subjects: dict[int, set[int]] = defaultdict(set)
    owner: dict[int, int] = {}
    held = (
        select(TeachingAssignment.id, TeachingAssignment.teacher_id, TeachingAssignment.subject_id)
        .join(TeachingAssignment.study_group)
        .join(StudyGroup.school_class)
        .join(SchoolClass.academic_year)
        .where(or_(TeachingAssignment.ends_on.is_(None), TeachingAssignment.ends_on >= today))
        .where(AcademicYear.ends_on >= today)
    )
    for number, teacher_id, subject_id in session.execute(held):
        owner[number] = teacher_id
        subjects[teacher_id].add(subject_id)
    busy: dict[int, set[Hour]] = defaultdict(set)
    weekly = select(TimetableSlot.teaching_assignment_id, TimetableSlot.weekday, TimetableSlot.number).where(
        or_(TimetableSlot.valid_until.is_(None), TimetableSlot.valid_until >= today)
    )
    for number, weekday, hour in session.execute(weekly):
        if number in owner:
            busy[owner[number]].add((weekday, hour))
    return {
        journal.assignment.id: sorted(
            (
                Successor(
                    user,
                    any(held.teacher.id == user.id for held in journal.before),
                    journal.assignment.subject_id in subjects[user.id],
                    len(journal.hours & busy[user.id]),
                )
                for user in staff
            ),
            key=lambda each: each.rank,
        )
        for journal in journals
    }
