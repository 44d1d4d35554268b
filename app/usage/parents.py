"""Whom the figures of use are about: parents of today's classes, how far each has come, when they were last here.

A parent of a class is there for the children of that class: who looks into the diary of one child only has never come
to the other's. Staff whose own children study here get their access as staff does and are counted apart; so are
students with access of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from app import policy
from app.credentials.standing import Stage, stages
from app.models import DiaryVisit, Enrollment, Guardianship, SchoolClass, Student, User
from app.models.columns import Titled
from app.policy import Action


class Step(Titled):
    """How far a parent has come, in the order of the way."""

    NO_CONTACT = "no_contact", lazy_gettext("No phone and no e-mail")
    NOT_SENT = "not_sent", lazy_gettext("Access not sent")
    SENT = "sent", lazy_gettext("Access sent")
    DELIVERED = "delivered", lazy_gettext("Access delivered")
    ACTIVATED = "activated", lazy_gettext("Access activated")
    CAME = "came", lazy_gettext("Came this week")


STEPS = list(Step)
STEP_OF = {
    Stage.NO_CONTACT: Step.NO_CONTACT,
    Stage.NOT_SENT: Step.NOT_SENT, Stage.FAILED: Step.NOT_SENT, Stage.CANCELLED: Step.NOT_SENT,
    Stage.EXPIRED: Step.NOT_SENT, Stage.REVOKED: Step.NOT_SENT,
    Stage.QUEUED: Step.SENT, Stage.SENDING: Step.SENT, Stage.UNKNOWN: Step.SENT, Stage.SLIP: Step.SENT,
    Stage.SENT: Step.SENT,
    Stage.DELIVERED: Step.DELIVERED, Stage.OPENED: Step.DELIVERED,
    Stage.ACTIVATED: Step.ACTIVATED,
}  # fmt: skip
"""What did not arrive or can no longer be used is to be sent anew."""


@dataclass(frozen=True)
class Parent:
    """A parent of a class; ``children`` are the numbers of the students there, ``last_at`` the last visit to a diary
    of theirs, ``step`` the furthest."""

    user_id: int
    class_id: int
    children: tuple[int, ...]
    stage: Stage
    last_at: datetime | None
    came_this_week: bool

    @property
    def step(self) -> Step:
        """How far the parent has come."""
        return Step.CAME if self.came_this_week else STEP_OF[self.stage]


@dataclass(frozen=True)
class Beside:
    """Who is counted apart: people and how many of them came this week."""

    people: int
    came: int


def monday_of(day: date) -> date:
    """The first day of the week."""
    return day - timedelta(days=day.weekday())


def classes(session: Session, today: date) -> list[SchoolClass]:
    """Classes of today, or that begin, with students whose data the session's person keeps."""
    kept = _enrolled(session, today).with_only_columns(Enrollment.school_class_id)
    return list(
        session.scalars(
            select(SchoolClass).where(SchoolClass.id.in_(kept)).order_by(SchoolClass.grade, SchoolClass.letter)
        )
    )


def parents(session: Session, now: datetime, today: date, classes: Collection[int]) -> list[Parent]:
    """Parents of the classes who may sign in, in the order of classes and children; two statements."""
    seen = and_(DiaryVisit.user_id == Guardianship.user_id, DiaryVisit.student_id == Guardianship.student_id)
    last = select(DiaryVisit.last_at).where(seen).order_by(DiaryVisit.week.desc()).limit(1).scalar_subquery()
    week = select(func.max(DiaryVisit.week)).where(seen).scalar_subquery()
    rows = session.execute(
        _guardians(session, today, classes)
        .join(SchoolClass, SchoolClass.id == Enrollment.school_class_id)
        .with_only_columns(Enrollment.school_class_id, Guardianship.user_id, Guardianship.student_id, last, week)
        .order_by(SchoolClass.grade, SchoolClass.letter, Student.sort_name, Guardianship.id)
    )
    monday = monday_of(today)
    found: dict[tuple[int, int], tuple[tuple[int, ...], datetime | None, bool]] = {}
    for class_id, user_id, student_id, last_at, last_week in rows:
        children, known_at, came = found.get((class_id, user_id), ((), None, False))
        latest = max((each for each in (known_at, last_at) if each is not None), default=None)
        found[class_id, user_id] = ((*children, student_id), latest, came or last_week == monday)
    stage = stages(session, _guardians(session, today, classes).with_only_columns(Guardianship.user_id), now)
    return [
        Parent(user_id, class_id, some[0], stage[user_id], *some[1:]) for (class_id, user_id), some in found.items()
    ]


def staff_beside(session: Session, today: date, classes: Collection[int]) -> Beside:
    """Staff whose children are in the classes."""
    own = _enrolled(session, today, classes).join(Guardianship, Guardianship.student_id == Student.id)
    return _beside(session, today, own.join(Guardianship.user).where(User.is_active, _is_staff()), Guardianship.user_id)


def students_beside(session: Session, today: date, classes: Collection[int]) -> Beside:
    """Students of the classes with access of their own."""
    own = _enrolled(session, today, classes).join(User, User.id == Student.user_id).where(User.is_active)
    return _beside(session, today, own, Student.user_id)


def _beside(session: Session, today: date, people: Select[Any], person: Any) -> Beside:
    there = and_(DiaryVisit.user_id == person, DiaryVisit.student_id == Student.id, DiaryVisit.week == monday_of(today))
    came = case((DiaryVisit.id.is_not(None), person))
    counts = people.outerjoin(DiaryVisit, there).with_only_columns(
        func.count(person.distinct()), func.count(came.distinct())
    )
    return Beside(*session.execute(counts).one())


@dataclass(frozen=True)
class Week:
    """``people`` of the parents came in the week of ``monday``, ``visits`` times together."""

    monday: date
    people: int
    visits: int


def weeks(session: Session, today: date, classes: Collection[int], count: int) -> Sequence[Week]:
    """The last ``count`` weeks, this one included, the oldest first; one statement."""
    mondays = [monday_of(today) - timedelta(weeks=back) for back in range(count - 1, -1, -1)]
    pairs = _guardians(session, today, classes).with_only_columns(Guardianship.user_id, Guardianship.student_id)
    of_parents = pairs.distinct().subquery()
    rows = session.execute(
        select(DiaryVisit.week, func.count(DiaryVisit.user_id.distinct()), func.sum(DiaryVisit.visits))
        .join(
            of_parents,
            and_(of_parents.c.user_id == DiaryVisit.user_id, of_parents.c.student_id == DiaryVisit.student_id),
        )
        .where(DiaryVisit.week >= mondays[0])
        .group_by(DiaryVisit.week)
    )
    known = {monday: (people, int(visits)) for monday, people, visits in rows}
    return [Week(monday, *known.get(monday, (0, 0))) for monday in mondays]


def _enrolled(session: Session, today: date, classes: Collection[int] | None = None) -> Select[Any]:
    """Enrolments that are not over, of students whose data the session's person keeps."""
    kept = policy.criterion(policy.actor_of(session), Student, Action.CHANGE)
    lasting = or_(Enrollment.ends_on.is_(None), Enrollment.ends_on >= today)
    rows = select(Enrollment.id).join(Student, Student.id == Enrollment.student_id).where(lasting, kept)
    return rows if classes is None else rows.where(Enrollment.school_class_id.in_(classes))


def _guardians(session: Session, today: date, classes: Collection[int]) -> Select[Any]:
    return (
        _enrolled(session, today, classes)
        .join(Guardianship, Guardianship.student_id == Student.id)
        .join(Guardianship.user)
        .where(User.is_active, ~_is_staff())
    )


def _is_staff() -> ColumnElement[bool]:
    return or_(User.is_staff, User.is_deputy_director)
