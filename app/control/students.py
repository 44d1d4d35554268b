"""Rules about students and their families: complete data, a guardian with access, visits to the diary (clause 2.3)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, null, or_, select, true

from app import policy
from app.control.duties import Agreed, State, Watch, case_of, counted, narrowed
from app.models import AcademicYear, Account, DiaryVisit, Enrollment, Guardianship, SchoolClass, Student, User
from app.people.completeness import is_complete
from app.people.placement import lasting
from app.policy import Action


def data(watch: Watch, agreed: Agreed) -> Select[Any]:
    """What is to be known of a student is known, ``days`` after the student came."""
    return _students(watch, agreed, is_complete(), Enrollment.starts_on)


def guardians(watch: Watch, agreed: Agreed) -> Select[Any]:
    """A guardian has set a password, ``days`` after the student came; staff have their access from the deputy."""
    return _students(watch, agreed, _with_access(), Enrollment.starts_on)


def visits(watch: Watch, agreed: Agreed) -> Select[Any]:
    """Of the students whose guardians have access: one of them looked into the diary in the last ``days`` days."""
    since = _days_back(watch, agreed.days)
    guardian = and_(Guardianship.student_id == DiaryVisit.student_id, Guardianship.user_id == DiaryVisit.user_id)
    of_student = and_(DiaryVisit.student_id == Student.id, exists().where(guardian))
    came = exists().where(of_student, DiaryVisit.last_at >= since)
    week = select(func.max(DiaryVisit.week)).where(of_student).scalar_subquery()
    return _students(watch, agreed, came, func.coalesce(week, Enrollment.starts_on)).where(_with_access())


def basis(watch: Watch, agreed: Agreed) -> object:
    """What besides the rows decides who has what."""
    today = watch.today
    return today, watch.calendar.cutoff(today, agreed.days), watch.is_excused_within(today, today)


def basis_of_visits(watch: Watch, agreed: Agreed) -> object:
    """The same, and since when visits count."""
    return basis(watch, agreed), _days_back(watch, agreed.days)


def _with_access() -> ColumnElement[bool]:
    signs_in = User.account.has(Account.password_hash.is_not(None))
    able = and_(User.is_active, or_(User.is_staff, signs_in))
    return exists().where(Guardianship.student_id == Student.id, User.id == Guardianship.user_id, able)


def _days_back(watch: Watch, days: int) -> datetime:
    """The beginning of the last ``days`` days outside the holidays."""
    day = watch.today
    for _number in range(days):
        day -= timedelta(1)
        while any(first <= day <= last for first, last in watch.calendar.holidays):
            day -= timedelta(1)
    return datetime.combine(day, time(), watch.zone)


def _students(watch: Watch, agreed: Agreed, kept: ColumnElement[bool], day: Any) -> Select[Any]:
    """Students of today whose data the person keeps, up to the class teacher."""
    came = watch.calendar.cutoff(watch.today, agreed.days)
    duties = (
        case_of(
            day=day,
            state=case((kept, State.KEPT.sql), else_=State.OPEN.sql),
            user_id=SchoolClass.class_teacher_id,
            school_class_id=SchoolClass.id,
            student_id=Student.id,
        )
        .select_from(Enrollment)
        .join(Enrollment.student)
        .join(Enrollment.school_class)
        .join(AcademicYear, AcademicYear.id == SchoolClass.academic_year_id)
        .where(
            AcademicYear.ends_on >= watch.today,
            Enrollment.starts_on <= came,
            lasting(Enrollment, watch.today),
            _kept_by(watch.actor),
            counted(watch, SchoolClass.class_teacher_id, SchoolClass.id, watch.today, watch.today),
        )
    )
    return narrowed(duties, watch, SchoolClass.class_teacher_id)


def _kept_by(actor: policy.Actor | None) -> ColumnElement[bool]:
    """Students whose guardians are the person's to write: others' are not seen, and would all seem to be missing."""
    if actor is None:
        return true()
    row = SimpleNamespace(student_id=Student.id, user_id=null())
    return policy.criterion(actor, Guardianship, Action.CREATE, row=row)
