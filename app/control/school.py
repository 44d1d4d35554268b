"""Rules for who runs the school: every teacher has access, news come regularly (clauses 2.2 and 2.5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, exists, or_, select
from sqlalchemy.orm import aliased

from app.control.duties import Agreed, State, Watch, case_of, narrowed
from app.control.tables import Row, table
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
            state=case((has_access, State.KEPT.sql), else_=State.OPEN.sql),
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


def news(watch: Watch, agreed: Agreed) -> Select[Any]:
    """Each week in which lessons were held ends with a news item not older than ``days``."""
    columns = [("monday", date), ("sunday", date), ("since", datetime), ("until", datetime)]
    weeks = table(columns, _weeks(watch, agreed.days))
    other = aliased(Lesson)
    one = select(other.id).where(other.date.between(weeks.c.monday, weeks.c.sunday), ~other.is_cancelled).limit(1)
    fresh = exists().where(
        NewsItem.published_at.between(weeks.c.since, watch.now), NewsItem.published_at < weeks.c.until
    )  # fmt: skip
    state = case((fresh, State.KEPT.sql), else_=State.OPEN.sql)
    cases = case_of(day=weeks.c.sunday, state=state, user_id=None)
    return cases.select_from(weeks).join(Lesson, Lesson.id == one.scalar_subquery())


def _weeks(watch: Watch, days: int) -> Iterator[Row]:
    """First and last day of each week that is looked at, and the moments between which news are fresh on the last."""
    monday = watch.first - timedelta(watch.first.weekday())
    while monday <= watch.last:
        sunday = min(monday + timedelta(6), watch.last)
        since, until = (watch.start_of(sunday + timedelta(number)) for number in (1 - days, 1))
        yield max(monday, watch.first), sunday, since, until
        monday += timedelta(7)
