"""The rules as a table, and what asks them around every flush.

A rule looks at the rows a flush has written (or is about to delete) and finds those that break it.
Clauses are those of ``domain.md``; rules without a clause keep the records sound.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import current_app
from flask_babel import LazyString
from sqlalchemy import Connection, Row, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session, UOWTransaction

from app import models
from app.config import Grading
from app.extensions import Base
from app.policy.touched import changed_columns
from app.regulation import access, conflicts, final_marks, lessons, membership, messages
from app.regulation.tables import (
    Ids,
    attendance,
    homework_file,
    lesson,
    personal_homework,
    roll_call,
    school_class,
    term,
    work,
)


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


EXPLAINED = frozenset({"value", "reason", "kind", "term_id", "student_id", "subject_id", "teaching_assignment_id"})
RULES = (
    Rule(models.Mark, lessons.without_marks_of(lessons.of_marks), messages.NO_MARKS),
    Rule(models.Lesson, lambda ids: lessons.marked_without_marks(lesson.c.id.in_(ids)), messages.NO_MARKS),
    Rule(
        models.SchoolClass,
        lambda ids: lessons.marked_without_marks(school_class.c.id.in_(ids)),
        messages.NO_MARKS,
        frozenset({"grade", "term_kind", "academic_year_id"}),
    ),
    Rule(
        models.Term,
        lambda ids: lessons.marked_without_marks(
            school_class.c.academic_year_id.in_(select(term.c.academic_year_id).where(term.c.id.in_(ids)))
        ),
        messages.NO_MARKS,
        frozenset({"starts_on", "ends_on", "number", "kind", "academic_year_id"}),
    ),
    Rule(models.FinalMark, final_marks.rows_that(final_marks.without_marks), messages.NO_MARKS),
    Rule(models.Mark, lessons.in_locked_term(lessons.of_marks), messages.LOCKED, before_delete=True),
    Rule(models.Work, lessons.in_locked_term(lessons.of(work)), messages.LOCKED, before_delete=True),
    Rule(
        models.Lesson,
        lessons.in_locked_term(lambda ids: lesson.c.id.in_(ids)),
        messages.LOCKED,
        frozenset({"topic", "homework", "date", "number", "teaching_assignment_id", "is_cancelled"}),
        before_delete=True,
    ),
    Rule(
        models.Attendance,
        lessons.in_locked_term(lessons.of(attendance)),
        messages.LOCKED,
        frozenset({"status", "lesson_id", "student_id"}),
        before_delete=True,
    ),
    Rule(models.RollCall, lessons.in_locked_term(lessons.of(roll_call)), messages.LOCKED, before_delete=True),
    Rule(models.FinalMark, final_marks.rows_that(final_marks.locked), messages.LOCKED, before_delete=True),
    Rule(models.Mark, lessons.strangers_marks, messages.NOT_IN_GROUP, frozenset({"work_id", "student_id"})),
    Rule(
        models.Attendance,
        lessons.strangers_in(attendance),
        messages.NOT_IN_GROUP,
        frozenset({"lesson_id", "student_id"}),
    ),
    Rule(models.FinalMark, final_marks.rows_that(final_marks.of_another_journal), messages.OTHER_JOURNAL),
    Rule(models.StudentHomework, lessons.without_marks_of(lessons.of(personal_homework)), messages.NO_MARKS),
    Rule(
        models.StudentHomework,
        lessons.in_locked_term(lessons.of(personal_homework)),
        messages.LOCKED,
        before_delete=True,
    ),
    Rule(
        models.StudentHomework,
        lessons.strangers_in(personal_homework),
        messages.NOT_IN_GROUP,
        frozenset({"lesson_id", "student_id"}),
    ),
    Rule(
        models.Lesson,
        lambda ids: lessons.rows_that(
            and_(lesson.c.id.in_(ids), or_(lessons.has(personal_homework), lessons.has(homework_file)))
        ),
        messages.HOMEWORK_STAYS,
        frozenset(),
        before_delete=True,
        on_create=False,
    ),
    Rule(models.HomeworkFile, lessons.without_marks_of(lessons.of(homework_file)), messages.NO_MARKS),
    Rule(models.HomeworkFile, lessons.in_locked_term(lessons.of(homework_file)), messages.LOCKED, before_delete=True),
    Rule(models.FinalMark, final_marks.unexplained_term_marks, messages.NEEDS_REASON, EXPLAINED),
    Rule(models.FinalMark, final_marks.unexplained_year_marks, messages.NEEDS_REASON, EXPLAINED),
    Rule(
        models.Term,
        final_marks.opened_without_reason,
        messages.OPENED_WITHOUT_REASON,
        frozenset({"is_locked"}),
        on_create=False,
    ),
    Rule(models.Enrollment, membership.overlapping_enrollments, messages.OVERLAP),
    Rule(models.StudyGroupMember, membership.members_of_another_class, messages.NOT_IN_CLASS),
    Rule(
        models.Lesson,
        conflicts.lessons_in_two_places,
        conflicts.lesson_conflict,
        frozenset({"date", "number", "room", "substitute_id", "is_cancelled", "teaching_assignment_id"}),
        takes_turns=True,
    ),
    Rule(
        models.TimetableSlot,
        conflicts.slots_in_two_places,
        conflicts.slot_conflict,
        frozenset({"weekday", "number", "room", "valid_from", "valid_until", "teaching_assignment_id"}),
        takes_turns=True,
    ),
    Rule(
        models.TeachingAssignment,
        lambda ids: conflicts.lessons_in_two_places(conflicts.lessons_of(ids)),
        conflicts.lesson_conflict,
        frozenset({"teacher_id", "study_group_id"}),
        takes_turns=True,
    ),
    Rule(
        models.TeachingAssignment,
        lambda ids: conflicts.slots_in_two_places(conflicts.slots_of(ids)),
        conflicts.slot_conflict,
        frozenset({"teacher_id", "study_group_id", "starts_on", "ends_on"}),
        takes_turns=True,
    ),
)


def check_before(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    """Refuse forbidden deletions."""
    deleted: dict[Any, set[int]] = defaultdict(set)
    for row in session.deleted:
        deleted[type(row)].add(row.id)
    _refuse(session, {place: ids for place, rule in enumerate(RULES)
                      if rule.before_delete and (ids := deleted.get(rule.model))})  # fmt: skip
    session.info["had_deputy"] = access.touches_access(session) and access.deputy_can_sign_in(session)


def check_after(session: Session, _context: UOWTransaction) -> None:
    """Refuse what was written against a rule."""
    written = [(type(row), row.id, columns) for row in session.dirty if (columns := changed_columns(row))]
    new = [(type(row), row.id) for row in session.new]
    models = {model for model, *_rest in [*written, *new]}
    asked = {}
    for place, rule in enumerate(RULES):
        if rule.model not in models:
            continue
        ids = {number for model, number, columns in written
               if model is rule.model and (rule.columns is None or columns & rule.columns)}  # fmt: skip
        if rule.on_create:
            ids |= {number for model, number in new if model is rule.model}
        if ids:
            asked[place] = ids
    _refuse(session, asked)
    if session.info.pop("had_deputy") and not access.deputy_can_sign_in(session):
        raise RegulationError(messages.LAST_DEPUTY)


def _refuse(session: Session, asked: Mapping[int, set[int]]) -> None:
    """Raise the message of the first of RULES, by place, that its rows break.

    One statement for all; those that take turns come last, as they do in RULES, and ask one by one.
    """
    at_once = tuple(place for place in asked if not RULES[place].takes_turns)
    for places in [at_once] * bool(at_once) + [(place,) for place in asked if place not in at_once]:
        _refuse_by(session.connection(), places, asked)


def _refuse_by(connection: Connection, places: tuple[int, ...], asked: Mapping[int, set[int]]) -> None:
    if RULES[places[0]].takes_turns:
        conflicts.take_turns(connection)
    rows = {f"ids_{place}": list(asked[place]) for place in places}
    answers = connection.execute(_questions(places, _settings(places)), rows).one()
    for place, is_broken in zip(places, answers, strict=True):
        if is_broken:
            raise RegulationError(_words(connection, RULES[place], asked[place]))


def _settings(places: tuple[int, ...]) -> Grading | None:
    """What the installation has set of what the rules say: only those of final marks look at it."""
    looked_at = any(RULES[place].model is models.FinalMark for place in places)
    return Grading.of(current_app.config) if looked_at else None


@lru_cache(maxsize=500)
def _questions(places: tuple[int, ...], _settings: Grading | None) -> Any:
    """Whether each of these of RULES is broken by the rows ``ids_PLACE``; made once for the settings they look at."""
    broken = []
    for place in places:
        ids: Any = bindparam(f"ids_{place}", expanding=True)
        broken.append(RULES[place].breaches(ids).exists())
    return select(*broken)


def _words(connection: Connection, rule: Rule, ids: set[int]) -> LazyString | str:
    if isinstance(rule.message, LazyString):
        return rule.message
    return rule.message(connection, connection.execute(rule.breaches(ids).limit(1)).one())
