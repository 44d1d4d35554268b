"""What the family that can sign in finds in its diary besides marks: ticks, own homework, absences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import exists, select

from app.demo.load import Writer
from app.models import (
    Attendance,
    Enrollment,
    HomeworkDone,
    Lesson,
    Mark,
    StudentHomework,
    StudyGroup,
    TeachingAssignment,
    Work,
)
from app.models.journal import AttendanceStatus

LOOK_BACK = timedelta(20)
OWN = "Принести тетрадь на проверку, спрошу правило у доски."


@dataclass(frozen=True)
class Held:
    """A past lesson of a child's class, and whether the child has a mark or an absence in it."""

    id: int
    date: date
    number: int
    homework: str
    is_marked: bool
    is_missed: bool


def write_family(writer: Writer, now: datetime, guardian_id: int, students: Sequence[int]) -> None:
    """For each child: homework ticked off and some for the child alone, a lesson late, one missed, a day of illness."""
    writer.flush()
    for student_id in students:
        lessons = _held(writer, now.date(), student_id)
        given = [lesson for lesson in lessons if lesson.homework]
        for lesson in given[: len(given) * 2 // 3]:
            writer.add(
                HomeworkDone, lesson_id=lesson.id, student_id=student_id, done_by_id=guardian_id,
                done_at=min(now, datetime.combine(lesson.date, now.time(), now.tzinfo) + timedelta(hours=19)),
            )  # fmt: skip
        if given:
            writer.add(StudentHomework, lesson_id=given[-1].id, student_id=student_id, text=OWN)
        _write_absences(writer, now, student_id, lessons)


def _held(writer: Writer, today: date, student_id: int) -> list[Held]:
    """Lessons of the whole class in the last weeks, in order."""
    lesson, group, spell = Lesson.__table__.c, StudyGroup.__table__.c, Enrollment.__table__.c
    marked = exists().where(
        Mark.__table__.c.work_id == Work.__table__.c.id,
        Work.__table__.c.lesson_id == lesson.id,
        Mark.__table__.c.student_id == student_id,
    )
    absent = Attendance.__table__.c
    missed = exists().where(absent.lesson_id == lesson.id, absent.student_id == student_id)
    rows = writer.connection.execute(
        select(lesson.id, lesson.date, lesson.number, lesson.homework, marked, missed)
        .join(TeachingAssignment.__table__, TeachingAssignment.__table__.c.id == lesson.teaching_assignment_id)
        .join(StudyGroup.__table__, group.id == TeachingAssignment.__table__.c.study_group_id)
        .join(Enrollment.__table__, spell.school_class_id == group.school_class_id)
        .where(
            spell.student_id == student_id,
            spell.ends_on.is_(None),
            group.is_whole_class,
            ~lesson.is_cancelled,
            lesson.date.between(today - LOOK_BACK, today - timedelta(1)),
        )
        .order_by(lesson.date, lesson.number, lesson.id)
    )
    return [Held(*row) for row in rows]


def _write_absences(writer: Writer, now: datetime, student_id: int, lessons: Sequence[Held]) -> None:
    free = [lesson for lesson in lessons if not lesson.is_missed]
    late = next((lesson for lesson in reversed(free) if lesson.number == 1), None)
    if late is not None:
        _away(writer, now, student_id, late, AttendanceStatus.LATE)
    skipped = next((lesson for lesson in reversed(free) if lesson.number > 3 and not lesson.is_marked), None)
    if skipped is not None:
        _away(writer, now, student_id, skipped, AttendanceStatus.ABSENT)
    taken = {lesson.date for lesson in (late, skipped) if lesson is not None}
    for day, of_day in groupby(lessons, key=lambda lesson: lesson.date):
        all_day = list(of_day)
        if day not in taken and not any(lesson.is_marked or lesson.is_missed for lesson in all_day):
            for lesson in all_day:
                _away(writer, now, student_id, lesson, AttendanceStatus.ILL, "Справка от врача")
            return


def _away(
    writer: Writer, now: datetime, student_id: int, lesson: Held, status: AttendanceStatus, reason: str = ""
) -> None:
    writer.add(
        Attendance, lesson_id=lesson.id, student_id=student_id, status=status, reason=reason, version=1,
        entered_at=min(now, datetime.combine(lesson.date, now.time(), now.tzinfo) + timedelta(hours=13)),
    )  # fmt: skip
