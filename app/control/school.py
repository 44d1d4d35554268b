"""Rules for who runs the school: every teacher has access, news come regularly (clauses 2.2 and 2.5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, case, exists, or_, select
from sqlalchemy.orm import Session

from app.control.duties import Agreed, State, Watch, case_of, narrowed
from app.models import Account, Credential, Lesson, NewsItem, SchoolClass, StudyGroup, TeachingAssignment, User
from app.people.placement import lasting


def staff(watch: Watch, agreed: Agreed) -> Select[Any]:
    """Whoever teaches or leads a class has access: a password, or a code that can still be used, ``days`` after they
    were entered. Who it is about stands as whom it is up to."""
    holds = lasting(TeachingAssignment, watch.today)
    teaches = exists().where(TeachingAssignment.teacher_id == User.id, holds)
    leads = exists().where(SchoolClass.class_teacher_id == User.id)
    usable = exists().where(
        Credential.user_id == User.id, Credential.revoked_at.is_(None), Credential.expires_at > watch.now
    )
    has_access = or_(exists().where(Account.user_id == User.id, Account.password_hash.is_not(None)), usable)
    came = watch.late_from(watch.today - timedelta(agreed.days + 1), 0)
    duties = (
        case_of(
            day=None,
            state=case((has_access, State.KEPT.value), else_=State.OPEN.value),
            user_id=User.id,
        )
        .select_from(User)
        .where(User.is_active, User.is_staff, or_(teaches, leads), User.created_at < came)
    )
    if watch.class_id is not None or watch.grade is not None:
        of_class = (
            select(TeachingAssignment.teacher_id)
            .join(StudyGroup, StudyGroup.id == TeachingAssignment.study_group_id)
            .join(SchoolClass, SchoolClass.id == StudyGroup.school_class_id)
            .where(holds)
        )
        duties = duties.where(User.id.in_(narrowed(of_class, watch, None)))
    return duties if watch.teacher_id is None else duties.where(User.id == watch.teacher_id)


def news(session: Session, watch: Watch, agreed: Agreed) -> Iterator[tuple[date, State]]:
    """Each week of lessons ends with a news item not older than ``days``."""
    published = sorted(
        moment.astimezone(watch.zone).date()
        for moment in session.scalars(select(NewsItem.published_at).where(NewsItem.published_at <= watch.now))
        if moment is not None
    )
    for sunday in _weeks_of_lessons(session, watch):
        fresh = any(sunday - timedelta(agreed.days) < day <= sunday for day in published)
        yield sunday, State.KEPT if fresh else State.OPEN


def _weeks_of_lessons(session: Session, watch: Watch) -> Iterator[date]:
    """Last days of the weeks (of the last one: today) in which lessons were held."""
    days = session.scalars(
        select(Lesson.date).where(Lesson.date.between(watch.first, watch.last), ~Lesson.is_cancelled).distinct()
    )
    for monday in sorted({day - timedelta(day.weekday()) for day in days}):
        yield min(monday + timedelta(6), watch.last)
