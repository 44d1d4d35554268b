"""Which class a student is in, and how they come, move, leave and return: history is kept, nothing overlaps.

All functions change rows of a session and leave the commit to the caller. Days are school days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from typing import Any

from flask_babel import format_date, lazy_gettext
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.models import AcademicYear, Enrollment, SchoolClass, Student, StudyGroupMember
from app.people.refusal import Refusal

SHOWN = 5  # students named in one message


class Standing(Enum):
    """Where a student stands on a day."""

    HERE = auto()
    COMING = auto()
    LEFT = auto()
    NOWHERE = auto()


@dataclass(frozen=True)
class Place:
    """The standing, and the enrolment it follows from: the present one, the next, or the last."""

    standing: Standing
    enrollment: Enrollment | None = None


def lasting(table: Any, day: Any) -> ColumnElement[bool]:
    """Rows of ``table`` with first and last day that hold on ``day``, a date or a column of dates, as SQL."""
    return and_(table.starts_on <= day, or_(table.ends_on.is_(None), table.ends_on >= day))


def covers(membership: Any, day: date) -> bool:
    """Whether the membership holds on the day."""
    return membership.starts_on <= day and (membership.ends_on is None or membership.ends_on >= day)


def place_of(student: Student, day: date) -> Place:
    """Where the student stands on ``day``; ``enrollments`` are to be loaded."""
    spells = student.enrollments
    for spell in spells:
        if covers(spell, day):
            return Place(Standing.HERE, spell)
    coming = [spell for spell in spells if spell.starts_on > day]
    if coming:
        return Place(Standing.COMING, min(coming, key=lambda spell: spell.starts_on))
    if spells:
        return Place(Standing.LEFT, max(spells, key=lambda spell: spell.starts_on))
    return Place(Standing.NOWHERE)


def is_in_class(school_class_id: int, day: date) -> ColumnElement[bool]:
    """Students of the class on the day, as SQL."""
    return Student.enrollments.any(and_(Enrollment.school_class_id == school_class_id, lasting(Enrollment, day)))


def stands(standing: Standing, day: date) -> ColumnElement[bool]:
    """Students who stand so on the day, as SQL; the same answer as ``place_of``."""
    here = Student.enrollments.any(lasting(Enrollment, day))
    coming = Student.enrollments.any(Enrollment.starts_on > day)
    known = Student.enrollments.any()
    return {
        Standing.HERE: here,
        Standing.COMING: and_(~here, coming),
        Standing.LEFT: and_(known, ~here, ~coming),
        Standing.NOWHERE: ~known,
    }[standing]


def usual_first_day(session: Session, today: date) -> date:
    """The day a student who is entered today most likely comes on: today, in the holidays the first day of the year."""
    coming = select(AcademicYear.starts_on).where(AcademicYear.ends_on >= today).order_by(AcademicYear.starts_on)
    first = session.scalars(coming.limit(1)).first()
    return max(today, first) if first else today


def check_days(year: AcademicYear, starts_on: date, ends_on: date | None = None) -> None:
    """Raise Refusal unless the days are in order and inside the academic year."""
    if not year.starts_on <= starts_on <= year.ends_on:
        raise Refusal(_outside(year), "starts_on")
    if ends_on is None:
        return
    if ends_on < starts_on:
        raise Refusal(lazy_gettext("The last day cannot be before the first one."), "ends_on")
    if ends_on > year.ends_on:
        raise Refusal(_outside(year), "ends_on")


def enrol(student: Student, school_class: SchoolClass, day: date) -> None:
    """Let a new student come to the class on ``day``. Raises Refusal for a day outside of its year."""
    check_days(school_class.academic_year, day)
    student.enrollments.append(Enrollment(school_class_id=school_class.id, starts_on=day))


def with_history(session: Session, ids: Iterable[int]) -> list[Student]:
    """Students with their enrolments and memberships of groups, in the order of names."""
    rows = (
        select(Student)
        .where(Student.id.in_(set(ids)))
        .options(
            selectinload(Student.enrollments).joinedload(Enrollment.school_class),
            selectinload(Student.memberships).joinedload(StudyGroupMember.study_group),
            joinedload(Student.details),
        )
        .order_by(Student.sort_name)
    )
    return list(session.scalars(rows))


def move(session: Session, students: Sequence[Student], school_class: SchoolClass, day: date) -> int:
    """Put all the students into the class from ``day`` and say how many were not there already; all or none.

    The enrolment before ends on the day before, and with it the memberships of that class's groups; one that
    would begin on ``day`` itself has lasted no day and is corrected. Raises Refusal.
    """
    check_days(school_class.academic_year, day)
    moving = [student for student in students if not _is_there(student, school_class, day)]
    _refuse_later(moving, day)
    coming = []
    for student in moving:
        before = next((spell for spell in student.enrollments if covers(spell, day)), None)
        if before is not None:
            _leave_groups(session, student, before.school_class_id, day - timedelta(days=1))
        if before is not None and before.starts_on == day:
            before.school_class_id, before.ends_on = school_class.id, None
            continue
        if before is not None:
            before.ends_on = day - timedelta(days=1)
        coming.append(student)
    session.flush()  # what ends, ends first: a student is not in two classes for a moment
    session.add_all(Enrollment(student=s, school_class_id=school_class.id, starts_on=day) for s in coming)
    session.flush()
    return len(moving)


def leave(session: Session, student: Student, last_day: date, today: date) -> None:
    """Let the student leave the school: the last enrolment ends on ``last_day``. Raises Refusal.

    A place in a class of a later year that has not begun ``today`` (written by the step into it) is given up.
    """
    _give_up_next_year(session, student, last_day, today)
    spell = max(student.enrollments, key=lambda each: each.starts_on, default=None)
    if spell is None or (spell.ends_on is not None and spell.ends_on < last_day):
        raise Refusal(lazy_gettext("The student is in no class on that day."), "ends_on")
    if last_day < spell.starts_on:
        raise Refusal(
            lazy_gettext(
                "The student came to %(name)s on %(date)s; the last day cannot be before that.",
                name=str(spell.school_class), date=format_date(spell.starts_on, "d MMM y"),
            ), "ends_on",
        )  # fmt: skip
    check_days(spell.school_class.academic_year, spell.starts_on, last_day)
    spell.ends_on = last_day
    _leave_groups(session, student, spell.school_class_id, last_day)
    session.flush()


def _give_up_next_year(session: Session, student: Student, last_day: date, today: date) -> None:
    now = next((spell for spell in student.enrollments if covers(spell, last_day)), None)
    later = [spell for spell in student.enrollments if now and spell.starts_on > max(last_day, today)]
    for spell in later:
        if now and spell.school_class.academic_year_id != now.school_class.academic_year_id:
            _leave_groups(session, student, spell.school_class_id, last_day)
            student.enrollments.remove(spell)  # deleted as an orphan


def _is_there(student: Student, school_class: SchoolClass, day: date) -> bool:
    return any(covers(spell, day) and spell.school_class_id == school_class.id for spell in student.enrollments)


def _refuse_later(students: Sequence[Student], day: date) -> None:
    later = [(s, spell) for s in students for spell in s.enrollments if spell.starts_on > day]
    if later:
        listed = "; ".join(f"{s} ({spell.school_class}, {spell.starts_on:%d.%m.%Y})" for s, spell in later[:SHOWN])
        raise Refusal(
            lazy_gettext(
                "Nobody was moved. These students join a class later already, change that enrolment first: %(names)s",
                names=listed + ("…" if len(later) > SHOWN else ""),
            )
        )  # fmt: skip


def _leave_groups(session: Session, student: Student, school_class_id: int, last_day: date) -> None:
    for membership in student.memberships:
        if membership.study_group.school_class_id != school_class_id:
            continue
        if membership.starts_on > last_day:
            session.delete(membership)  # it would begin after the student left
        elif membership.ends_on is None or membership.ends_on > last_day:
            membership.ends_on = last_day


def _outside(year: AcademicYear) -> Any:
    return lazy_gettext(
        "The academic year %(name)s lasts from %(first)s to %(last)s; choose a day in it.",
        name=year.name, first=format_date(year.starts_on, "d MMM y"), last=format_date(year.ends_on, "d MMM y"),
    )  # fmt: skip
