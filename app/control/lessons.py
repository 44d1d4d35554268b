"""Rules about lessons: marks within a week, homework on the day, topics, attendance; nothing where nothing may be."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, true

from app import policy
from app.control.duties import Agreed, State, Watch, case_of, excused, narrowed
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
from app.regulation import without_marks

WRITER = func.coalesce(Lesson.substitute_id, TeachingAssignment.teacher_id)
"""Who writes in a lesson: the substitute, or who holds the assignment."""


def marks(watch: Watch, agreed: Agreed) -> Select[Any]:
    """Clause 2.4: a work has its first mark within ``days``; those who were away then may get theirs later."""
    deadline = watch.deadlines(agreed.days)
    of_work = Mark.work_id == Work.id
    in_time = exists().where(of_work, Mark.entered_at < deadline.c.late_from)
    state = _became(in_time, exists().where(of_work))
    return _lessons(watch, deadline, state).join(Work, Work.lesson_id == Lesson.id)


def homework(watch: Watch, agreed: Agreed) -> Select[Any]:
    """Clause 2.4: homework of each lesson, words or a file, within ``days`` (usually on the day)."""
    deadline = watch.deadlines(agreed.days)
    filed = exists().where(HomeworkFile.lesson_id == Lesson.id)
    unknown = Lesson.homework_entered_at.is_(None)
    in_time = and_(Lesson.homework != "", or_(unknown, Lesson.homework_entered_at < deadline.c.late_from))
    in_time_by_file = and_(filed, exists().where(
        HomeworkFile.lesson_id == Lesson.id, HomeworkFile.uploaded_at < deadline.c.late_from
    ))  # fmt: skip
    state = _became(or_(in_time, in_time_by_file), or_(Lesson.homework != "", filed))
    return _lessons(watch, deadline, state).where(~without_marks())


def topics(watch: Watch, agreed: Agreed) -> Select[Any]:
    """What was done in each lesson stands in the journal; when it was written is not asked."""
    done = Lesson.topic != ""
    return _lessons(watch, watch.deadlines(agreed.days), _became(done, done))


def attendance(watch: Watch, agreed: Agreed) -> Select[Any]:
    """Who is away, or that nobody is, is noted within ``days`` (usually on the day)."""
    deadline = watch.deadlines(agreed.days)
    state = _became(RollCall.taken_at < deadline.c.late_from, RollCall.id.is_not(None))
    return _lessons(watch, deadline, state).outerjoin(RollCall, RollCall.lesson_id == Lesson.id)


def forbidden(watch: Watch, _agreed: Agreed) -> Select[Any]:
    """Clause 2.2: lessons of grade 1, and of the first term of grade 2, have neither marks nor homework."""
    marked = exists().where(Mark.work_id == Work.id, Work.lesson_id == Lesson.id)
    files = exists().where(HomeworkFile.lesson_id == Lesson.id)
    personal = exists().where(StudentHomework.lesson_id == Lesson.id)
    nothing = and_(Lesson.homework == "", ~marked, ~files, ~personal)
    held = Lesson.date.between(watch.first, min(watch.last, watch.today))
    return _of_lessons(watch, _became(nothing, nothing)).where(held, without_marks())


def _became(in_time: ColumnElement[bool], done: ColumnElement[bool]) -> ColumnElement[int]:
    return case((in_time, State.KEPT.value), (done, State.LATE.value), else_=State.OPEN.value)


def _lessons(watch: Watch, deadline: Any, state: ColumnElement[int]) -> Select[Any]:
    """Lessons held in the days, without those in days that do not count."""
    return (
        _of_lessons(watch, state)
        .join(deadline, deadline.c.day == Lesson.date)
        .where(~excused(WRITER, SchoolClass.id, Lesson.date, deadline.c.due))
    )


def _of_lessons(watch: Watch, state: ColumnElement[int]) -> Select[Any]:
    duties = (
        case_of(
            day=Lesson.date,
            state=state,
            user_id=WRITER,
            school_class_id=StudyGroup.school_class_id,
            subject_id=TeachingAssignment.subject_id,
            teaching_assignment_id=Lesson.teaching_assignment_id,
            lesson_id=Lesson.id,
        )
        .select_from(Lesson)
        .join(Lesson.assignment)
        .join(TeachingAssignment.study_group)
        .join(StudyGroup.school_class)
        .where(~Lesson.is_cancelled, _answered_for(watch.actor))
    )
    return narrowed(duties, watch, WRITER, TeachingAssignment.subject_id)


def _answered_for(actor: policy.Actor | None) -> ColumnElement[bool]:
    """Lessons whose roll call the person sees; of others, seen as a parent, everything would seem to be missing."""
    if actor is None:
        return true()
    row = SimpleNamespace(lesson_id=Lesson.id)
    seen: ColumnElement[bool] = policy.criterion(actor, RollCall, Action.SEE, row=row)
    return seen
