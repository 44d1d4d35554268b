"""A member asks the administration to look at a thread; who looks does so on record, until they close it."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from app import policy
from app.models import Thread, ThreadReport
from app.people.refusal import Refusal

REASON = 500  # characters
LISTED = 100

NO_REASON = _("Write what is wrong: the administration sees only this until it opens the conversation.")
NO_OUTCOME = _("Write what came of it: it stands in the record.")
LONG = _("At most %(most)s characters, please.", most=REASON)
CLOSED = _("This report is closed already.")
NOT_OPENED = _("Somebody else has opened this report. Open it yourself first: that is recorded too.")


def report(session: Session, now: datetime, thread_id: int, reason: str) -> ThreadReport:
    """Report a thread that the person takes part in; once while a report of theirs is not closed. Raises Refusal."""
    actor = policy.actor_of(session)
    reason = _said(reason, NO_REASON)
    taken_part = select(Thread.id).where(Thread.id == thread_id, Thread.id.in_(policy.entered_threads(actor)))
    if session.scalar(taken_part) is None:
        raise Refusal(_("Only who takes part in a conversation can report it."))
    mine = session.scalar(
        select(ThreadReport).where(
            ThreadReport.thread_id == thread_id,
            ThreadReport.reported_by_id == actor.user_id,
            ThreadReport.closed_at.is_(None),
        )
    )
    if mine is not None:
        return mine
    made = ThreadReport(thread_id=thread_id, reported_by_id=actor.user_id, reason=reason, created_at=now)
    session.add(made)
    session.flush()
    return made


def listed(session: Session) -> list[ThreadReport]:
    """Reports for the administration: those that wait first, then the newest. Nothing of the threads is in them."""
    rows = (
        select(ThreadReport)
        .options(joinedload(ThreadReport.reported_by), joinedload(ThreadReport.opened_by))
        .order_by(ThreadReport.closed_at.is_not(None), ThreadReport.id.desc())
    )
    return list(session.scalars(rows.limit(LISTED)))


def one(session: Session, report_id: int) -> ThreadReport | None:
    """A report that the person sees."""
    return session.scalar(select(ThreadReport).where(ThreadReport.id == report_id))


def open_report(session: Session, now: datetime, report_row: ThreadReport) -> None:
    """Begin to read the thread; it is recorded who did. Who takes over from somebody is recorded too."""
    actor = policy.actor_of(session)
    if report_row.closed_at is not None:
        raise Refusal(CLOSED)
    if report_row.opened_by_id != actor.user_id:
        report_row.opened_by_id, report_row.opened_at = actor.user_id, now
    session.flush()


def close(session: Session, now: datetime, report_row: ThreadReport, outcome: str) -> None:
    """End the reading with what came of it. Raises Refusal."""
    actor = policy.actor_of(session)
    if report_row.closed_at is not None:
        raise Refusal(CLOSED)
    if report_row.opened_by_id != actor.user_id:
        raise Refusal(NOT_OPENED)
    report_row.outcome, report_row.closed_at = _said(outcome, NO_OUTCOME), now
    session.flush()


def opened_by(session: Session, thread_id: int) -> ThreadReport | None:
    """The report for which the person is reading a thread now."""
    actor = policy.actor_of(session)
    if not policy.may(actor, ThreadReport, policy.Action.CHANGE):
        return None
    return session.scalar(
        select(ThreadReport)
        .options(joinedload(ThreadReport.reported_by))
        .where(
            ThreadReport.thread_id == thread_id,
            ThreadReport.opened_by_id == actor.user_id,
            ThreadReport.closed_at.is_(None),
        )
        .limit(1)
    )


def waiting() -> Select[int]:
    """How many reports nobody has closed."""
    return select(func.count(ThreadReport.id)).where(ThreadReport.closed_at.is_(None))


def _said(text: str, missing: object) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise Refusal(str(missing), "reason")
    if len(text) > REASON:
        raise Refusal(LONG, "reason")
    return text
