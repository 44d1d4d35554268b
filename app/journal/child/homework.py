"""Homework of a student: what a lesson gave for the next one of its subject, and the family's tick on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from app import policy
from app.journal.child.own_lessons import is_own
from app.models import HomeworkDone, HomeworkFile, Lesson, StudentHomework, TeachingAssignment
from app.policy.kept import kept

Course = tuple[int, int]
"""A subject in a group: homework goes on when another teacher takes over."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a homework."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Homework:
    """What the lesson gave to do: ``text`` for all, ``own`` for this student alone, and files."""

    lesson_id: int
    given_on: date
    text: str
    own: str
    files: Sequence[File]
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
    """The homework that courses gave on days, in the order of the lessons; one statement."""
    if not wanted:
        return {}
    groups, days = {group for (_subject, group), _day in wanted}, {day for _course, day in wanted}
    rows = session.execute(_given(), {"student": student_id, "groups": list(groups), "days": list(days)})
    found: defaultdict[tuple[Course, date], list[Homework]] = defaultdict(list)
    for lesson, of_lesson in groupby(rows, key=itemgetter(0)):
        first, *others = of_lesson
        _id, day, text, version, subject_id, group_id, own, is_done, file_id, _name = first
        place = (subject_id, group_id), day
        if place in wanted and (text or own is not None or file_id is not None):
            files = [File(*row[-2:]) for row in (first, *others)] if file_id is not None else ()
            found[place].append(Homework(lesson, day, text, own or "", files, is_done, version))
    return found


@lru_cache
def _given() -> Any:
    """A row for each lesson and file of it, made once."""
    lesson_id = Lesson.id
    student: Any = bindparam("student")
    return kept(
        select(
            lesson_id, Lesson.date, Lesson.homework, Lesson.version, TeachingAssignment.subject_id,
            TeachingAssignment.study_group_id, StudentHomework.text, HomeworkDone.id.is_not(None), HomeworkFile.id,
            HomeworkFile.name,
        )
        .join(Lesson.assignment)
        .outerjoin(StudentHomework, and_(StudentHomework.lesson_id == lesson_id, StudentHomework.student_id == student))
        .outerjoin(HomeworkDone, and_(HomeworkDone.lesson_id == lesson_id, HomeworkDone.student_id == student))
        .outerjoin(HomeworkFile, HomeworkFile.lesson_id == lesson_id)
        .where(
            TeachingAssignment.study_group_id.in_(bindparam("groups", expanding=True)),
            Lesson.date.in_(bindparam("days", expanding=True)),
            ~Lesson.is_cancelled,
        )
        .order_by(Lesson.date, Lesson.number, lesson_id, HomeworkFile.id)
    )  # fmt: skip


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
