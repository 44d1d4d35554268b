"""Notes what people may want to hear of, in the transaction in which a person writes it.

Only what somebody does by hand is told: work without a person (imports, the demo, plans laid on lessons) is not.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import insert, inspect
from sqlalchemy.orm import Session, UOWTransaction

from app.journal.stamps import BROUGHT_BACK, LAYING
from app.models import (
    AbsenceNote,
    Attendance,
    Correction,
    FinalMark,
    Happening,
    Lesson,
    Mark,
    Message,
    NewsItem,
    Reminder,
    StudentHomework,
    SupportReply,
    SupportRequest,
)
from app.models.communication import SupportState
from app.models.diary import RequestState
from app.models.journal import AttendanceStatus
from app.models.notification import NoticeKind
from app.policy import Actor, actor_of

NEWS_LASTS = timedelta(1)
"""What is published with an older date is kept for the record, not announced."""
MISSED = (AttendanceStatus.ABSENT, AttendanceStatus.LATE)
ANSWERED = (RequestState.CONFIRMED, RequestState.DECLINED)
TOLD_REQUESTS = (RequestState.SENT, *ANSWERED)


class Watched(NamedTuple):
    """Of a table: the kind of notice, the column whose change is told, and whether its value is worth telling."""

    kind: NoticeKind
    column: str
    tells: Callable[[Any, datetime], bool]


def _always(_row: Any, _now: datetime) -> bool:
    return True


def _is_announced(item: NewsItem, now: datetime) -> bool:
    return item.published_at is not None and item.published_at > now - NEWS_LASTS


def _is_asked_or_answered(request: AbsenceNote | Correction, _now: datetime) -> bool:
    return (request.state or RequestState.SENT) in TOLD_REQUESTS


def _is_open_or_solved(request: SupportRequest, _now: datetime) -> bool:
    return (request.state or SupportState.OPEN) is not SupportState.IN_WORK


WATCHED: dict[type[Any], Watched] = {
    Mark: Watched(NoticeKind.MARK, "value", _always),
    Attendance: Watched(NoticeKind.ABSENCE, "status", lambda row, _now: row.status in MISSED),
    Lesson: Watched(NoticeKind.HOMEWORK, "homework", lambda row, _now: bool(row.homework)),
    StudentHomework: Watched(NoticeKind.HOMEWORK, "text", _always),
    FinalMark: Watched(NoticeKind.FINAL_MARK, "value", _always),
    Message: Watched(NoticeKind.MESSAGE, "body", _always),
    NewsItem: Watched(NoticeKind.NEWS, "published_at", _is_announced),
    AbsenceNote: Watched(NoticeKind.REQUEST, "state", _is_asked_or_answered),
    Correction: Watched(NoticeKind.REQUEST, "state", _is_asked_or_answered),
    SupportRequest: Watched(NoticeKind.SUPPORT, "state", _is_open_or_solved),
    SupportReply: Watched(NoticeKind.SUPPORT, "body", _always),
    Reminder: Watched(NoticeKind.REMINDER, "rule", _always),
}


def note_before(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    """Note which rows change in what is told; after the flush it can no longer be seen."""
    if not isinstance(actor_of(session), Actor):
        return
    laying = session.info.get(LAYING)
    session.info["happenings"] = [
        row
        for row in session.dirty
        if (watched := WATCHED.get(type(row)))
        and inspect(row).attrs[watched.column].history.has_changes()
        and not (laying and isinstance(row, Lesson))
    ]


def write_after(session: Session, _context: UOWTransaction) -> None:
    """Write the happenings of this flush in one statement, now that new rows have their ids."""
    actor = actor_of(session)
    if not isinstance(actor, Actor):
        return
    rows = session.info.pop("happenings", [])
    laying = session.info.get(LAYING)
    told = session.info.get(BROUGHT_BACK, ())  # when it was new
    new = [row for row in session.new if type(row) in WATCHED and row not in told]
    rows += [row for row in new if not (laying and isinstance(row, Lesson))]
    happened = [
        {
            "kind": watched.kind,
            "model": type(row).__name__,
            "object_id": row.id,
            "student_id": getattr(row, "student_id", None),
            "actor_id": actor.user_id,
            "at": row.published_at if isinstance(row, NewsItem) else actor.now,
        }
        for row in rows
        if (watched := WATCHED[type(row)]).tells(row, actor.now)
    ]
    if happened:
        session.connection().execute(insert(Happening), happened)
