"""Who entered a mark, an absence, a homework or a file, and when: set on every path, never by a form."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session, UOWTransaction

from app.models import Attendance, FinalMark, HomeworkFile, Lesson, Mark, NewsItem
from app.policy import Actor, actor_of
from app.policy.enforcement import changed_columns

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
        elif isinstance(row, HomeworkFile) and row in session.new:
            row.uploaded_at, row.uploaded_by_id = actor.now, actor.user_id


def _forget_the_plan(session: Session) -> None:
    """A topic that is written by hand did not come from the plan."""
    if session.info.get(LAYING):
        return
    for row in session.dirty:
        if isinstance(row, Lesson) and row.plan_position is not None and "topic" in changed_columns(row):
            row.plan_position = None
