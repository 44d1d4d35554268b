"""Who entered a mark, an absence, a homework or a file, and when, and who had a journal before: set on every path,
never by a form."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, insert, inspect, literal, select
from sqlalchemy.orm import Session, UOWTransaction

from app import audit
from app.models import (
    Attendance,
    FinalMark,
    Handover,
    HomeworkFile,
    Lesson,
    Mark,
    NewsItem,
    RollCall,
    TeachingAssignment,
)
from app.models.columns import UTCDateTime
from app.policy import TAUGHT, Action, Actor, actor_of, criterion
from app.policy.scopes import table_of
from app.policy.touched import changed_columns

LAYING = "lessons that topics of the plan are laid on"
"""In the ``info`` of a session while ``app.journal.plan`` writes: a topic that anything else writes is no longer the
plan's."""
BY_NOTE = "absences that a family's note explains"
"""In the ``info`` of a session while they are written: who confirms a note has not taken the attendance."""
BROUGHT_BACK = "rows that are brought back"
"""In the ``info`` of a session while ``app.undo`` writes them: they keep the stamps that the audit knows of."""

ENTRIES: dict[type[Any], str] = {Mark: "value", Attendance: "status", FinalMark: "value"}


def stamp(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    """Stamp what is about to be written; work without a person keeps the stamps it brings."""
    _forget_the_plan(session)
    actor = actor_of(session)
    if not isinstance(actor, Actor):
        return
    _note_handovers(session, actor)
    brought_back = session.info.get(BROUGHT_BACK, ())
    for row in [*session.new, *session.dirty]:
        if row in brought_back:
            continue
        entered = ENTRIES.get(type(row))
        if entered and (row in session.new or entered in changed_columns(row)):
            row.entered_at, row.entered_by_id = actor.now, actor.user_id
        elif isinstance(row, Lesson) and "homework" in changed_columns(row):
            row.homework_entered_at = actor.now if row.homework else None
        elif isinstance(row, NewsItem) and row in session.new:
            row.author_id = actor.user_id
        elif isinstance(row, RollCall) and row in session.new:
            row.taken_at, row.taken_by_id = actor.now, actor.user_id
        elif isinstance(row, HomeworkFile) and row in session.new:
            row.uploaded_at, row.uploaded_by_id = actor.now, actor.user_id


def _note_handovers(session: Session, actor: Actor) -> None:
    """A journal that has begun, and gets another teacher, was handed over today; one that is over was corrected."""
    given: dict[int, int] = {}
    for row in session.dirty:
        lasts = isinstance(row, TeachingAssignment) and (row.ends_on is None or row.ends_on >= actor.today)
        if lasts and row.starts_on < actor.today and "teacher_id" in changed_columns(row):
            moved = inspect(row).attrs.teacher.history.added
            given[row.id] = moved[0].id if moved else row.teacher_id
    if not given:
        return
    table = table_of(TeachingAssignment)
    for assignment_id, had_it in session.connection().execute(
        select(table.c.id, table.c.teacher_id).where(table.c.id.in_(given))
    ):
        if had_it != given[assignment_id]:
            session.add(Handover(teaching_assignment_id=assignment_id, from_teacher_id=had_it,
                                 to_teacher_id=given[assignment_id], since=actor.today))  # fmt: skip


def _forget_the_plan(session: Session) -> None:
    """A topic that is written by hand did not come from the plan."""
    if session.info.get(LAYING) or session.info.get(BROUGHT_BACK):
        return
    for row in session.dirty:
        if isinstance(row, Lesson) and row.plan_position is not None and "topic" in changed_columns(row):
            row.plan_position = None


def take_roll_call(session: Session, _context: UOWTransaction) -> None:
    """Who has noted in a lesson that they write who is away has taken its attendance; a note of a family has not, nor
    who brings an absence back."""
    if session.info.get(BY_NOTE) or session.info.get(BROUGHT_BACK):
        return
    actor = actor_of(session)
    noted = {row.lesson_id for row in session.new if isinstance(row, Attendance)}
    if not noted or not isinstance(actor, Actor):
        return
    lesson, taken = table_of(Lesson), table_of(RollCall)
    written = criterion(actor, Lesson, Action.CHANGE, TAUGHT, lesson.c)
    untaken = ~exists().where(taken.c.lesson_id == lesson.c.id)
    new = select(lesson.c.id, literal(actor.now, UTCDateTime), literal(actor.user_id)).where(
        lesson.c.id.in_(noted), lesson.c.date <= actor.today, written, untaken
    )
    calls = insert(taken).from_select(["lesson_id", "taken_at", "taken_by_id"], new).returning(taken)
    for values in session.connection().execute(calls).mappings():
        audit.add(session, "create", RollCall(**values), {}, dict(values))
