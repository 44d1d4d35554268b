"""What is shown of a lesson wherever one stands on a list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from app.journal.moved import day_moved_to
from app.models import BellTime, Lesson, SchoolClass, StudyGroup, TeachingAssignment
from app.regulation import without_marks

Day = date  # the name of a field below hides it


@dataclass(frozen=True)
class LessonLine:
    """A lesson on a list. ``wants_homework`` is False where the regulation forbids marks and homework.

    ``teacher`` holds the assignment; ``substitute`` stands in, empty without one. A cancelled lesson has a reason,
    or was ``moved_to`` a day.
    """

    id: int
    assignment_id: int
    date: date
    number: int
    starts_at: time | None
    ends_at: time | None
    room: str
    subject_id: int
    subject: str
    class_id: int
    group: str
    topic: str
    homework: str
    wants_homework: bool
    is_cancelled: bool
    version: int
    cancel_reason: str
    moved_to: Day | None
    teacher: str
    substitute: str


def lessons(*further: Any) -> Select[Any]:
    """Rows of a lesson, its bell time, whether it is without marks, and ``further`` columns, by day and number."""
    return (
        select(Lesson, BellTime, without_marks(), *further)
        .join(Lesson.assignment)
        .join(TeachingAssignment.study_group)
        .join(StudyGroup.school_class)
        .outerjoin(BellTime, BellTime.number == Lesson.number)
        .options(
            contains_eager(Lesson.assignment)
            .contains_eager(TeachingAssignment.study_group)
            .contains_eager(StudyGroup.school_class),
            contains_eager(Lesson.assignment).joinedload(TeachingAssignment.subject),
            contains_eager(Lesson.assignment).joinedload(TeachingAssignment.teacher),
            joinedload(Lesson.substitute),
        )
        .order_by(Lesson.date, Lesson.number, SchoolClass.grade, SchoolClass.letter, Lesson.id)
    )


def line(lesson: Lesson, bell: BellTime | None, unmarked: bool) -> LessonLine:
    """The first columns of a row of ``lessons``."""
    assignment = lesson.assignment
    return LessonLine(
        id=lesson.id,
        assignment_id=lesson.teaching_assignment_id,
        date=lesson.date,
        number=lesson.number,
        starts_at=bell.starts_at if bell else None,
        ends_at=bell.ends_at if bell else None,
        room=lesson.room,
        subject_id=assignment.subject_id,
        subject=str(assignment.subject),
        class_id=assignment.study_group.school_class_id,
        group=str(assignment.study_group),
        topic=lesson.topic,
        homework=lesson.homework,
        wants_homework=not unmarked,
        is_cancelled=lesson.is_cancelled,
        version=lesson.version,
        cancel_reason=lesson.cancel_reason,
        moved_to=day_moved_to(lesson),
        teacher=str(assignment.teacher or ""),
        substitute=str(lesson.substitute or ""),
    )
