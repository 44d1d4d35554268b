"""Who has seen a news item, in numbers: noted when somebody opens it, told by audience to those who publish."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, or_, select, union
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from app import policy
from app.extensions import begin_reading, in_a_hurry
from app.models import NewsItem, NewsReading, User
from app.news import audience


def note(user_id: int, item_id: int, today: date, now: datetime) -> None:
    """Note that the person has opened an item that is for them, once, in a session of its own.

    Given up at once when the database is busy: a page does not wait for its statistics.
    """
    with policy.system() as session:
        begin_reading(session)
        read = (NewsReading.news_item_id == item_id, NewsReading.user_id == user_id)
        if session.scalars(select(NewsReading.id).where(*read)).first() is not None:
            return
        item = session.get(NewsItem, item_id)
        if item is None or not _is_for(session, item, user_id, today):
            return
    try:
        with policy.system() as session:
            with in_a_hurry(session):
                session.add(NewsReading(news_item_id=item_id, user_id=user_id, at=now))
                session.flush()
            session.commit()
    except (OperationalError, IntegrityError):  # somebody else writes, perhaps this very row; or the item is gone
        return


def _is_for(session: Session, item: NewsItem, user_id: int, today: date) -> bool:
    people = User.id.in_(union(*audience.people(item, today)))
    return session.scalars(select(User.id).where(User.id == user_id, people)).first() is not None


@dataclass(frozen=True)
class Part:
    """Of ``people`` of an audience ``read`` have opened the item."""

    people: int
    read: int


@dataclass(frozen=True)
class Seen:
    """By audience; who works at the school counts as staff, also with children here."""

    parents: Part
    staff: Part
    students: Part

    @property
    def people(self) -> int:
        """Everybody it is addressed to."""
        return self.parents.people + self.staff.people + self.students.people

    @property
    def read(self) -> int:
        """Those of them who have opened it."""
        return self.parents.read + self.staff.read + self.students.read


def seen(session: Session, item: NewsItem, today: date) -> Seen:
    """How many of the audience of today have opened the item; one statement, in the session of who publishes."""
    staff, guardians = or_(User.is_staff, User.is_deputy_director), audience.guardians(item, today)
    is_guardian = User.id.in_(guardians)
    reading = and_(NewsReading.user_id == User.id, NewsReading.news_item_id == item.id)
    counts = (
        select(staff, is_guardian, func.count(User.id), func.count(NewsReading.id))
        .outerjoin(NewsReading, reading)
        .where(User.is_active, User.id.in_(union(*audience.people(item, today))))
        .group_by(staff, is_guardian)
    )
    parts = dict.fromkeys(("parents", "staff", "students"), Part(0, 0))
    for works_here, has_child, people, read in session.execute(counts):
        name = "staff" if works_here else "parents" if has_child else "students"
        parts[name] = Part(parts[name].people + people, parts[name].read + read)
    return Seen(**parts)


def counts(session: Session, items: Collection[int]) -> dict[int, int]:
    """How many of those who may sign in have opened each item, for a list; one statement."""
    rows = (
        select(NewsReading.news_item_id, func.count(NewsReading.id))
        .join(User, User.id == NewsReading.user_id)
        .where(NewsReading.news_item_id.in_(items), User.is_active)
        .group_by(NewsReading.news_item_id)
    )
    return {row[0]: row[1] for row in session.execute(rows)}
