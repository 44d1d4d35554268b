"""The values by which a person is recognised in texts and in the audit."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contacts import shown_phone
from app.models import Account, Correction, Student, StudentDetails, User
from app.models.diary import CorrectedField

REACHED_BY = (CorrectedField.PHONE, CorrectedField.EMAIL, CorrectedField.ADDRESS)
SHORTEST = 5
"""Shorter values are not looked for in texts: they would be found everywhere."""


def words_of(session: Session, person: User | Student) -> set[str]:
    """Names in full and with initials, contacts, address; the longest say most, see ``redaction``."""
    words = {*_names(person), *_contacts(session, person)}
    return {word for word in words if len(word) >= SHORTEST}


def _names(person: User | Student) -> set[str]:
    family, given = person.family_name, person.given_name
    return {person.full_name, f"{family} {given}", f"{given} {family}", person.short_name, f"{family} {given[:1]}."}


def _contacts(session: Session, person: User | Student) -> set[str]:
    kept: Any  # statements of two and of three columns
    if isinstance(person, User):
        kept = select(Account.email, Account.phone).where(Account.user_id == person.id)
        asked = select(Correction.was, Correction.value).where(Correction.user_id == person.id)
    else:
        details = StudentDetails
        kept = select(details.email, details.phone, details.address).where(details.student_id == person.id)
        asked = select(Correction.was, Correction.value).where(Correction.student_id == person.id)
    rows = [*session.execute(kept), *session.execute(asked.where(Correction.field.in_(REACHED_BY)))]
    found = {value for row in rows for value in row if value}
    return found | {shown_phone(value) for value in found if value.startswith("+")}
