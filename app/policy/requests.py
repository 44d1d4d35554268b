"""What families ask the class teacher to confirm: SQL criteria like those of ``scopes.py``."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_

from app.models.diary import RequestState
from app.policy.actor import Actor
from app.policy.scopes import lesson, note

SENT, CONFIRMED, WITHDRAWN = RequestState.SENT, RequestState.CONFIRMED, RequestState.WITHDRAWN


def asked(actor: Actor, row: Any, students: Any) -> ColumnElement[bool]:
    """A request that the person makes about one of ``students``, not answered yet."""
    return and_(row.author_id == actor.user_id, row.student_id.in_(students), row.state == SENT,
                row.answered_by_id.is_(None))  # fmt: skip


def withdrawn_by(actor: Actor, row: Any) -> ColumnElement[bool]:
    """The person's own request, as long as nobody has answered it."""
    return and_(row.author_id == actor.user_id, row.state.in_((SENT, WITHDRAWN)))


def excused_by_note(row: Any) -> ColumnElement[bool]:
    """The attendance is what a confirmed note of absence says of that lesson."""
    return exists().where(
        note.c.student_id == row.student_id,
        note.c.state == CONFIRMED,
        note.c.status == row.status,
        lesson.c.id == row.lesson_id,
        lesson.c.date.between(note.c.starts_on, note.c.ends_on),
        or_(note.c.first_number.is_(None), lesson.c.number.between(note.c.first_number, note.c.last_number)),
    )
