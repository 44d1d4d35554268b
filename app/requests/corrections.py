"""Corrections of the data the school holds: a person asks, the class teacher confirms, and it is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask_babel import format_date, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app import contacts, policy
from app.imports import values
from app.models import Correction, Student, StudentDetails, User
from app.models.diary import CorrectedField, RequestState
from app.people.refusal import Refusal
from app.requests.answers import answer

NAMES = (CorrectedField.FAMILY_NAME, CorrectedField.GIVEN_NAME, CorrectedField.PATRONYMIC)
DETAILS = (CorrectedField.BIRTH_DATE, CorrectedField.PHONE, CorrectedField.EMAIL, CorrectedField.ADDRESS)
LONGEST_ADDRESS = 300
EMPTY_ALLOWED = (CorrectedField.PATRONYMIC, CorrectedField.PHONE, CorrectedField.EMAIL, CorrectedField.ADDRESS)


def ask(
    session: Session, student: Student, user: User | None, field: CorrectedField, typed: str, today: date
) -> Correction:
    """Ask to correct a field of ``student``, or with ``user`` the person's own name; commits nothing.

    Raises Refusal for what is no such value, stands there already, or waits for an answer already.
    """
    value, now = proper(field, typed, today), current(student, user, field)
    if value == now:
        raise Refusal(lazy_gettext("That is what the school has already. Nothing was sent."), "value")
    actor = policy.actor_of(session)
    same = select(Correction).where(
        Correction.student_id == student.id, Correction.field == field, Correction.state == RequestState.SENT,
        Correction.author_id == actor.user_id,
        Correction.user_id.is_(None) if user is None else Correction.user_id == user.id,
    )  # fmt: skip
    if session.scalars(same.limit(1)).first() is not None:
        raise Refusal(lazy_gettext("You have asked to correct this already. Withdraw that first."), "value")
    correction = Correction(
        student_id=student.id, user_id=user.id if user else None, author_id=actor.user_id, field=field, was=now,
        value=value, state=RequestState.SENT, created_at=actor.now,
    )  # fmt: skip
    session.add(correction)
    session.flush()
    return correction


def current(student: Student, user: User | None, field: CorrectedField) -> str:
    """What stands there now, as a correction keeps it: days as 2015-03-02, phones in E.164, empty for nothing."""
    owner: Any = user or student
    value = getattr(owner, field.value)
    return value.isoformat() if isinstance(value, date) else value or ""


def proper(field: CorrectedField, typed: str, today: date) -> str:
    """The value as it is kept. Raises Refusal for what is none."""
    typed = " ".join(typed.split())
    if not typed and field in EMPTY_ALLOWED:
        return ""
    if not typed:
        raise Refusal(lazy_gettext("Write what it should be."), "value")
    return _READ[field](typed, today)


def shown(field: CorrectedField, value: str) -> str:
    """A value of a correction as people read it."""
    if not value:
        return "—"
    if field is CorrectedField.BIRTH_DATE:
        return str(format_date(date.fromisoformat(value), "d MMMM y"))
    return contacts.shown_phone(value) if field is CorrectedField.PHONE else value


def corrections_by(session: Session) -> list[Correction]:
    """What the session's person has asked for, the latest first; one statement."""
    mine = select(Correction).where(Correction.author_id == policy.actor_of(session).user_id)
    loaded = mine.options(joinedload(Correction.student), joinedload(Correction.user))
    return list(session.scalars(loaded.order_by(Correction.created_at.desc(), Correction.id.desc())))


def confirm(session: Session, correction: Correction, today: date, words: str = "") -> None:
    """Confirm a correction and write it, in the caller's transaction.

    Raises Refusal when the value is no longer a proper one, what it corrects has been changed meanwhile, or the
    person whose name it is has left.
    """
    student = session.scalars(
        select(Student).where(Student.id == correction.student_id).options(joinedload(Student.details))
    ).one()
    if correction.user_id is not None and correction.user is None:
        raise Refusal(lazy_gettext("This person is no parent of your class any more. Decline the correction."))
    value = proper(correction.field, correction.value, today)
    if current(student, correction.user, correction.field) not in (correction.was, value):
        raise Refusal(
            lazy_gettext(
                "%(field)s was changed after this had been sent: it is now «%(now)s». Decline the correction, or edit "
                "the student.", field=correction.field.label,
                now=shown(correction.field, current(student, correction.user, correction.field)),
            )
        )  # fmt: skip
    answer(session, correction, RequestState.CONFIRMED, words)
    _write(session, student, correction, value)
    session.flush()


def _write(session: Session, student: Student, correction: Correction, value: str) -> None:
    field = correction.field
    if field in NAMES:
        setattr(correction.user or student, field.value, value)
        return
    if student.details is None:
        student.details = StudentDetails()
    as_kept = date.fromisoformat(value) if field is CorrectedField.BIRTH_DATE else value or None
    setattr(student.details, field.value, as_kept)


def _name(typed: str, _today: date) -> str:
    return values.name_part(typed)


def _birth_date(typed: str, today: date) -> str:
    return values.birth_date(typed, today).isoformat()


def _phone(typed: str, _today: date) -> str:
    number = contacts.phone_number(typed)
    if number is None:
        raise Refusal(lazy_gettext("This is not a phone number. Type it with its code: +7 912 345-67-89."), "value")
    return number


def _email(typed: str, _today: date) -> str:
    address = contacts.email_address(typed)
    if address is None:
        raise Refusal(lazy_gettext("This is not an e-mail address. It looks like name@example.org."), "value")
    return address


def _address(typed: str, _today: date) -> str:
    if len(typed) > LONGEST_ADDRESS:
        raise Refusal(lazy_gettext("The address is too long: at most 300 characters."), "value")
    return typed


def _objections(read: Callable[[str, date], str]) -> Callable[[str, date], str]:
    """What a class list would object to, at the field."""

    def checked(typed: str, today: date) -> str:
        try:
            return read(typed, today)
        except values.ValueProblem as problem:
            reason = str(problem.reason)
            raise Refusal(f"{reason[:1].upper()}{reason[1:]}.", "value") from problem

    return checked


_READ: dict[CorrectedField, Callable[[str, date], str]] = {
    **{field: _objections(_name) for field in NAMES},
    CorrectedField.BIRTH_DATE: _objections(_birth_date),
    CorrectedField.PHONE: _phone,
    CorrectedField.EMAIL: _email,
    CorrectedField.ADDRESS: _address,
}
