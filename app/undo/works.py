"""Brings a column of the journal back, for the page of the journal."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from app.journal.grid.works import lesson_of_journal
from app.models import TeachingAssignment, Work
from app.people.refusal import Refusal
from app.undo import deleted, history

NOT_DELETED = lazy_gettext("There is no deleted work to bring back.")


def restore(session: Session, assignment: TeachingAssignment, work_id: int, now: datetime) -> Work:
    """Write a deleted work again with its marks, comments and notes. The caller commits.

    Raises Refusal when it was not deleted, was brought back already, or its lesson is gone.
    """
    what = (Work.__name__, work_id)
    gone = history.deletion_of(session, what, now)
    if gone is None:
        raise Refusal(NOT_DELETED)
    lesson_of_journal(session, assignment, gone.changes["lesson_id"][0])
    work: Work = deleted.bring_back(session, deleted.plan(session, gone, now), now)[what]
    return work
