"""The school's regulation as rules: what is refused on every path, whoever writes.

A rule looks at the rows a flush has written (or is about to delete) and finds those that break it.
Clauses are those of ``domain.md``; rules without a clause keep the records sound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app
from flask_babel import LazyString, lazy_gettext
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import Session, UOWTransaction

from app import conflicts, models
from app.config import Grading
from app.extensions import Base
from app.models.journal import NUMBERS, FinalMarkKind
from app.policy.enforcement import changed_columns
from app.policy.scopes import table_of

Ids = set[int]

MARKS_WITHIN = timedelta(7)
"""Clause 2.4: current marks are entered within a week of the lesson."""

user, account, term = table_of(models.User), table_of(models.Account), table_of(models.Term)
school_class, study_group = table_of(models.SchoolClass), table_of(models.StudyGroup)
enrollment, member = table_of(models.Enrollment), table_of(models.StudyGroupMember)
assignment, lesson, work = table_of(models.TeachingAssignment), table_of(models.Lesson), table_of(models.Work)
personal_homework, homework_file = table_of(models.StudentHomework), table_of(models.HomeworkFile)
mark, attendance, final_mark = table_of(models.Mark), table_of(models.Attendance), table_of(models.FinalMark)


class RegulationError(Exception):
    """The regulation forbids the change; nothing was written. Answered with its message."""

    def __init__(self, message: LazyString | str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


@dataclass(frozen=True)
class Rule:
    """``breaches(ids)`` selects something for every written row of ``model`` that breaks the rule.

    A changed row is looked at only when one of ``columns`` changed (None: any); a new row unless
    ``on_create`` is False; a row that is about to be deleted only where the rule says so.
    ``takes_turns``: two who write at once could break it together.
    """

    model: type[Base]
    breaches: Callable[[Ids], Select[Any]]
    message: LazyString | Callable[[Connection, Row[Any]], str]
    columns: frozenset[str] | None = None
    on_create: bool = True
    before_delete: bool = False
    takes_turns: bool = False


# A lesson with its class, and the term of the class that its day falls in.
_class_of_lesson = (
    lesson.join(assignment, assignment.c.id == lesson.c.teaching_assignment_id)
    .join(study_group, study_group.c.id == assignment.c.study_group_id)
    .join(school_class, school_class.c.id == study_group.c.school_class_id)
)
_term_of_class = and_(
    term.c.academic_year_id == school_class.c.academic_year_id, term.c.kind == school_class.c.term_kind
)
_in_term = and_(_term_of_class, lesson.c.date.between(term.c.starts_on, term.c.ends_on))


def without_marks() -> ColumnElement[bool]:
    """Clause 2.2: the lesson is of grade 1, or of grade 2 not later than the end of its first term."""
    end_of_first = select(term.c.ends_on).where(_term_of_class, term.c.number == 1).correlate(school_class)
    return or_(
        school_class.c.grade == 1,
        and_(school_class.c.grade == 2, lesson.c.date <= end_of_first.scalar_subquery()),
    )


def _lessons(where: ColumnElement[bool]) -> Select[Any]:
    return select(lesson.c.id).select_from(_class_of_lesson).where(where)


def _marked_without_marks(where: ColumnElement[bool]) -> Select[Any]:
    marked = exists().where(mark.c.work_id == work.c.id, work.c.lesson_id == lesson.c.id)
    return _lessons(and_(where, without_marks(), or_(lesson.c.homework != "", marked, _has(personal_homework),
                                                     _has(homework_file))))  # fmt: skip


def _has(table: Any) -> ColumnElement[bool]:
    """The lesson has a row of ``table``."""
    return exists().where(table.c.lesson_id == lesson.c.id)


def _of(table: Any) -> Callable[[Ids], ColumnElement[bool]]:
    """The lessons of rows of ``table``."""
    return lambda ids: lesson.c.id.in_(select(table.c.lesson_id).where(table.c.id.in_(ids)))


def _bare(of: Callable[[Ids], ColumnElement[bool]]) -> Callable[[Ids], Select[Any]]:
    """Lessons without marks and homework."""
    return lambda ids: _lessons(and_(without_marks(), of(ids)))


def _of_mark(ids: Ids) -> ColumnElement[bool]:
    return lesson.c.id.in_(select(work.c.lesson_id).join(mark, mark.c.work_id == work.c.id).where(mark.c.id.in_(ids)))


def _locked(of: Callable[[Ids], ColumnElement[bool]]) -> Callable[[Ids], Select[Any]]:
    """Lessons in a locked term."""
    return lambda ids: (
        select(lesson.c.id).select_from(_class_of_lesson.join(term, _in_term)).where(term.c.is_locked, of(ids))
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


def _strangers_marks(ids: Ids) -> Select[Any]:
    rows = _class_of_lesson.join(work, work.c.lesson_id == lesson.c.id).join(mark, mark.c.work_id == work.c.id)
    return select(mark.c.id).select_from(rows).where(mark.c.id.in_(ids), ~in_group_that_day(mark.c.student_id))


def _strangers(table: Any) -> Callable[[Ids], Select[Any]]:
    """Rows of ``table``, each of a student in a lesson, whose student is not of the lesson's group that day."""
    rows = _class_of_lesson.join(table, table.c.lesson_id == lesson.c.id)
    outside = ~in_group_that_day(table.c.student_id)
    return lambda ids: select(table.c.id).select_from(rows).where(table.c.id.in_(ids), outside)


_final_rows = (
    final_mark.join(assignment, assignment.c.id == final_mark.c.teaching_assignment_id)
    .join(study_group, study_group.c.id == assignment.c.study_group_id)
    .join(school_class, school_class.c.id == study_group.c.school_class_id)
    .outerjoin(term, term.c.id == final_mark.c.term_id)
)


def _final(where: Callable[[], ColumnElement[bool]]) -> Callable[[Ids], Select[Any]]:
    return lambda ids: select(final_mark.c.id).select_from(_final_rows).where(final_mark.c.id.in_(ids), where())


def _final_without_marks() -> ColumnElement[bool]:
    return or_(school_class.c.grade == 1, and_(school_class.c.grade == 2, term.c.number == 1))


def _final_of_another_journal() -> ColumnElement[bool]:
    """Not of the assignment's subject, year, division of the year, or of a student of its class."""
    enrolled = exists().where(
        enrollment.c.student_id == final_mark.c.student_id, enrollment.c.school_class_id == school_class.c.id
    )
    return or_(
        final_mark.c.subject_id != assignment.c.subject_id,
        final_mark.c.academic_year_id != school_class.c.academic_year_id,
        and_(final_mark.c.kind == FinalMarkKind.TERM, ~_term_of_class),
        ~enrolled,
    )


def _final_locked() -> ColumnElement[bool]:
    """Of a locked term; the mark of the year when every term of the class is locked."""
    of_class = select(func.count()).select_from(term).where(_term_of_class).correlate(school_class)
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


def _unexplained_term_marks(ids: Ids) -> Select[Any]:
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


def _unexplained_year_marks(ids: Ids) -> Select[Any]:
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


def _opened_without_reason(ids: Ids) -> Select[Any]:
    return select(term.c.id).where(term.c.id.in_(ids), ~term.c.is_locked, func.trim(term.c.unlock_reason) == "")


def _overlapping_enrollments(ids: Ids) -> Select[Any]:
    other = enrollment.alias()
    return select(enrollment.c.id).where(
        enrollment.c.id.in_(ids),
        other.c.student_id == enrollment.c.student_id,
        other.c.id != enrollment.c.id,
        or_(other.c.ends_on.is_(None), other.c.ends_on >= enrollment.c.starts_on),
        or_(enrollment.c.ends_on.is_(None), other.c.starts_on <= enrollment.c.ends_on),
    )


def _members_of_another_class(ids: Ids) -> Select[Any]:
    enrolled = exists().where(
        enrollment.c.student_id == member.c.student_id,
        enrollment.c.school_class_id == study_group.c.school_class_id,
        enrollment.c.starts_on <= member.c.starts_on,
        or_(enrollment.c.ends_on.is_(None), enrollment.c.ends_on >= member.c.starts_on),
    )
    rows = member.join(study_group, study_group.c.id == member.c.study_group_id)
    wrong = or_(study_group.c.is_whole_class, ~enrolled)
    return select(member.c.id).select_from(rows).where(member.c.id.in_(ids), wrong)


NO_MARKS = lazy_gettext(
    "Regulation, clause 2.2: in grade 1 and in the first quarter of grade 2 there are no marks and no homework, "
    "only attendance. Nothing was saved."
)
LOCKED = lazy_gettext(
    "The term is locked: its marks are final. Ask the deputy director to unlock it. Nothing was saved."
)
NOT_IN_GROUP = lazy_gettext("The student did not belong to the group of this lesson on that day. Nothing was saved.")
OTHER_JOURNAL = lazy_gettext(
    "A final mark is of the subject, the year and the students of its teaching assignment. Nothing was saved."
)
OVERLAP = lazy_gettext(
    "The student is in a class in these days already: end the earlier enrolment first. Nothing was saved."
)
NOT_IN_CLASS = lazy_gettext(
    "Members of a part of a class are students of that class on the day they join it. Nothing was saved."
)
HOMEWORK_STAYS = lazy_gettext(
    "The lesson has homework files or homework for single students. Delete these first. Nothing was deleted."
)
NEEDS_REASON = lazy_gettext(
    "A final mark differs from the proposed one by more than the school allows: give the reason. Nothing was saved."
)
OPENED_WITHOUT_REASON = lazy_gettext("A locked term is opened only with a reason. Nothing was changed.")
LAST_DEPUTY = lazy_gettext(
    "At least one deputy director must be able to sign in. Give somebody else the right first. Nothing was saved."
)

EXPLAINED = frozenset({"value", "reason", "kind", "term_id", "student_id", "subject_id", "teaching_assignment_id"})

RULES = (
    Rule(models.Mark, _bare(_of_mark), NO_MARKS),
    Rule(models.Lesson, lambda ids: _marked_without_marks(lesson.c.id.in_(ids)), NO_MARKS),
    Rule(models.SchoolClass, lambda ids: _marked_without_marks(school_class.c.id.in_(ids)), NO_MARKS,
         frozenset({"grade", "term_kind", "academic_year_id"})),
    Rule(models.Term, lambda ids: _marked_without_marks(
        school_class.c.academic_year_id.in_(select(term.c.academic_year_id).where(term.c.id.in_(ids)))), NO_MARKS,
         frozenset({"starts_on", "ends_on", "number", "kind", "academic_year_id"})),
    Rule(models.FinalMark, _final(_final_without_marks), NO_MARKS),
    Rule(models.Mark, _locked(_of_mark), LOCKED, before_delete=True),
    Rule(models.Work, _locked(_of(work)), LOCKED, before_delete=True),
    Rule(models.Lesson, _locked(lambda ids: lesson.c.id.in_(ids)), LOCKED,
         frozenset({"topic", "homework", "date", "number", "teaching_assignment_id", "is_cancelled"}),
         before_delete=True),
    Rule(models.Attendance, _locked(_of(attendance)), LOCKED,
         frozenset({"status", "lesson_id", "student_id"}), before_delete=True),
    Rule(models.FinalMark, _final(_final_locked), LOCKED, before_delete=True),
    Rule(models.Mark, _strangers_marks, NOT_IN_GROUP, frozenset({"work_id", "student_id"})),
    Rule(models.Attendance, _strangers(attendance), NOT_IN_GROUP, frozenset({"lesson_id", "student_id"})),
    Rule(models.FinalMark, _final(_final_of_another_journal), OTHER_JOURNAL),
    Rule(models.StudentHomework, _bare(_of(personal_homework)), NO_MARKS),
    Rule(models.StudentHomework, _locked(_of(personal_homework)), LOCKED, before_delete=True),
    Rule(models.StudentHomework, _strangers(personal_homework), NOT_IN_GROUP, frozenset({"lesson_id", "student_id"})),
    Rule(models.Lesson, lambda ids: _lessons(and_(lesson.c.id.in_(ids), or_(_has(personal_homework),
                                                                            _has(homework_file)))),
         HOMEWORK_STAYS, frozenset(), before_delete=True, on_create=False),
    Rule(models.HomeworkFile, _bare(_of(homework_file)), NO_MARKS),
    Rule(models.HomeworkFile, _locked(_of(homework_file)), LOCKED, before_delete=True),
    Rule(models.FinalMark, _unexplained_term_marks, NEEDS_REASON, EXPLAINED),
    Rule(models.FinalMark, _unexplained_year_marks, NEEDS_REASON, EXPLAINED),
    Rule(models.Term, _opened_without_reason, OPENED_WITHOUT_REASON, frozenset({"is_locked"}), on_create=False),
    Rule(models.Enrollment, _overlapping_enrollments, OVERLAP),
    Rule(models.StudyGroupMember, _members_of_another_class, NOT_IN_CLASS),
    Rule(models.Lesson, conflicts.lessons_in_two_places, conflicts.lesson_conflict,
         frozenset({"date", "number", "room", "substitute_id", "is_cancelled", "teaching_assignment_id"}),
         takes_turns=True),
    Rule(models.TimetableSlot, conflicts.slots_in_two_places, conflicts.slot_conflict,
         frozenset({"weekday", "number", "room", "valid_from", "valid_until", "teaching_assignment_id"}),
         takes_turns=True),
    Rule(models.TeachingAssignment, lambda ids: conflicts.lessons_in_two_places(conflicts.lessons_of(ids)),
         conflicts.lesson_conflict, frozenset({"teacher_id", "study_group_id"}), takes_turns=True),
    Rule(models.TeachingAssignment, lambda ids: conflicts.slots_in_two_places(conflicts.slots_of(ids)),
         conflicts.slot_conflict, frozenset({"teacher_id", "study_group_id", "starts_on", "ends_on"}),
         takes_turns=True),
)  # fmt: skip


def check_before(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    """Refuse forbidden deletions."""
    for rule in RULES:
        if rule.before_delete:
            _check(session, rule, session.deleted)
    session.info["had_deputy"] = _touches_access(session) and _deputy_can_sign_in(session)


def check_after(session: Session, _context: UOWTransaction) -> None:
    """Refuse what was written against a rule."""
    changed = [(row, columns) for row in session.dirty if (columns := changed_columns(row))]
    for rule in RULES:
        rows: list[Any] = [row for row, columns in changed if rule.columns is None or columns & rule.columns]
        _check(session, rule, [*rows, *session.new] if rule.on_create else rows)
    if session.info.pop("had_deputy") and not _deputy_can_sign_in(session):
        raise RegulationError(LAST_DEPUTY)


def _check(session: Session, rule: Rule, rows: Iterable[Any]) -> None:
    model: Any = rule.model
    ids = {row.id for row in rows if isinstance(row, model)}
    if ids and rule.takes_turns:
        conflicts.take_turns(session.connection())
    breach = session.connection().execute(rule.breaches(ids).limit(1)).first() if ids else None
    if breach is not None:
        words = rule.message
        raise RegulationError(words if isinstance(words, LazyString) else words(session.connection(), breach))


def _touches_access(session: Session) -> bool:
    written: Iterable[Any] = [*session.dirty, *session.deleted]
    access = {"is_deputy_director", "is_active", "password_hash"}
    return any(
        isinstance(row, models.User | models.Account) and (row in session.deleted or changed_columns(row) & access)
        for row in written
    )


def _deputy_can_sign_in(session: Session) -> bool:
    """Whether a deputy director can; locks their rows, so that two who end each other's access take turns."""
    usable = (
        select(user.c.id)
        .join(account, account.c.user_id == user.c.id)
        .where(user.c.is_deputy_director, user.c.is_active, account.c.password_hash.is_not(None))
        .order_by(user.c.id)
        .with_for_update()
    )
    return session.connection().execute(usable).first() is not None
