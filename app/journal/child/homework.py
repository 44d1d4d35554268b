"""Homework of a student: what a lesson gave for the next one of its subject, and the family's tick on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from app import policy
from app.journal.child.own_lessons import is_own
from app.models import HomeworkDone, HomeworkFile, Lesson, StudentHomework, TeachingAssignment

Course = tuple[int, int]
"""A subject in a group: homework goes on when another teacher takes over."""


@dataclass(frozen=True)
class Homework:
    """What the lesson gave to do: ``text`` for all, ``own`` for this student alone, and files."""

    lesson_id: int
    given_on: date
    text: str
    own: str
    files: Sequence[HomeworkFile]
    is_done: bool
    version: int


def day_given() -> Any:
    """A column beside a lesson: the day of the lesson before it in the same subject and group."""
    earlier, course = aliased(Lesson), aliased(TeachingAssignment)
    return (
        select(func.max(earlier.date))
        .join(course, course.id == earlier.teaching_assignment_id)
        .where(
            course.study_group_id == TeachingAssignment.study_group_id,
            course.subject_id == TeachingAssignment.subject_id,
            earlier.date < Lesson.date,
            ~earlier.is_cancelled,
        )
        .correlate(Lesson, TeachingAssignment)
        .scalar_subquery()
    )


def given(
    session: Session, student_id: int, wanted: Collection[tuple[Course, date]]
) -> dict[tuple[Course, date], list[Homework]]:
    """The homework that courses gave on days, in the order of the lessons; two statements."""
    groups = {group for (_subject, group), _day in wanted}
    rows = session.execute(
        select(Lesson, TeachingAssignment.subject_id, TeachingAssignment.study_group_id, StudentHomework, HomeworkDone)
        .join(Lesson.assignment)
        .outerjoin(
            StudentHomework, and_(StudentHomework.lesson_id == Lesson.id, StudentHomework.student_id == student_id)
        )
        .outerjoin(HomeworkDone, and_(HomeworkDone.lesson_id == Lesson.id, HomeworkDone.student_id == student_id))
        .where(
            TeachingAssignment.study_group_id.in_(groups),
            Lesson.date.in_({day for _course, day in wanted}),
            ~Lesson.is_cancelled,
        )
        .order_by(Lesson.date, Lesson.number, Lesson.id)
    ).all()
    files = _files(session, [lesson.id for lesson, *_rest in rows])
    found: defaultdict[tuple[Course, date], list[Homework]] = defaultdict(list)
    for lesson, subject_id, group_id, own, done in rows:
        place = (subject_id, group_id), lesson.date
        attached = files.get(lesson.id, ())
        if place in wanted and (lesson.homework or own or attached):
            text = own.text if own else ""
            found[place].append(
                Homework(lesson.id, lesson.date, lesson.homework, text, attached, done is not None, lesson.version)
            )
    return found


def _files(session: Session, lessons: Collection[int]) -> dict[int, list[HomeworkFile]]:
    files: dict[int, list[HomeworkFile]] = {}
    for file in session.scalars(
        select(HomeworkFile).where(HomeworkFile.lesson_id.in_(lessons)).order_by(HomeworkFile.id)
    ):
        files.setdefault(file.lesson_id, []).append(file)
    return files


def tick(session: Session, student_id: int, lesson_id: int, is_done: bool) -> bool:
    """Tick the homework of a lesson off, or take the tick back; False where the student has no such homework.

    Both parents may do so at the same moment: the second one finds it done. Commits.
    """
    if not _has_homework(session, student_id, lesson_id):
        return False
    row = session.scalars(
        select(HomeworkDone).where(HomeworkDone.student_id == student_id, HomeworkDone.lesson_id == lesson_id)
    ).one_or_none()
    if is_done and row is None:
        user_id = policy.actor_of(session).user_id
        session.add(HomeworkDone(student_id=student_id, lesson_id=lesson_id, done_by_id=user_id))
    elif not is_done and row is not None:
        session.delete(row)
    try:
        session.commit()
    except IntegrityError:  # the other parent was first
        session.rollback()
    return True


def _has_homework(session: Session, student_id: int, lesson_id: int) -> bool:
    for_one = select(StudentHomework.id).where(
        StudentHomework.lesson_id == Lesson.id, StudentHomework.student_id == student_id
    )
    attached = select(HomeworkFile.id).where(HomeworkFile.lesson_id == Lesson.id)
    there = session.scalar(
        select(Lesson.id).where(Lesson.id == lesson_id, or_(Lesson.homework != "", for_one.exists(), attached.exists()))
    )
    return there is not None and is_own(session, student_id, lesson_id)


def course_of(lesson: Lesson) -> Course:
    """The course of a lesson whose assignment is loaded."""
    return lesson.assignment.subject_id, lesson.assignment.study_group_id
