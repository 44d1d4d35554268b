"""Writes a new year at once; the caller commits. What is made and what ended is noted, so that it can be taken back.

Through flushes of the person's session, so that rights, rules and records hold as anywhere: a thousand students take
two or three seconds, once a year.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import Base
from app.models import (
    AcademicYear,
    Enrollment,
    Holiday,
    SchoolClass,
    StudyGroup,
    StudyGroupMember,
    TeachingAssignment,
    Term,
    YearChange,
)
from app.newyear.ground import Ground
from app.newyear.layout import WHOLE, Layout, NewClass, lay_out
from app.newyear.proposal import Days, Wish, moved_holiday
from app.newyear.review import check
from app.policy import Actor


def write(session: Session, actor: Actor, ground: Ground, wish: Wish) -> YearChange:
    """Write the year of ``wish`` with its classes; the old memberships end with the old year. Raises Refusal."""
    check(session, ground, wish)
    layout = lay_out(ground, wish)
    made: list[Base] = []
    year = _write_year(session, ground, wish, made)
    ended = _end(session, ground)
    session.flush()  # what ends, ends first: a student is not in two classes for a moment
    _write_classes(session, layout, year, made)
    change = YearChange(
        from_year=ground.year, to_year=year, made_by_id=actor.user_id, made_at=actor.now, made=_numbers(made),
        ended=ended,
    )  # fmt: skip
    session.add(change)
    session.flush()
    return change


def _write_year(session: Session, ground: Ground, wish: Wish, made: list[Base]) -> AcademicYear:
    year = AcademicYear(name=wish.name, starts_on=wish.days.starts_on, ends_on=wish.days.ends_on)
    rows: list[Base] = [year]
    for (kind, number), days in wish.terms.items():
        rows.append(Term(academic_year=year, kind=kind, number=number, starts_on=days.starts_on, ends_on=days.ends_on))
    for holiday in ground.holidays if wish.with_holidays else ():
        moved = moved_holiday(Days(holiday.starts_on, holiday.ends_on), wish.days)
        if moved is not None:
            rows.append(
                Holiday(academic_year=year, name=holiday.name, starts_on=moved.starts_on, ends_on=moved.ends_on)
            )
    session.add_all(rows)
    made += rows
    return year


def _end(session: Session, ground: Ground) -> dict[str, list[int]]:
    """Give everything that lasts without an end the last day of the old year; ids by table."""
    ended: dict[str, list[int]] = {}
    lasting: Iterable[dict[int, list[Any]]] = (ground.enrollments, ground.members, ground.assignments)
    for lists in lasting:
        for row in (row for rows in lists.values() for row in rows if row.ends_on is None):
            row.ends_on = ground.year.ends_on
            ended.setdefault(row.__tablename__, []).append(row.id)
    return ended


def _write_classes(session: Session, layout: Layout, year: AcademicYear, made: list[Base]) -> None:
    classes = {
        id(new): SchoolClass(academic_year=year, grade=new.grade, letter=new.letter, term_kind=new.term_kind,
                             class_teacher=new.class_teacher)
        for new in layout.classes
    }  # fmt: skip
    session.add_all(classes.values())
    session.flush()
    numbers = [each.id for each in classes.values()]
    groups = {
        (group.school_class_id, WHOLE): group
        for group in session.scalars(select(StudyGroup).where(StudyGroup.school_class_id.in_(numbers)))
    }
    for new in layout.classes:
        number = classes[id(new)].id
        groups |= {(number, name): StudyGroup(school_class_id=number, name=name) for name in new.groups}
    session.add_all(groups.values())
    enrollments = [
        Enrollment(student_id=student, school_class_id=classes[id(new)].id, starts_on=year.starts_on)
        for new in layout.classes
        for student in new.students
    ]
    session.add_all(enrollments)
    session.flush()
    rest = [row for new in layout.classes for row in _rest(new, classes[id(new)].id, groups, year)]
    session.add_all(rest)
    session.flush()
    made += [*classes.values(), *groups.values(), *enrollments, *rest]


def _rest(
    new: NewClass, class_id: int, groups: dict[tuple[int, str], StudyGroup], year: AcademicYear
) -> Iterable[Base]:  # fmt: skip
    """Members of parts, and assignments."""
    for name, students in new.groups.items():
        for student in students:
            yield StudyGroupMember(
                study_group_id=groups[class_id, name].id, student_id=student, starts_on=year.starts_on
            )
    for name, old in new.assignments:
        yield TeachingAssignment(
            teacher_id=old.teacher_id, subject_id=old.subject_id, study_group_id=groups[class_id, name].id,
            starts_on=year.starts_on,
        )  # fmt: skip


def _numbers(rows: Iterable[Any]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(row.__tablename__, []).append(row.id)
    return found
