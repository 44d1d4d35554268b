"""How a family uses the diary of a student: who looked into it when, and how often a week (clause 2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.models import DiaryVisit

WEEKS = 4
"""The weeks, this one included, over which visits are averaged."""


@dataclass(frozen=True)
class Use:
    """First and last visit ever, those of this week, and how many a week there were in the last WEEKS weeks."""

    first_at: datetime
    last_at: datetime
    this_week: int
    a_week: float


def use_of(session: Session, student_id: int, today: date) -> dict[int, Use]:
    """Of the diary of a student by reader, as far as the session's person sees it; who never came is not there."""
    monday = today - timedelta(days=today.weekday())
    lately = case((DiaryVisit.week > monday - timedelta(weeks=WEEKS), DiaryVisit.visits), else_=0)
    now = case((DiaryVisit.week == monday, DiaryVisit.visits), else_=0)
    rows = (
        select(
            DiaryVisit.user_id, func.min(DiaryVisit.first_at), func.max(DiaryVisit.last_at), func.sum(now),
            func.sum(lately),
        )
        .where(DiaryVisit.student_id == student_id)
        .group_by(DiaryVisit.user_id)
    )  # fmt: skip
    return {
        user_id: Use(first_at, last_at, this_week=int(this_week), a_week=int(visits) / WEEKS)
        for user_id, first_at, last_at, this_week, visits in session.execute(rows)
    }
