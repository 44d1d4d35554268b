"""What a lesson takes: attendance only where clause 2.2 says so, nothing in a locked term, no strangers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from app.regulation.tables import (
    Ids,
    class_of_lesson,
    enrollment,
    homework_file,
    in_term,
    lesson,
    mark,
    member,
    personal_homework,
    school_class,
    study_group,
    term,
    term_of_class,
    work,
)

MARKS_WITHIN = timedelta(7)
"""Clause 2.4: current marks are entered within a week of the lesson."""


def without_marks() -> ColumnElement[bool]:
    """Clause 2.2: the lesson is of grade 1, or of grade 2 not later than the end of its first term."""
    end_of_first = select(term.c.ends_on).where(term_of_class, term.c.number == 1).correlate(school_class)
    return or_(
        school_class.c.grade == 1,
        and_(school_class.c.grade == 2, lesson.c.date <= end_of_first.scalar_subquery()),
    )


def rows_that(where: ColumnElement[bool]) -> Select[Any]:
    """Lessons that meet a criterion."""
    return select(lesson.c.id).select_from(class_of_lesson).where(where)


def marked_without_marks(where: ColumnElement[bool]) -> Select[Any]:
    """Lessons with marks or homework where clause 2.2 allows none."""
    marked = exists().where(mark.c.work_id == work.c.id, work.c.lesson_id == lesson.c.id)
    return rows_that(
        and_(where, without_marks(), or_(lesson.c.homework != "", marked, has(personal_homework), has(homework_file)))
    )


def has(table: Any) -> ColumnElement[bool]:
    """The lesson has a row of ``table``."""
    return exists().where(table.c.lesson_id == lesson.c.id)


def of(table: Any) -> Callable[[Ids], ColumnElement[bool]]:
    """The lessons of rows of ``table``."""
    return lambda ids: lesson.c.id.in_(select(table.c.lesson_id).where(table.c.id.in_(ids)))


def without_marks_of(which: Callable[[Ids], ColumnElement[bool]]) -> Callable[[Ids], Select[Any]]:
    """Lessons without marks and homework."""
    return lambda ids: rows_that(and_(without_marks(), which(ids)))


def of_marks(ids: Ids) -> ColumnElement[bool]:
    """The lessons of marks."""
    return lesson.c.id.in_(select(work.c.lesson_id).join(mark, mark.c.work_id == work.c.id).where(mark.c.id.in_(ids)))


def in_locked_term(which: Callable[[Ids], ColumnElement[bool]]) -> Callable[[Ids], Select[Any]]:
    """Lessons in a locked term."""
    return lambda ids: (
        select(lesson.c.id).select_from(class_of_lesson.join(term, in_term)).where(term.c.is_locked, which(ids))
    )


def in_group_that_day(student_id: ColumnElement[int]) -> ColumnElement[bool]:
    """The student belongs to the group of the lesson on its day: by enrolment, or as a member of a part."""

    def lasting(table: Any) -> ColumnElement[bool]:
        return and_(
            table.c.starts_on <= lesson.c.date, or_(table.c.ends_on.is_(None), table.c.ends_on >= lesson.c.date)
        )

    enrolled = exists().where(
        enrollment.c.student_id == student_id, enrollment.c.school_class_id == school_class.c.id, lasting(enrollment)
    )
    belongs = exists().where(
        member.c.student_id == student_id, member.c.study_group_id == study_group.c.id, lasting(member)
    )
    return and_(enrolled, or_(study_group.c.is_whole_class, belongs))


def strangers_marks(ids: Ids) -> Select[Any]:
    """Marks of students who were not of the lesson's group that day."""
    rows = class_of_lesson.join(work, work.c.lesson_id == lesson.c.id).join(mark, mark.c.work_id == work.c.id)
    return select(mark.c.id).select_from(rows).where(mark.c.id.in_(ids), ~in_group_that_day(mark.c.student_id))


def strangers_in(table: Any) -> Callable[[Ids], Select[Any]]:
    """Rows of ``table``, each of a student in a lesson, whose student is not of the lesson's group that day."""
    rows = class_of_lesson.join(table, table.c.lesson_id == lesson.c.id)
    outside = ~in_group_that_day(table.c.student_id)
    return lambda ids: select(table.c.id).select_from(rows).where(table.c.id.in_(ids), outside)
