"""What the journal knows of the people and classes of a list: looked up in a few statements, then changed in memory.

The records here are drafts: planning changes them and leaves the database alone; applying writes those that are new
(``id`` is None) or have ``changes``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.imports.values import ClassName, Name
from app.models import (
    AcademicYear,
    Account,
    Enrollment,
    Guardianship,
    Lesson,
    SchoolClass,
    Student,
    StudentDetails,
    StudyGroup,
    StudyGroupMember,
    TeachingAssignment,
    User,
)
from app.models.people import Relation

CHUNK = 10_000  # SQLite takes 32,766 values in a statement


@dataclass
class Year:
    """The academic year the list is for."""

    id: int | None
    name: str
    starts_on: date
    ends_on: date


@dataclass(eq=False)
class Class:
    """A class of that year, or of an earlier one a student comes from; ``is_wanted`` by a row that is taken.

    ``has_begun``: it has students and has had lessons, so whoever comes now was not there before.
    """

    id: int | None
    name: ClassName
    year_id: int | None
    has_begun: bool = False
    is_wanted: bool = False


@dataclass(eq=False)
class Membership:
    """A membership of a group that is a part of a class."""

    id: int
    school_class_id: int
    group: str
    starts_on: date
    ends_on: date | None


@dataclass(eq=False)
class Spell:
    """An enrolment; new without an id. ``changes`` are columns of the row to write."""

    id: int | None
    school_class: Class
    starts_on: date
    ends_on: date | None = None
    changes: dict[str, Any] = field(default_factory=dict)

    def covers(self, day: date) -> bool:
        """Whether the student is in the class on the day."""
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)


@dataclass(eq=False)
class Guardian:
    """A person who is or can become a guardian.

    ``is_settled``: has a password of their own or is staff, so a list does not change how they are reached.
    ``given`` tells which row of this list gave a contact.
    """

    id: int | None
    name: Name
    phone: str | None
    email: str | None
    is_settled: bool = False
    changes: dict[str, Any] = field(default_factory=dict)
    given: dict[str, int] = field(default_factory=dict)


@dataclass(eq=False)
class Pupil:
    """A student; ``row`` is the row of this list that is about them."""

    id: int | None
    name: Name
    birth_date: date | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    spells: list[Spell] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    guardians: list[Guardian] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)
    row: int | None = None

    def spell_on(self, day: date) -> Spell | None:
        """The enrolment that lasts on the day."""
        return next((spell for spell in self.spells if spell.covers(day)), None)


@dataclass
class Known:
    """Everything of the journal that a list can touch."""

    year: Year
    classes: dict[ClassName, Class] = field(default_factory=dict)
    pupils: dict[str, list[Pupil]] = field(default_factory=lambda: defaultdict(list))  # by the key of the name
    contacts: dict[tuple[str, str], list[Guardian]] = field(default_factory=lambda: defaultdict(list))
    guardians: list[Guardian] = field(default_factory=list)
    links: list[tuple[Guardian, Pupil, Relation]] = field(default_factory=list)  # guardianships to write
    ended: list[tuple[Membership, date]] = field(default_factory=list)  # memberships to end, and the last day
    members: dict[ClassName, list[Pupil]] = field(default_factory=lambda: defaultdict(list))

    def touched(self) -> Iterator[Pupil]:
        """Students that some row of the list is about."""
        return (pupil for pupils in self.pupils.values() for pupil in pupils if pupil.row is not None)

    def remember(self, guardian: Guardian) -> None:
        """Make a guardian found by their contacts."""
        for kind, value in (("phone", guardian.phone), ("email", guardian.email)):
            if value and guardian not in self.contacts[kind, value]:
                self.contacts[kind, value].append(guardian)


def look_up(session: Session, year: Year, day: date, keys: set[str], phones: set[str], emails: set[str]) -> Known:
    """What the journal knows of students with these name ``keys`` and of persons with these contacts.

    The number of statements does not depend on the number of rows (one more for each 10,000 of a kind).
    """
    known = Known(year)
    by_id = _pupils(session, known)
    wanted = {pupil.id: pupil for key in keys for pupil in known.pupils.get(key, ()) if pupil.id is not None}
    classes = _classes(session, known)
    _members(session, known, classes, by_id, day)
    _spells(session, wanted, classes)
    _memberships(session, wanted, day)
    people = {person.id: person for person in _persons(session, phones, emails)}
    for student_id, person in _guardians(session, wanted):
        wanted[student_id].guardians.append(people.setdefault(person.id, person))
    known.guardians = list(people.values())
    for person in known.guardians:
        known.remember(person)
    return known


def academic_year(session: Session, today: date) -> Year | None:
    """The year that contains the day, else the next to begin, else none."""
    columns = (AcademicYear.id, AcademicYear.name, AcademicYear.starts_on, AcademicYear.ends_on)
    next_to_end = select(*columns).where(AcademicYear.ends_on >= today).order_by(AcademicYear.starts_on).limit(1)
    found = session.execute(next_to_end).first()
    return Year(*found) if found else None


def _pupils(session: Session, known: Known) -> dict[int, Pupil]:
    details = StudentDetails
    statement = select(
        Student.id, Student.family_name, Student.given_name, Student.patronymic,
        details.birth_date, details.phone, details.email, details.address,
    ).outerjoin(details, details.student_id == Student.id)  # fmt: skip
    by_id = {}
    for student_id, family_name, given_name, patronymic, born, phone, email, address in session.execute(statement):
        pupil = Pupil(student_id, Name(family_name, given_name, patronymic), born, phone, email, address)
        known.pupils[pupil.name.key].append(pupil)
        by_id[student_id] = pupil
    return by_id


def _classes(session: Session, known: Known) -> dict[int, Class]:
    """All classes by id; those of the year also by name."""
    columns = (SchoolClass.id, SchoolClass.grade, SchoolClass.letter, SchoolClass.academic_year_id)
    classes = {}
    for class_id, grade, letter, year_id in session.execute(select(*columns)):
        classes[class_id] = Class(class_id, ClassName(grade, letter), year_id)
        if year_id == known.year.id:
            known.classes[classes[class_id].name] = classes[class_id]
    return classes


def _members(session: Session, known: Known, classes: dict[int, Class], by_id: dict[int, Pupil], day: date) -> None:
    columns = (Enrollment.student_id, Enrollment.school_class_id, Enrollment.starts_on, Enrollment.ends_on)
    taught = set(session.scalars(_with_lessons_before(day, known.year)).all())
    of_the_year = (
        select(*columns)
        .join(SchoolClass, SchoolClass.id == Enrollment.school_class_id)
        .where(SchoolClass.academic_year_id == known.year.id)
    )
    for student_id, class_id, starts_on, ends_on in session.execute(of_the_year):
        classes[class_id].has_begun = class_id in taught
        if student_id in by_id and Spell(None, classes[class_id], starts_on, ends_on).covers(day):
            known.members[classes[class_id].name].append(by_id[student_id])


def _with_lessons_before(day: date, year: Year) -> Select[int]:
    return (
        select(StudyGroup.school_class_id)
        .join(SchoolClass, SchoolClass.id == StudyGroup.school_class_id)
        .join(TeachingAssignment, TeachingAssignment.study_group_id == StudyGroup.id)
        .join(Lesson, Lesson.teaching_assignment_id == TeachingAssignment.id)
        .where(SchoolClass.academic_year_id == year.id, Lesson.date < day)
        .distinct()
    )


def _in_chunks(column: InstrumentedAttribute[Any], values: Iterable[Any]) -> Iterator[ColumnElement[bool]]:
    known = sorted(values)
    return (column.in_(known[at : at + CHUNK]) for at in range(0, len(known), CHUNK))


def _spells(session: Session, wanted: dict[int, Pupil], classes: dict[int, Class]) -> None:
    columns = (
        Enrollment.student_id, Enrollment.id, Enrollment.school_class_id, Enrollment.starts_on, Enrollment.ends_on,
    )  # fmt: skip
    for chosen in _in_chunks(Enrollment.student_id, wanted):
        statement = select(*columns).where(chosen).order_by(Enrollment.starts_on)
        for student_id, spell_id, class_id, starts_on, ends_on in session.execute(statement):
            wanted[student_id].spells.append(Spell(spell_id, classes[class_id], starts_on, ends_on))


def _memberships(session: Session, wanted: dict[int, Pupil], day: date) -> None:
    member = StudyGroupMember
    columns = (
        member.student_id, member.id, StudyGroup.school_class_id, StudyGroup.name, member.starts_on, member.ends_on,
    )  # fmt: skip
    lasts = or_(member.ends_on.is_(None), member.ends_on >= day)
    for chosen in _in_chunks(member.student_id, wanted):
        statement = select(*columns).join(StudyGroup, StudyGroup.id == member.study_group_id).where(chosen, lasts)
        for row in session.execute(statement):
            wanted[row[0]].memberships.append(Membership(*row[1:]))


_PERSON = (
    User.id, User.family_name, User.given_name, User.patronymic,
    Account.phone, Account.email, Account.password_hash, User.is_staff, User.is_deputy_director,
)  # fmt: skip


def _person(row: Sequence[Any]) -> Guardian:
    user_id, family_name, given_name, patronymic, phone, email, password, staff, deputy = row
    settled = bool(password or staff or deputy)
    return Guardian(user_id, Name(family_name, given_name, patronymic), phone, email, settled)


def _persons(session: Session, phones: set[str], emails: set[str]) -> Iterator[Guardian]:
    for chosen in (*_in_chunks(Account.phone, phones), *_in_chunks(Account.email, emails)):
        statement = select(*_PERSON).join(Account, Account.user_id == User.id).where(chosen).order_by(User.id)
        yield from map(_person, session.execute(statement))


def _guardians(session: Session, wanted: dict[int, Pupil]) -> Iterator[tuple[int, Guardian]]:
    for chosen in _in_chunks(Guardianship.student_id, wanted):
        statement = (
            select(Guardianship.student_id, *_PERSON)
            .join(User, User.id == Guardianship.user_id)
            .outerjoin(Account, Account.user_id == User.id)
            .where(chosen)
            .order_by(Guardianship.id)
        )
        for student_id, *person in session.execute(statement):
            yield student_id, _person(person)
