"""The timetable of a student: the weekly lessons of the class and of the parts of it the student is in."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from app.models import BellTime, Enrollment, StudyGroup, StudyGroupMember, TeachingAssignment, TimetableSlot
from app.people.placement import lasting


@dataclass(frozen=True)
class WeekLesson:
    """A weekly lesson."""

    number: int
    starts_at: time | None
    ends_at: time | None
    subject: str
    teacher: str
    room: str


def week_plan(session: Session, student_id: int, day: date) -> dict[int, list[WeekLesson]]:
    """The weekly lessons that hold on ``day``, by weekday (1 is Monday)."""
    member = and_(StudyGroupMember.student_id == student_id, lasting(StudyGroupMember, day))
    rows = session.execute(
        select(TimetableSlot, BellTime)
        .join(TimetableSlot.assignment)
        .join(TeachingAssignment.study_group)
        .join(Enrollment, Enrollment.school_class_id == StudyGroup.school_class_id)
        .outerjoin(BellTime, BellTime.number == TimetableSlot.number)
        .where(
            Enrollment.student_id == student_id,
            lasting(Enrollment, day),
            lasting(TeachingAssignment, day),
            TimetableSlot.valid_from <= day,
            or_(TimetableSlot.valid_until.is_(None), TimetableSlot.valid_until >= day),
            or_(StudyGroup.is_whole_class, StudyGroup.members.any(member)),
        )
        .options(
            joinedload(TimetableSlot.assignment).joinedload(TeachingAssignment.subject),
            joinedload(TimetableSlot.assignment).joinedload(TeachingAssignment.teacher),
        )
        .order_by(TimetableSlot.weekday, TimetableSlot.number, TimetableSlot.id)
    )
    week: defaultdict[int, list[WeekLesson]] = defaultdict(list)
    for slot, bell in rows:
        week[slot.weekday].append(
            WeekLesson(
                number=slot.number,
                starts_at=bell.starts_at if bell else None,
                ends_at=bell.ends_at if bell else None,
                subject=str(slot.assignment.subject),
                teacher=str(slot.assignment.teacher or ""),
                room=slot.room,
            )
        )
    return dict(week)
