"""Final marks: of their journal, locked with their term, explained where they differ from the proposed ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select

from app.config import Grading
from app.models.journal import NUMBERS, FinalMarkKind
from app.regulation.tables import (
    Ids,
    assignment,
    enrollment,
    final_mark,
    lesson,
    mark,
    school_class,
    study_group,
    term,
    term_of_class,
    work,
)

_final_rows = (
    final_mark.join(assignment, assignment.c.id == final_mark.c.teaching_assignment_id)
    .join(study_group, study_group.c.id == assignment.c.study_group_id)
    .join(school_class, school_class.c.id == study_group.c.school_class_id)
    .outerjoin(term, term.c.id == final_mark.c.term_id)
)


def rows_that(where: Callable[[], ColumnElement[bool]]) -> Callable[[Ids], Select[Any]]:
    """Final marks that meet a criterion."""
    return lambda ids: select(final_mark.c.id).select_from(_final_rows).where(final_mark.c.id.in_(ids), where())


def without_marks() -> ColumnElement[bool]:
    """Clause 2.2: of grade 1, or of the first term of grade 2."""
    return or_(school_class.c.grade == 1, and_(school_class.c.grade == 2, term.c.number == 1))


def of_another_journal() -> ColumnElement[bool]:
    """Not of the assignment's subject, year, division of the year, or of a student of its class."""
    enrolled = exists().where(
        enrollment.c.student_id == final_mark.c.student_id, enrollment.c.school_class_id == school_class.c.id
    )
    return or_(
        final_mark.c.subject_id != assignment.c.subject_id,
        final_mark.c.academic_year_id != school_class.c.academic_year_id,
        and_(final_mark.c.kind == FinalMarkKind.TERM, ~term_of_class),
        ~enrolled,
    )


def locked() -> ColumnElement[bool]:
    """Of a locked term; the mark of the year when every term of the class is locked."""
    of_class = select(func.count()).select_from(term).where(term_of_class).correlate(school_class)
    all_locked = and_(of_class.scalar_subquery() > 0, of_class.where(~term.c.is_locked).scalar_subquery() == 0)
    return or_(func.coalesce(term.c.is_locked, false()), and_(final_mark.c.kind == FinalMarkKind.YEAR, all_locked))


def _number(value: ColumnElement[Any]) -> ColumnElement[int]:
    """The figure of a final mark; 0 of зач, н/а, осв."""
    return case(*((value == word, number) for word, number in NUMBERS.items()), else_=0)


def _unexplained(kind: FinalMarkKind, ids: Ids) -> ColumnElement[bool]:
    """Final marks of ``ids`` that need a reason when they differ."""
    return and_(
        final_mark.c.id.in_(ids),
        final_mark.c.kind == kind,
        final_mark.c.value.in_(NUMBERS),
        func.trim(final_mark.c.reason) == "",
    )


def _differs(total: ColumnElement[int], weights: ColumnElement[int]) -> ColumnElement[bool]:
    """The mark is further from ``grading.rounded(grading.hundredths(total, weights))`` than the school allows.

    In whole numbers, without the floors: for a whole k the proposed mark is below k exactly when
    200 * total + weights < 2 * weights * (100 * (k - 1) + threshold).
    """
    grading, value = Grading.of(current_app.config), _number(final_mark.c.value)
    doubled = 200 * total + weights
    lowest, highest = value - grading.tolerance, value + grading.tolerance
    return or_(
        doubled < 2 * weights * (100 * (lowest - 1) + grading.threshold),
        doubled >= 2 * weights * (100 * highest + grading.threshold),
    )


def unexplained_term_marks(ids: Ids) -> Select[Any]:
    """Term marks that differ from what the marks of the term give, without a reason."""
    total, weights = func.sum(mark.c.value * work.c.weight), func.sum(work.c.weight)
    held = and_(
        lesson.c.teaching_assignment_id == final_mark.c.teaching_assignment_id,
        lesson.c.date.between(term.c.starts_on, term.c.ends_on),
    )
    rows = (
        final_mark.join(term, term.c.id == final_mark.c.term_id)
        .join(lesson, held)
        .join(work, work.c.lesson_id == lesson.c.id)
        .join(mark, and_(mark.c.work_id == work.c.id, mark.c.student_id == final_mark.c.student_id))
    )
    enough = func.count() >= Grading.of(current_app.config).minimum
    return (
        select(final_mark.c.id)
        .select_from(rows)
        .where(_unexplained(FinalMarkKind.TERM, ids))
        .group_by(final_mark.c.id, final_mark.c.value)
        .having(and_(enough, _differs(total, weights)))
    )


def unexplained_year_marks(ids: Ids) -> Select[Any]:
    """Year marks that differ from what the term marks give, without a reason."""
    given = final_mark.alias("given")
    same = (given.c[name] == final_mark.c[name] for name in ("student_id", "subject_id", "academic_year_id"))
    rows = final_mark.join(given, and_(*same, given.c.kind == FinalMarkKind.TERM, given.c.value.in_(NUMBERS)))
    return (
        select(final_mark.c.id)
        .select_from(rows)
        .where(_unexplained(FinalMarkKind.YEAR, ids))
        .group_by(final_mark.c.id, final_mark.c.value)
        .having(_differs(func.sum(_number(given.c.value)), func.count()))
    )


def opened_without_reason(ids: Ids) -> Select[Any]:
    """Terms that are open without a reason."""
    return select(term.c.id).where(term.c.id.in_(ids), ~term.c.is_locked, func.trim(term.c.unlock_reason) == "")
