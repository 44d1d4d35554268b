"""Writes what a list changes, in the transaction of the caller."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from app.extensions import Base
from app.imports.known import CHUNK, Guardian, Known, Pupil, Spell
from app.imports.outcome import Plan
from app.imports.planning import Planner
from app.imports.table import Table, Text
from app.models import (
    AcademicYear,
    Account,
    Enrollment,
    Guardianship,
    SchoolClass,
    Student,
    StudentDetails,
    StudyGroupMember,
    User,
)


class ApplyingError(Exception):
    """Somebody changed the same people at the same moment; nothing was written."""

    def __init__(self) -> None:
        self.reason: Text = lazy_gettext(
            "Somebody changed the same data at this moment; nothing was written. Look at the preview again."
        )
        super().__init__(self.reason)

    def __str__(self) -> str:
        return str(self.reason)


@dataclass(frozen=True)
class Result:
    """What was written: the plan as it stood at that moment, which may differ from the one that was shown."""

    plan: Plan
    applied_at: datetime


def apply(session: Session, table: Table, today: date, now: datetime) -> Result:
    """Plan again and write the rows that are not refused; the caller commits.

    Raises ApplyingError when another transaction wrote the same people; the session is then rolled back.
    """
    planner = Planner(session, table, today)
    plan = planner.plan()
    if not plan.writes_nothing:
        try:
            Writer(session, planner.known, now).write()
        except IntegrityError as problem:
            session.rollback()
            raise ApplyingError from problem
    return Result(plan, now)


class Writer:
    """Turns drafts into rows."""

    def __init__(self, session: Session, known: Known, now: datetime) -> None:
        self._session, self._known, self._now = session, known, now
        self._students: dict[Pupil, Student] = {}
        self._users: dict[Guardian, User] = {}

    def write(self) -> None:
        """Classes first, then what ends, then what begins: a student is never in two classes, not for a moment."""
        self._write_classes()
        self._end_spells()
        self._end_memberships()
        self._session.flush()
        self._write_students()
        self._write_guardians()
        self._session.flush()

    def _load(self, model: type[Base], ids: Iterable[int | None]) -> dict[int, Any]:
        """Rows by id, a statement for thousands of them."""
        wanted, key = sorted(each for each in ids if each is not None), model.id  # type: ignore[attr-defined]
        found: dict[int, Any] = {}
        for at in range(0, len(wanted), CHUNK):
            statement = select(model).where(key.in_(wanted[at : at + CHUNK]))
            if model is Student:
                statement = statement.options(selectinload(Student.details))
            if model is User:
                statement = statement.options(selectinload(User.account))
            found |= {row.id: row for row in self._session.scalars(statement)}  # type: ignore[attr-defined]
        return found

    def _write_classes(self) -> None:
        year = self._known.year
        wanted = [each for each in self._known.classes.values() if each.id is None and each.is_wanted]
        if not wanted:
            return
        if year.id is None:
            written = AcademicYear(name=year.name, starts_on=year.starts_on, ends_on=year.ends_on)
            self._session.add(written)
            self._session.flush()
            year.id = written.id
        rows = [SchoolClass(academic_year_id=year.id, grade=x.name.grade, letter=x.name.letter) for x in wanted]
        self._session.add_all(rows)
        self._session.flush()
        for draft, row in zip(wanted, rows, strict=True):
            draft.id = row.id

    def _end_spells(self) -> None:
        spells = [spell for pupil in self._known.touched() for spell in pupil.spells if spell.id and spell.changes]
        rows = self._load(Enrollment, (spell.id for spell in spells))
        for spell in spells:
            row: Enrollment = rows[_id(spell)]
            row.ends_on = spell.changes.get("ends_on", row.ends_on)
            if "school_class" in spell.changes:
                row.school_class_id = spell.changes["school_class"].id

    def _end_memberships(self) -> None:
        rows = self._load(StudyGroupMember, (membership.id for membership, _ in self._known.ended))
        for membership, last_day in self._known.ended:
            row: StudyGroupMember = rows[membership.id]
            if row.starts_on > last_day:
                self._session.delete(row)  # it would have begun after the student left
            else:
                row.ends_on = last_day

    def _write_students(self) -> None:
        pupils = list(self._known.touched())
        known = self._load(Student, (pupil.id for pupil in pupils if pupil.changes))
        for pupil in pupils:
            if pupil.id is None:
                row = self._new_student(pupil)
            elif pupil.changes:
                row = known[pupil.id]
                _change(row, pupil)
            else:
                row = None
            for spell in pupil.spells:
                if spell.id is None:
                    whose = {"student_id": pupil.id} if pupil.id else {"student": row}
                    self._session.add(
                        Enrollment(**whose, school_class_id=spell.school_class.id, starts_on=spell.starts_on)
                    )

    def _new_student(self, pupil: Pupil) -> Student:
        name = pupil.name
        row = Student(
            family_name=name.family_name, given_name=name.given_name, patronymic=name.patronymic, created_at=self._now,
            details=StudentDetails(
                birth_date=pupil.birth_date, phone=pupil.phone, email=pupil.email, address=pupil.address
            ),
        )  # fmt: skip
        self._session.add(row)
        self._students[pupil] = row
        return row

    def _write_guardians(self) -> None:
        known = self._load(User, (guardian.id for guardian in self._known.guardians if guardian.changes))
        for guardian in self._known.guardians:
            if guardian.id is None:
                self._users[guardian] = self._new_user(guardian)
            elif guardian.changes:
                user: User = known[guardian.id]
                user.account = user.account or Account()
                for kind, value in guardian.changes.items():
                    setattr(user.account, kind, value)
        for guardian, pupil, relation in self._known.links:
            user_end = {"user_id": guardian.id} if guardian.id else {"user": self._users[guardian]}
            student_end = {"student_id": pupil.id} if pupil.id else {"student": self._students[pupil]}
            self._session.add(Guardianship(**user_end, **student_end, relation=relation))

    def _new_user(self, guardian: Guardian) -> User:
        name = guardian.name
        user = User(
            family_name=name.family_name, given_name=name.given_name, patronymic=name.patronymic, created_at=self._now,
            account=Account(phone=guardian.phone, email=guardian.email),
        )  # fmt: skip
        self._session.add(user)
        return user


def _id(spell: Spell) -> int:
    assert spell.id is not None  # noqa: S101  # nosec B101 # for mypy
    return spell.id


def _change(row: Student, pupil: Pupil) -> None:
    row.details = row.details or StudentDetails()
    for attribute, value in pupil.changes.items():
        setattr(row if attribute == "patronymic" else row.details, attribute, value)
