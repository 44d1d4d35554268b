"""Whom a news item is for, as people of a day: who is told of it, and of whom it is counted who has seen it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from app.models import Enrollment, Guardianship, NewsItem, NewsItemClass, SchoolClass, Student, User
from app.models.communication import Audience
from app.people.placement import lasting


def people(item: NewsItem, today: date) -> list[Any]:
    """Selects of people: staff and families of ``today``; of chosen classes their class teachers and families."""
    staff = select(User.id).where(User.is_staff)
    students = select(Student.user_id).where(Student.id.in_(_enrolled(item, today)), Student.user_id.is_not(None))
    if item.audience is Audience.STAFF:
        return [staff]
    if item.audience is Audience.GUARDIANS:
        return [guardians(item, today)]
    if item.audience is Audience.CLASSES:
        leaders = select(SchoolClass.class_teacher_id).where(
            SchoolClass.id.in_(_named(item)), SchoolClass.class_teacher_id.is_not(None)
        )
        return [leaders, guardians(item, today), students]
    return [staff, guardians(item, today), students]


def guardians(item: NewsItem, today: date) -> Any:
    """A select of the guardians among them."""
    return select(Guardianship.user_id).where(Guardianship.student_id.in_(_enrolled(item, today)))


def _enrolled(item: NewsItem, today: date) -> Any:
    enrolled = select(Enrollment.student_id).where(lasting(Enrollment, today))
    if item.audience is Audience.CLASSES:
        enrolled = enrolled.where(Enrollment.school_class_id.in_(_named(item)))
    return enrolled


def _named(item: NewsItem) -> Any:
    return select(NewsItemClass.school_class_id).where(NewsItemClass.news_item_id == item.id)
