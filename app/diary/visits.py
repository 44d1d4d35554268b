"""Visits to the diary, for the monitoring of its use: who looked into whose diary in which week how often."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from app import policy
from app.extensions import in_a_hurry
from app.models import DiaryVisit

APART = timedelta(minutes=30)
"""What comes sooner after the last page belongs to the same visit."""
NOTED_EVERY = timedelta(minutes=5)


def week_of(today: date) -> date:
    """The week that a visit counts for: its Monday."""
    return today - timedelta(days=today.weekday())


def is_noted(last_at: datetime | None, now: datetime) -> bool:
    """Whether a visit of which the last page was noted then need not be noted again."""
    return last_at is not None and now - last_at < NOTED_EVERY


def note(user_id: int, student_id: int, today: date, now: datetime) -> None:
    """Count a page of the student's diary that the person has looked at, in a session of its own.

    Given up at once when the database is busy: a page does not wait for its statistics.
    """
    try:
        with policy.system() as session:
            with in_a_hurry(session):
                _count(session, user_id, student_id, week_of(today), now)
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
    elif not is_noted(visit.last_at, now):
        visit.visits += 1 if now - visit.last_at >= APART else 0
        visit.last_at = now
    session.flush()
