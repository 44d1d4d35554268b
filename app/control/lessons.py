"""Rules about lessons: marks within a week, homework on the day, topics, attendance; nothing where nothing may be.

The cases of one rule are a statement of their own; how many there are of each is counted of all these rules in one
pass over the lessons.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, case, cast, exists, func, null, or_, select, true, union

from app import policy
from app.control.duties import Agreed, Deadlines, State, Watch, case_of, excused, narrowed, sum_of
from app.models import (
    HomeworkFile,
    Lesson,
    Mark,
    RollCall,
    SchoolClass,
    StudentHomework,
    StudyGroup,
    TeachingAssignment,
    Work,
)
from app.policy import Action
from app.policy.scopes import table_of
from app.regulation import without_marks

WRITER = func.coalesce(Lesson.substitute_id, TeachingAssignment.teacher_id)
"""Who writes in a lesson: the substitute, or who holds the assignment."""


@dataclass(frozen=True)
class Clause:
    """A rule about a lesson (or a work of it): whether it ``applies``, was kept ``in_time``, is ``done`` at all."""

    applies: ColumnElement[bool]
    in_time: ColumnElement[bool]
    done: ColumnElement[bool]

    @property
    def state(self) -> ColumnElement[int]:
        """Of a case to which it applies."""
        return case((self.in_time, State.KEPT.sql), (self.done, State.LATE.sql), else_=State.OPEN.sql)


def _marks(agreed: Agreed, deadline: Deadlines) -> Clause:
    """Clause 2.4: a work has its first mark within ``days``; those who were away then may get theirs later."""
    of_work = Mark.work_id == Work.id
    before = exists().where(of_work, Mark.entered_at < deadline.late_from(agreed.days))
    in_time = before.correlate(Work, deadline.table)  # also where the work itself stands in a subquery
    return Clause(_was_due(agreed, deadline), in_time, exists().where(of_work))


def _homework(agreed: Agreed, deadline: Deadlines) -> Clause:
    """Clause 2.4: homework of each lesson, words or a file, within ``days`` (usually on the day)."""
    late_from = deadline.late_from(agreed.days)
    file = HomeworkFile.lesson_id == Lesson.id
    unknown = Lesson.homework_entered_at.is_(None)
    in_time = or_(
        and_(Lesson.homework != "", or_(unknown, Lesson.homework_entered_at < late_from)),
        exists().where(file, HomeworkFile.uploaded_at < late_from),
    )
    applies = and_(_was_due(agreed, deadline), ~without_marks())
    return Clause(applies, in_time, or_(Lesson.homework != "", exists().where(file)))


def _topics(agreed: Agreed, deadline: Deadlines) -> Clause:
    """What was done in each lesson stands in the journal; when it was written is not asked."""
    done = Lesson.topic != ""
    return Clause(_was_due(agreed, deadline), done, done)


def _attendance(agreed: Agreed, deadline: Deadlines) -> Clause:
    """Who is away, or that nobody is, is noted within ``days`` (usually on the day)."""
    in_time = RollCall.taken_at < deadline.late_from(agreed.days)
    return Clause(_was_due(agreed, deadline), in_time, RollCall.id.is_not(None))


def _forbidden(_agreed: Agreed, _deadline: Deadlines) -> Clause:
    """Clause 2.2: lessons of grade 1, and of the first term of grade 2, have neither marks nor homework."""
    marked = exists().where(Mark.work_id == Work.id, Work.lesson_id == Lesson.id)
    files = exists().where(HomeworkFile.lesson_id == Lesson.id)
    personal = exists().where(StudentHomework.lesson_id == Lesson.id)
    nothing = and_(Lesson.homework == "", ~marked, ~files, ~personal)
    return Clause(without_marks(), nothing, nothing)


CLAUSES: dict[str, Callable[[Agreed, Deadlines], Clause]] = {
    "forbidden": _forbidden, "attendance": _attendance, "topics": _topics, "homework": _homework, "marks": _marks,
}  # fmt: skip


def _was_due(agreed: Agreed, deadline: Deadlines) -> ColumnElement[bool]:
    """It was due before today, and not in days that do not count."""
    until = deadline.touched_until(agreed.days)
    is_excused = and_(until.is_not(None), excused(WRITER, SchoolClass.id, Lesson.date, until))
    return and_(deadline.late_from(agreed.days).is_not(None), ~is_excused)


def cases(key: str) -> Callable[[Watch, Agreed], Select[Any]]:
    """The statement of the cases of a rule: lessons, or works."""

    def of_rule(watch: Watch, agreed: Agreed) -> Select[Any]:
        deadline = watch.deadlines(agreed.days)
        clause = CLAUSES[key](agreed, deadline)
        columns = case_of(
            day=Lesson.date,
            state=clause.state,
            user_id=WRITER,
            school_class_id=StudyGroup.school_class_id,
            subject_id=TeachingAssignment.subject_id,
            teaching_assignment_id=Lesson.teaching_assignment_id,
            lesson_id=Lesson.id,
        )
        found = _lessons(columns, watch, deadline, [key]).where(clause.applies)
        return found.join(Work, Work.lesson_id == Lesson.id) if key == "marks" else found

    return of_rule


def counts(watch: Watch, known: Mapping[str, Agreed], by_person: bool) -> Select[Any]:
    """The sums of the states (see ``Counts``) by day, and by person where asked for: a column for each of ``known``,
    which are some of ``CLAUSES``."""
    deadline = watch.deadlines(*(agreed.days for agreed in known.values()))
    states = (_state(key, CLAUSES[key](agreed, deadline)) for key, agreed in known.items())
    columns: Any = select(
        Lesson.date.label("day"),
        (WRITER if by_person else cast(null(), Integer)).label("user_id"),
        *(sum_of(state) for state in states),
    )
    groups = (Lesson.date, WRITER) if by_person else (Lesson.date,)
    return _lessons(columns, watch, deadline, known).group_by(*groups)


def _state(key: str, clause: Clause) -> ColumnElement[Any]:
    """Of a lesson: its state, or the sum of those of its works; NULL where the rule does not apply."""
    if key != "marks":
        return case((clause.applies, clause.state))
    of_works = select(func.sum(clause.state)).where(Work.lesson_id == Lesson.id).scalar_subquery()
    return case((clause.applies, of_works))


def _lessons(columns: Select[Any], watch: Watch, deadline: Deadlines, keys: Any) -> Select[Any]:
    """``columns`` of the lessons held in the days of the table, and of what the rules ask for beside them."""
    held = (
        columns.select_from(Lesson)
        .join(deadline.table, deadline.day == Lesson.date)
        .join(TeachingAssignment, TeachingAssignment.id == Lesson.teaching_assignment_id)
        .join(StudyGroup, StudyGroup.id == TeachingAssignment.study_group_id)
        .join(SchoolClass, SchoolClass.id == StudyGroup.school_class_id)
        .where(~Lesson.is_cancelled, _answered_for(watch.actor), _up_to(watch))
    )
    if "attendance" in keys:
        held = held.outerjoin(RollCall, RollCall.lesson_id == Lesson.id)
    return narrowed(held, watch, WRITER, TeachingAssignment.subject_id)


def _up_to(watch: Watch) -> ColumnElement[bool]:
    """Lessons that can be up to the person who is looked at, told by indexes: with an OR, databases go through all."""
    if watch.teacher_id is None:
        return true()
    lesson, assignment = table_of(Lesson).alias(), table_of(TeachingAssignment).alias()
    held = select(assignment.c.id).where(assignment.c.teacher_id == watch.teacher_id)
    days = lesson.c.date.between(watch.first, watch.last)
    own = select(lesson.c.id).where(lesson.c.teaching_assignment_id.in_(held), days)
    return Lesson.id.in_(union(own, select(lesson.c.id).where(lesson.c.substitute_id == watch.teacher_id, days)))


def _answered_for(actor: policy.Actor | None) -> ColumnElement[bool]:
    """Lessons whose roll call the person sees; of others, seen as a parent, everything would seem to be missing."""
    if actor is None:
        return true()
    row = SimpleNamespace(lesson_id=Lesson.id)
    seen: ColumnElement[bool] = policy.criterion(actor, RollCall, Action.SEE, row=row)
    return seen
