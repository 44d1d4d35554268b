"""What the figures of a year stand on: assignments with their classes, subjects and teachers, as small rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.models import SchoolClass, StudyGroup, Subject, TeachingAssignment, User
from app.policy import Actor
from app.reports.reach import Reach, assignments_within, classes_within


@dataclass(frozen=True)
class Held:
    """An assignment: who teaches what in which class; ``group`` is the name of a part of the class, or empty."""

    id: int
    teacher_id: int
    subject_id: int
    class_id: int
    group_id: int
    group: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class Ground:
    """Everything of a year that lies within a person's reach, in the order people read it."""

    held: Mapping[int, Held]
    classes: Mapping[int, SchoolClass]
    subjects: Mapping[int, Subject]
    teachers: Mapping[int, User]

    def narrowed(
        self, grade: int | None = None, class_id: int | None = None, subject_id: int | None = None,
        teacher_id: int | None = None,
    ) -> dict[int, Held]:  # fmt: skip
        """The assignments of a grade, class, subject, teacher; None: of any."""
        return {
            number: held
            for number, held in self.held.items()
            if (grade is None or self.classes[held.class_id].grade == grade)
            and class_id in (None, held.class_id)
            and subject_id in (None, held.subject_id)
            and teacher_id in (None, held.teacher_id)
        }


def read_ground(session: Session, actor: Actor, year_id: int, reach: Reach) -> Ground:
    """The ground of a year, in four statements."""
    rows = session.execute(
        select(
            TeachingAssignment.id, TeachingAssignment.teacher_id, TeachingAssignment.subject_id,
            StudyGroup.school_class_id, StudyGroup.id, StudyGroup.name, TeachingAssignment.starts_on,
            TeachingAssignment.ends_on,
        )
        .join(TeachingAssignment.study_group)
        .join(StudyGroup.school_class)
        .where(SchoolClass.academic_year_id == year_id, assignments_within(actor, reach))
        .order_by(TeachingAssignment.id)
    )  # fmt: skip
    held = {row[0]: Held(*row) for row in rows}
    of_year = select(SchoolClass).where(SchoolClass.academic_year_id == year_id)
    of_year = of_year.options(joinedload(SchoolClass.class_teacher))
    if reach is not Reach.OWN:
        of_year = of_year.where(classes_within(actor))
    taught = {each.class_id for each in held.values()}
    classes = [
        each
        for each in session.scalars(of_year.order_by(SchoolClass.grade, SchoolClass.letter, SchoolClass.id))
        if reach is not Reach.OWN or each.id in taught
    ]
    known = {each.id for each in classes}
    held = {number: each for number, each in held.items() if each.class_id in known}
    subjects = {each.subject_id for each in held.values()}
    teachers = {each.teacher_id for each in held.values()}
    return Ground(
        held,
        {each.id: each for each in classes},
        {each.id: each for each in session.scalars(select(Subject).order_by(Subject.search_name, Subject.id))
         if each.id in subjects},
        {each.id: each for each in session.scalars(
            select(User).where(User.id.in_(teachers)).order_by(User.sort_name, User.id))},
    )  # fmt: skip
