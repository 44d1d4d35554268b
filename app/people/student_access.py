"""Access of students to their own diary: the person a student signs in as, made from the class list."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from app import policy
from app.extensions import begin_reading
from app.models import Account, Enrollment, Student, User
from app.people.guardians import new_person
from app.policy import Action


def may_prepare(session: Session) -> ColumnElement[bool]:
    """The criterion for students whose data the session's person keeps, and whom they therefore give access."""
    return policy.criterion(policy.actor_of(session), Student, Action.CHANGE)


def students_of_class(session: Session, class_id: int, today: date) -> list[Student]:
    """Students who are, or will be, in the class and may be given access by the session's person, by name."""
    not_over = or_(Enrollment.ends_on.is_(None), Enrollment.ends_on >= today)
    return _loaded(session, Student.enrollments.any(and_(Enrollment.school_class_id == class_id, not_over)))


def students(session: Session, ids: Collection[int]) -> list[Student]:
    """Those of the students whom the session's person may give access, by name."""
    return _loaded(session, Student.id.in_(ids))


def people_of(session: Session, those: Sequence[Student]) -> list[User]:
    """The person each student signs in as; who has none yet gets one, with names and contacts of the class list.

    A phone or an e-mail address that somebody else signs in with is left out: it would open the door to neither of
    them. ``those`` are of ``students``. Commits nothing.
    """
    taken = _taken(each for student in those if student.user_id is None for each in (student.phone, student.email))
    for student in those:
        if student.user_id is not None:
            continue
        names = (student.family_name, student.given_name, student.patronymic)
        phone, email = (value if value not in taken else None for value in (student.phone, student.email))
        taken |= {value for value in (phone, email) if value}
        student.user = new_person(names, phone, email)
    session.flush()
    return [student.user for student in those if student.user is not None]


def _loaded(session: Session, where: ColumnElement[bool]) -> list[Student]:
    rows = select(Student).where(where, may_prepare(session)).options(joinedload(Student.details))
    return list(session.scalars(rows.options(joinedload(Student.user)).order_by(Student.sort_name, Student.id)))


def _taken(values: Iterable[str | None]) -> set[str | None]:
    """Those of the phones and addresses that an account has; asked by the system, as the account may be anybody's."""
    asked = {value for value in values if value}
    if not asked:
        return set()
    with policy.system() as facts:
        begin_reading(facts)
        rows = facts.execute(
            select(Account.phone, Account.email).where(or_(Account.phone.in_(asked), Account.email.in_(asked)))
        )
        return {value for row in rows for value in row if value in asked}
