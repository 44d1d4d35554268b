"""Who entered a mark, an absence, a homework or a file, and when: set on every path, never by a form."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, insert, literal, select
from sqlalchemy.orm import Session, UOWTransaction

from app.models import Attendance, FinalMark, HomeworkFile, Lesson, Mark, NewsItem, RollCall
from app.models.columns import UTCDateTime
from app.policy import TAUGHT, Action, Actor, actor_of, criterion
from app.policy.enforcement import changed_columns
from app.policy.scopes import table_of

LAYING = "lessons that topics of the plan are laid on"
"""In the ``info`` of a session while ``app.journal.plan`` writes: a topic that anything else writes is no longer the
plan's."""

ENTRIES: dict[type[Any], str] = {Mark: "value", Attendance: "status", FinalMark: "value"}


def stamp(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    """Stamp what is about to be written; work without a person keeps the stamps it brings."""
    _forget_the_plan(session)
    actor = actor_of(session)
    if not isinstance(actor, Actor):
        return
    for row in [*session.new, *session.dirty]:
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


def _forget_the_plan(session: Session) -> None:
    """A topic that is written by hand did not come from the plan."""
    if session.info.get(LAYING):
        return
    for row in session.dirty:
        if isinstance(row, Lesson) and row.plan_position is not None and "topic" in changed_columns(row):
            row.plan_position = None


def take_roll_call(session: Session, _context: UOWTransaction) -> None:
    """Who has noted in a lesson that they write who is away has taken its attendance; a note of a family has not."""
    actor = actor_of(session)
    noted = {row.lesson_id for row in session.new if isinstance(row, Attendance)}
    if not noted or not isinstance(actor, Actor):
        return
    lesson, taken = table_of(Lesson), table_of(RollCall)
    written = criterion(actor, Lesson, Action.CHANGE, TAUGHT, lesson.c)
    untaken = ~exists().where(taken.c.lesson_id == lesson.c.id)
    new = select(lesson.c.id, literal(actor.now, UTCDateTime), literal(actor.user_id)).where(
        lesson.c.id.in_(noted), written, untaken
    )
    session.connection().execute(insert(taken).from_select(["lesson_id", "taken_at", "taken_by_id"], new))
