"""Which lessons are a student's own: those of the class, and of the parts of it the student is in, on each day."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.models import Enrollment, Lesson, SchoolClass, StudyGroup, StudyGroupMember, TeachingAssignment
from app.people.placement import lasting


def of_student(rows: Select[Any], student_id: int) -> Select[Any]:
    """Of rows that are joined from a lesson up to its class: those of the student's own lessons."""
    member = and_(StudyGroupMember.student_id == student_id, lasting(StudyGroupMember, Lesson.date))
    return rows.join(
        Enrollment, and_(Enrollment.school_class_id == SchoolClass.id, lasting(Enrollment, Lesson.date))
    ).where(Enrollment.student_id == student_id, or_(StudyGroup.is_whole_class, StudyGroup.members.any(member)))


def own(student_id: int, *columns: Any) -> Select[Any]:
    """``columns`` of the student's own lessons."""
    joined = (
        select(*columns)
        .select_from(Lesson)
        .join(Lesson.assignment)
        .join(TeachingAssignment.study_group)
        .join(StudyGroup.school_class)
    )
    return of_student(joined, student_id)


def next_school_day(session: Session, student_id: int, after: date) -> date | None:
    """The first day after ``after`` on which the student has lessons that are held."""
    found: date | None = session.scalar(
        own(student_id, func.min(Lesson.date)).where(Lesson.date > after, ~Lesson.is_cancelled)
    )
    return found


def held_on(session: Session, student_id: int, first: date, last: date) -> dict[date, int]:
    """How many lessons the student has on each day, cancelled ones left out."""
    rows = session.execute(
        own(student_id, Lesson.date, func.count())
        .where(Lesson.date.between(first, last), ~Lesson.is_cancelled)
        .group_by(Lesson.date)
    )
    return {day: int(count) for day, count in rows}


def is_own(session: Session, student_id: int, lesson_id: int) -> bool:
    """Whether the lesson is one of the student's."""
    return session.scalar(own(student_id, Lesson.id).where(Lesson.id == lesson_id)) is not None
