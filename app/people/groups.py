"""Parts of a class that are taught apart: their members are students of the class."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.models import Student, StudyGroup, StudyGroupMember
from app.people.placement import check_days, is_in_class


def not_in(session: Session, group: StudyGroup, day: date) -> list[Student]:
    """Students of the group's class on ``day`` who are no members then or later, by name."""
    membership = and_(
        StudyGroupMember.study_group_id == group.id,
        or_(StudyGroupMember.ends_on.is_(None), StudyGroupMember.ends_on >= day),
    )
    rows = select(Student).where(is_in_class(group.school_class_id, day), ~Student.memberships.any(membership))
    return list(session.scalars(rows.order_by(Student.sort_name)))


def join(session: Session, group: StudyGroup, student_ids: Collection[int], day: date) -> None:
    """Make students of the class members of ``group`` from ``day``; all or none.

    Raises Refusal for a day outside of the year; that they are students of the class is a rule of its own.
    """
    check_days(group.school_class.academic_year, day)
    session.add_all(StudyGroupMember(study_group_id=group.id, student_id=each, starts_on=day) for each in student_ids)
    session.flush()
