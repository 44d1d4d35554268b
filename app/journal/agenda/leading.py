"""For whoever leads a class (clause 2.3): whose data is incomplete, whom access has not reached, who is away."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import compress
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, Select, and_, case, exists, or_, select
from sqlalchemy.orm import Session

from app import policy
from app.models import (
    AcademicYear,
    Account,
    Attendance,
    Credential,
    Delivery,
    Enrollment,
    Guardianship,
    Lesson,
    SchoolClass,
    Student,
    User,
)
from app.models.access import DeliveryState
from app.models.columns import Titled
from app.models.journal import AttendanceStatus
from app.people.completeness import Gap, has_gap
from app.people.placement import lasting
from app.requests import waiting


class Reach(Titled):
    """Why somebody does not come in."""

    NO_ACCESS = "no_access", lazy_gettext("no access yet")
    NOT_DELIVERED = "not_delivered", lazy_gettext("the message did not arrive")
    NEVER_CAME = "never_came", lazy_gettext("has access, never came")


REACHES = {word.value: word for word in Reach}


@dataclass(frozen=True)
class LedClass:
    """A class of the year."""

    id: int
    name: str


@dataclass(frozen=True)
class Incomplete:
    """A student whose data lacks something."""

    student_id: int
    name: str
    class_name: str
    gaps: Sequence[Gap]


@dataclass(frozen=True)
class Unreached:
    """A guardian who does not come in, and the children."""

    user_id: int
    name: str
    children: Sequence[str]
    reach: Reach


@dataclass(frozen=True)
class Away:
    """A student absent today with no reason given; ``lessons`` are (row of the absence, number of the lesson)."""

    student_id: int
    name: str
    class_name: str
    lessons: Sequence[tuple[int, int]]


def led_classes(session: Session, today: date) -> list[LedClass]:
    """Classes of the year (see ``of_the_year``) whose class teacher the person is."""
    mine = SchoolClass.class_teacher_id == policy.actor_of(session).user_id
    order = (SchoolClass.grade, SchoolClass.letter)
    rows = session.scalars(select(SchoolClass).where(mine, of_the_year(today)).order_by(*order))
    return [LedClass(row.id, str(row)) for row in rows]


def of_the_year(today: date) -> ColumnElement[bool]:
    """Classes of the year that lasts today; between two years, of the next one."""
    year = select(AcademicYear.id).where(AcademicYear.ends_on >= today).order_by(AcademicYear.starts_on).limit(1)
    return SchoolClass.academic_year_id == year.scalar_subquery()


def incomplete_students(session: Session, today: date, classes: Collection[int]) -> list[Incomplete]:
    """Students of the classes whose data lacks something, by name."""
    lacking = [has_gap(gap) for gap in Gap]
    rows = session.execute(
        _students_of(classes, today, Student, SchoolClass, *lacking).where(or_(*lacking)).order_by(Student.sort_name)
    )
    return [
        Incomplete(student.id, str(student), str(school_class), tuple(compress(Gap, lacks)))
        for student, school_class, *lacks in rows
    ]


def unreached_guardians(session: Session, today: date, now: datetime, classes: Collection[int]) -> list[Unreached]:
    """Guardians of the classes' students who do not come in, by name; staff get their access elsewhere."""
    rows = session.execute(
        _students_of(classes, today, User, Student, reach(now))
        .join(Guardianship, Guardianship.student_id == Student.id)
        .join(Guardianship.user)
        .outerjoin(User.account)
        .where(~User.is_staff, is_unreached())
        .order_by(User.sort_name, User.id, Student.sort_name)
    )
    people: dict[int, Unreached] = {}
    for user, student, word in rows:
        known = people.get(user.id)
        children = (*known.children, str(student)) if known else (str(student),)
        people[user.id] = Unreached(user.id, str(user), children, REACHES[word])
    return list(people.values())


def is_unreached() -> ColumnElement[bool]:
    """Active people without a password, or who were never here; ``User`` is outer joined to its account."""
    return and_(User.is_active, or_(Account.password_hash.is_(None), Account.last_seen_at.is_(None)))


def reach(now: datetime) -> Any:
    """The value of ``Reach`` of a person who is unreached."""
    usable = and_(
        Credential.user_id == User.id,
        Credential.revoked_at.is_(None),
        Credential.activated_at.is_(None),
        Credential.expires_at > now,
    )
    failed = select(Delivery.credential_id).where(
        Delivery.credential_id.is_not(None), Delivery.state.in_((DeliveryState.FAILED, DeliveryState.CANCELLED))
    )
    # As a list that is read once: joined, SQLite goes through all failed messages for each person.
    lost = exists().where(usable, Credential.id.in_(failed))
    return case(
        (Account.password_hash.is_not(None), Reach.NEVER_CAME.value),
        (~exists().where(usable), Reach.NO_ACCESS.value),
        (lost, Reach.NOT_DELIVERED.value),
        else_=Reach.NEVER_CAME.value,
    )


def away_without_reason(session: Session, today: date, classes: Collection[int]) -> list[Away]:
    """Students of the classes who are absent today with no reason given, by name."""
    rows = session.execute(
        _students_of(classes, today, Student, SchoolClass, Attendance.id, Lesson.number)
        .join(Attendance, Attendance.student_id == Student.id)
        .join(Attendance.lesson)
        .where(Lesson.date == today, Attendance.status == AttendanceStatus.ABSENT, Attendance.reason == "")
        .order_by(Student.sort_name, Student.id, Lesson.number)
    )
    away: dict[int, Away] = {}
    for student, school_class, absence, number in rows:
        lessons = (*away[student.id].lessons, (absence, number)) if student.id in away else ((absence, number),)
        away[student.id] = Away(student.id, str(student), str(school_class), lessons)
    return list(away.values())


def asked_by_families(session: Session) -> int:
    """How many notes of absence and corrections wait for the person's answer."""
    return waiting.number(session)


def _students_of(classes: Collection[int], today: date, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Enrollment)
        .join(Enrollment.student)
        .join(Enrollment.school_class)
        .where(Enrollment.school_class_id.in_(classes), lasting(Enrollment, today))
    )
