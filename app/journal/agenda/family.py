"""For a guardian: each child's lessons of today and of the next school day, new marks, absences."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from app import policy
from app.journal.agenda.lessons import LessonLine, lasting, lessons, line
from app.models import (
    Attendance,
    Enrollment,
    Guardianship,
    Lesson,
    Mark,
    SchoolClass,
    Student,
    StudyGroup,
    StudyGroupMember,
    TeachingAssignment,
    Work,
)
from app.models.journal import AttendanceStatus

LOOK_AHEAD = timedelta(10)
NEW_MARKS = timedelta(7)
ABSENCES = timedelta(14)


@dataclass(frozen=True)
class NewMark:
    """A mark, for what, in which lesson, and when it was entered."""

    value: int
    work: str
    subject: str
    lesson_date: date
    entered_at: datetime


@dataclass(frozen=True)
class Missed:
    """A lesson in which the child was absent or late."""

    date: date
    number: int
    subject: str
    status: AttendanceStatus
    reason: str


@dataclass(frozen=True)
class ChildLesson:
    """A lesson; ``due`` is what the lesson of the subject before it gave to do at home."""

    line: LessonLine
    due: str


@dataclass(frozen=True)
class SchoolDay:
    """The lessons of a day."""

    date: date
    lessons: Sequence[ChildLesson]


@dataclass(frozen=True)
class Child:
    """``class_name`` is empty for a child who is in no class today; ``next_day`` is the next one with lessons."""

    id: int
    name: str
    class_name: str
    today: SchoolDay
    next_day: SchoolDay | None
    marks: Sequence[NewMark]
    missed: Sequence[Missed]


def children(session: Session, today: date, now: datetime) -> list[Child]:
    """The person's children, by name; four statements, one where there are no children."""
    rows = session.execute(
        select(Student, SchoolClass)
        .join(Guardianship, Guardianship.student_id == Student.id)
        .outerjoin(Enrollment, and_(Enrollment.student_id == Student.id, lasting(Enrollment, today)))
        .outerjoin(Enrollment.school_class)
        .where(Guardianship.user_id == policy.actor_of(session).user_id)
        .order_by(Student.sort_name, Student.id)
    ).all()
    ids = [student.id for student, _class in rows]
    if not ids:
        return []
    days, marks, missed = _days(session, today, ids), _marks(session, now, ids), _missed(session, today, ids)
    return [
        Child(
            id=student.id,
            name=str(student),
            class_name=str(school_class or ""),
            today=SchoolDay(today, days.get((student.id, today), ())),
            next_day=_next(days, student.id, today),
            marks=[mark for of, mark in marks if of == student.id],
            missed=[miss for of, miss in missed if of == student.id],
        )
        for student, school_class in rows
    ]


def _next(days: dict[tuple[int, date], list[ChildLesson]], student: int, today: date) -> SchoolDay | None:
    day = min((day for of, day in days if of == student and day > today), default=None)
    return SchoolDay(day, days[student, day]) if day else None


def _days(session: Session, today: date, ids: Collection[int]) -> dict[tuple[int, date], list[ChildLesson]]:
    """Lessons of the coming days by child and day: those of the class, and of the parts of it the child is in."""
    earlier, in_group = aliased(Lesson), StudyGroup.members.any(_is_member())
    due = (
        select(earlier.homework)
        .where(
            earlier.teaching_assignment_id == Lesson.teaching_assignment_id,
            earlier.date < Lesson.date,
            ~earlier.is_cancelled,
        )
        .order_by(earlier.date.desc(), earlier.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        lessons(Enrollment.student_id, due)
        .join(Enrollment, and_(Enrollment.school_class_id == SchoolClass.id, lasting(Enrollment, Lesson.date)))
        .where(
            Enrollment.student_id.in_(ids),
            Lesson.date.between(today, today + LOOK_AHEAD),
            or_(StudyGroup.is_whole_class, in_group),
        )
    )
    days: dict[tuple[int, date], list[ChildLesson]] = {}
    for lesson, bell, unmarked, student_id, homework in rows:
        days.setdefault((student_id, lesson.date), []).append(ChildLesson(line(lesson, bell, unmarked), homework or ""))
    return days


def _is_member() -> ColumnElement[bool]:
    return and_(StudyGroupMember.student_id == Enrollment.student_id, lasting(StudyGroupMember, Lesson.date))


def _marks(session: Session, now: datetime, ids: Collection[int]) -> list[tuple[int, NewMark]]:
    subject = joinedload(Mark.work).joinedload(Work.lesson).joinedload(Lesson.assignment)
    rows = session.scalars(
        select(Mark)
        .where(Mark.student_id.in_(ids), Mark.entered_at >= now - NEW_MARKS)
        .options(subject.joinedload(TeachingAssignment.subject))
        .order_by(Mark.entered_at.desc(), Mark.id.desc())
    )
    return [
        (
            mark.student_id,
            NewMark(
                value=mark.value,
                work=mark.work.title or str(mark.work.kind),
                subject=str(mark.work.lesson.assignment.subject),
                lesson_date=mark.work.lesson.date,
                entered_at=mark.entered_at,
            ),
        )
        for mark in rows
    ]


def _missed(session: Session, today: date, ids: Collection[int]) -> list[tuple[int, Missed]]:
    rows = session.scalars(
        select(Attendance)
        .join(Attendance.lesson)
        .where(Attendance.student_id.in_(ids), Lesson.date.between(today - ABSENCES, today))
        .options(joinedload(Attendance.lesson).joinedload(Lesson.assignment).joinedload(TeachingAssignment.subject))
        .order_by(Lesson.date.desc(), Lesson.number)
    )
    return [
        (
            row.student_id,
            Missed(row.lesson.date, row.lesson.number, str(row.lesson.assignment.subject), row.status, row.reason),
        )
        for row in rows
    ]
