"""What the data of a student lacks: clause 2.3 has class teachers keep it complete and current."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, and_, or_

from app.models import Account, Guardianship, Student, StudentDetails, User
from app.models.columns import Titled


class Gap(Titled):
    """Something that is missing."""

    BIRTH_DATE = "birth_date", lazy_gettext("no date of birth")
    GUARDIAN = "guardian", lazy_gettext("no parent")
    CONTACT = "contact", lazy_gettext("no phone or e-mail of a parent")


def gaps(student: Student) -> list[Gap]:
    """What is missing; ``details`` and ``guardianships.user.account`` are to be loaded.

    A guardian who is staff counts as reached: their contacts are the deputy director's, and a class teacher
    does not see them.
    """
    missing = []
    if student.birth_date is None:
        missing.append(Gap.BIRTH_DATE)
    if not student.guardianships:
        missing.append(Gap.GUARDIAN)
    elif not any(_reached(guardianship.user) for guardianship in student.guardianships):
        missing.append(Gap.CONTACT)
    return missing


def _reached(user: User | None) -> bool:
    return user is None or user.is_staff or bool(user.phone or user.email)


def has_gap(gap: Gap) -> ColumnElement[bool]:
    """Students with the gap, as SQL; the same answer as ``gaps``."""
    if gap is Gap.BIRTH_DATE:
        return ~Student.details.has(StudentDetails.birth_date.is_not(None))
    if gap is Gap.GUARDIAN:
        return ~Student.guardianships.any()
    contact: Any = User.account.has(or_(Account.phone.is_not(None), Account.email.is_not(None)))
    reached = Guardianship.user.has(or_(User.is_staff, contact))
    unseen = ~Guardianship.user.has()
    return and_(Student.guardianships.any(), ~Student.guardianships.any(or_(reached, unseen)))


def is_complete() -> ColumnElement[bool]:
    """Students whose data lacks nothing, as SQL."""
    return and_(*(~has_gap(gap) for gap in Gap))
