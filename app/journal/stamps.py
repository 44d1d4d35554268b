"""Who entered a mark, an absence or a homework, and when: set on every path, never by a form."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session, UOWTransaction

from app.models import Attendance, FinalMark, Lesson, Mark, NewsItem
from app.policy import Actor, actor_of
from app.policy.enforcement import changed_columns

ENTRIES: dict[type[Any], str] = {Mark: "value", Attendance: "status", FinalMark: "value"}


def stamp(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    """Stamp what is about to be written; work without a person keeps the stamps it brings."""
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
