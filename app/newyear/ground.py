"""The academic year that ends, with everything that goes on into the next one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.models import (
    AcademicYear,
    Enrollment,
    Holiday,
    SchoolClass,
    Student,
    StudyGroup,
    StudyGroupMember,
    Subject,
    TeachingAssignment,
    Term,
    YearChange,
)


@dataclass(frozen=True)
class Ground:
    """What stands at the end of ``year``; lists are in the order people read them.

    ``enrollments`` by class are of those who are in it on the year's last day; ``members`` by group likewise.
    """

    year: AcademicYear
    terms: Sequence[Term]
    holidays: Sequence[Holiday]
    classes: Sequence[SchoolClass]
    enrollments: dict[int, list[Enrollment]]
    groups: dict[int, list[StudyGroup]]
    members: dict[int, list[StudyGroupMember]]
    assignments: dict[int, list[TeachingAssignment]]

    def students(self, class_id: int) -> list[Student]:
        """Who is in a class on the last day, by name."""
        return [each.student for each in self.enrollments.get(class_id, ())]


def latest_year(session: Session) -> AcademicYear | None:
    """The last academic year that there is."""
    return last_step(session)[0]


def last_step(session: Session) -> tuple[AcademicYear | None, YearChange | None]:
    """The last academic year that there is, and the step that wrote it."""
    rows = select(AcademicYear, YearChange).outerjoin(YearChange, YearChange.to_year_id == AcademicYear.id)
    rows = rows.options(joinedload(YearChange.from_year), joinedload(YearChange.made_by))
    found = session.execute(rows.order_by(AcademicYear.starts_on.desc()).limit(1)).first()
    return (found[0], found[1]) if found else (None, None)


def ground(session: Session, year: AcademicYear) -> Ground:
    """Read the year; five statements, whatever its size."""
    of_year = SchoolClass.academic_year_id == year.id
    in_group = StudyGroup.members.and_(*_on_last_day(StudyGroupMember, year))
    members = contains_eager(SchoolClass.groups).contains_eager(StudyGroup.members)
    classes = session.scalars(
        select(SchoolClass)
        .outerjoin(SchoolClass.groups)
        .outerjoin(in_group)
        .where(of_year)
        .options(joinedload(SchoolClass.class_teacher), members.joinedload(StudyGroupMember.student))
        .order_by(SchoolClass.grade, SchoolClass.letter, StudyGroup.name, StudyGroup.id, StudyGroupMember.id)
    )
    found = classes.unique().all()
    enrollments: dict[int, list[Enrollment]] = defaultdict(list)
    for enrolled in session.scalars(
        select(Enrollment)
        .join(Enrollment.school_class)
        .join(Enrollment.student)
        .where(of_year, *_on_last_day(Enrollment, year))
        .options(joinedload(Enrollment.student), joinedload(Enrollment.school_class))
        .order_by(Student.sort_name, Student.id)
    ):
        enrollments[enrolled.school_class_id].append(enrolled)
    return Ground(
        year,
        session.scalars(select(Term).where(Term.academic_year_id == year.id).order_by(Term.kind, Term.number)).all(),
        session.scalars(select(Holiday).where(Holiday.academic_year_id == year.id).order_by(Holiday.starts_on)).all(),
        found,
        enrollments,
        {each.id: each.groups for each in found},
        {group.id: group.members for each in found for group in each.groups},
        _assignments(session, year),
    )


def _on_last_day(
    table: type[Enrollment | StudyGroupMember | TeachingAssignment], year: AcademicYear
) -> list[ColumnElement[bool]]:
    return [table.starts_on <= year.ends_on, or_(table.ends_on.is_(None), table.ends_on >= year.ends_on)]


def _assignments(session: Session, year: AcademicYear) -> dict[int, list[TeachingAssignment]]:
    """By class, the assignments of its groups that last until the end."""
    found: dict[int, list[TeachingAssignment]] = defaultdict(list)
    for assignment in session.scalars(
        select(TeachingAssignment)
        .join(TeachingAssignment.study_group)
        .join(StudyGroup.school_class)
        .join(TeachingAssignment.subject)
        .where(SchoolClass.academic_year_id == year.id, *_on_last_day(TeachingAssignment, year))
        .options(
            joinedload(TeachingAssignment.subject),
            joinedload(TeachingAssignment.teacher),
            joinedload(TeachingAssignment.study_group).joinedload(StudyGroup.school_class),
        )
        .order_by(Subject.search_name, TeachingAssignment.id)
    ):
        found[assignment.study_group.school_class_id].append(assignment)
    return found
