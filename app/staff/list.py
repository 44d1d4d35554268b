"""What the list of the staff tells of each person beyond the account, and whom its filters narrow it to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from app.models import Account, Credential, TeachingAssignment, TimetableSlot, User
from app.people.placement import lasting


def hours_a_week(session: Session, people: Iterable[User], today: date) -> dict[int, int]:
    """Weekly lessons of each person by id, today's timetable; who has none is not there."""
    rows = session.execute(
        select(TeachingAssignment.teacher_id, func.count())
        .join(TimetableSlot, TimetableSlot.teaching_assignment_id == TeachingAssignment.id)
        .where(
            TeachingAssignment.teacher_id.in_([person.id for person in people]),
            lasting(TeachingAssignment, today),
            TimetableSlot.valid_from <= today,
            or_(TimetableSlot.valid_until.is_(None), TimetableSlot.valid_until >= today),
        )
        .group_by(TeachingAssignment.teacher_id)
    )
    return {number: count for number, count in rows}  # noqa: C416


def is_staff() -> ColumnElement[bool]:
    """Everybody who works at the school."""
    return or_(User.is_staff, User.is_deputy_director)


def without_access(now: datetime) -> ColumnElement[bool]:
    """Nobody has given them access, or it was taken back, or ran out unused."""
    usable = select(Credential.user_id).where(
        Credential.activated_at.is_(None), Credential.revoked_at.is_(None), Credential.expires_at > now
    )
    return and_(User.is_active, ~User.account.has(Account.password_hash.is_not(None)), User.id.not_in(usable))


def never_came() -> ColumnElement[bool]:
    """They may sign in and never have."""
    return and_(User.is_active, ~User.account.has(Account.last_seen_at.is_not(None)))


def without_assignment(today: date) -> ColumnElement[bool]:
    """They teach nothing today."""
    held = select(TeachingAssignment.teacher_id).where(lasting(TeachingAssignment, today))
    return and_(User.is_active, User.id.not_in(held))
