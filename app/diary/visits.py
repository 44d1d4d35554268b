"""Visits to the diary, for the monitoring of its use: who looked into whose diary in which week how often."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from app import policy
from app.extensions import begin_reading, in_a_hurry
from app.models import DiaryVisit
from app.policy.scopes import table_of

APART = timedelta(minutes=30)
"""What comes sooner after the last page belongs to the same visit."""
NOTED_EVERY = timedelta(minutes=5)


_VISIT = table_of(DiaryVisit)
_LAST = select(_VISIT.c.last_at).where(
    *(_VISIT.c[name] == bindparam(name) for name in ("user_id", "student_id", "week"))
)


def note(user_id: int, student_id: int, today: date, now: datetime) -> None:
    """Count a page of the student's diary that the person has looked at, in a session of its own.

    Given up at once when the database is busy: a page does not wait for its statistics.
    """
    week = today - timedelta(days=today.weekday())
    with policy.system() as session:
        begin_reading(session)
        asked = {"user_id": user_id, "student_id": student_id, "week": week}
        last_at = session.connection().scalar(_LAST, asked)
        if last_at is not None and now - last_at < NOTED_EVERY:
            return
    try:
        with policy.system() as session:
            with in_a_hurry(session):
                _count(session, user_id, student_id, week, now)
            session.commit()
    except (OperationalError, IntegrityError):  # somebody else writes, perhaps this very row
        return


def _visits(session: Session, user_id: int, student_id: int, week: date) -> DiaryVisit | None:
    of_week = (DiaryVisit.user_id == user_id, DiaryVisit.student_id == student_id, DiaryVisit.week == week)
    return session.scalars(select(DiaryVisit).where(*of_week)).one_or_none()


def _count(session: Session, user_id: int, student_id: int, week: date, now: datetime) -> None:
    visit = _visits(session, user_id, student_id, week)
    if visit is None:
        session.add(DiaryVisit(user_id=user_id, student_id=student_id, week=week, visits=1, first_at=now, last_at=now))
    else:
        visit.visits += 1 if now - visit.last_at >= APART else 0
        visit.last_at = now
    session.flush()
