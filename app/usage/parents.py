"""Whom the figures of use are about: parents of today's classes, how far each has come, when they were last here.

A parent of a class is there for the children of that class: who looks into the diary of one child only has never come
to the other's. Staff whose own children study here get their access as staff does and are counted apart; so are
students with access of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from app import policy
from app.credentials.standing import Stage, stage_of_row, with_stage
from app.messages import addressees
from app.models import DiaryVisit, Enrollment, Guardianship, SchoolClass, Student, StudyGroup, User
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


def classes(session: Session, today: date) -> dict[SchoolClass, int | None]:
    """Classes of today, or that begin, with students whose data the session's person keeps; each with the group of the
    whole class, where they may announce something to its parents."""
    kept = _enrolled(session, today).with_only_columns(Enrollment.school_class_id)
    group = select(StudyGroup.id).where(
        StudyGroup.school_class_id == SchoolClass.id, StudyGroup.is_whole_class, addressees.is_announced(session)
    )
    rows = select(SchoolClass, group.scalar_subquery()).where(SchoolClass.id.in_(kept))
    ordered = session.execute(rows.order_by(SchoolClass.grade, SchoolClass.letter))
    return {school_class: number for school_class, number in ordered}  # noqa: C416


def parents(session: Session, now: datetime, today: date, classes: Collection[int]) -> list[Parent]:
    """Parents of the classes who may sign in, in the order of classes and children; one statement."""
    seen = and_(DiaryVisit.user_id == Guardianship.user_id, DiaryVisit.student_id == Guardianship.student_id)
    last = select(DiaryVisit.last_at).where(seen).order_by(DiaryVisit.week.desc()).limit(1).scalar_subquery()
    week = select(func.max(DiaryVisit.week)).where(seen).scalar_subquery()
    asked = (
        _guardians(session, today, classes)
        .join(SchoolClass, SchoolClass.id == Enrollment.school_class_id)
        .with_only_columns(Enrollment.school_class_id, Guardianship.user_id, Guardianship.student_id, last, week)
        .order_by(SchoolClass.grade, SchoolClass.letter, Student.sort_name, Guardianship.id)
    )
    monday = monday_of(today)
    found: dict[tuple[int, int], Parent] = {}
    for row in session.execute(with_stage(asked)):
        class_id, user_id, student_id, last_at, last_week = row[:5]
        known = found.get((class_id, user_id)) or Parent(user_id, class_id, (), stage_of_row(row, now), None, False)
        latest = max((each for each in (known.last_at, last_at) if each is not None), default=None)
        children, came = (*known.children, student_id), known.came_this_week or last_week == monday
        found[class_id, user_id] = replace(known, children=children, last_at=latest, came_this_week=came)
    return list(found.values())


def beside(session: Session, today: date, classes: Collection[int]) -> tuple[Beside, Beside]:
    """Staff whose children are in the classes, and students of the classes with access of their own; one statement."""
    enrolled = _enrolled(session, today, classes)
    staff = enrolled.join(Guardianship, Guardianship.student_id == Student.id).join(Guardianship.user)
    students = enrolled.join(User, User.id == Student.user_id)
    counted = union_all(
        _beside(today, staff.where(User.is_active, _is_staff()), Guardianship.user_id, 0),
        _beside(today, students.where(User.is_active), Student.user_id, 1),
    )
    staff_row, students_row = sorted(session.execute(counted))
    return Beside(*staff_row[1:]), Beside(*students_row[1:])


def _beside(today: date, people: Select[Any], person: Any, order: int) -> Select[int, int, int]:
    there = and_(DiaryVisit.user_id == person, DiaryVisit.student_id == Student.id, DiaryVisit.week == monday_of(today))
    came = case((DiaryVisit.id.is_not(None), person))
    counts = literal(order), func.count(person.distinct()), func.count(came.distinct())
    return people.outerjoin(DiaryVisit, there).with_only_columns(*counts)


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
