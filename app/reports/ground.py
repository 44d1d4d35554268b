"""What the figures of a year stand on: assignments with their classes, subjects and teachers, as small rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

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


class Ground:
    """Everything of a year that lies within a person's reach, in the order people read it; each kind of row is read
    when it is asked for, in one statement."""

    def __init__(self, session: Session, actor: Actor, year_id: int, reach: Reach) -> None:
        self._session, self._actor, self._year_id, self._reach = session, actor, year_id, reach

    @cached_property
    def classes(self) -> dict[int, SchoolClass]:
        """Classes by number, those of a reach of own assignments where these are."""
        of_year = select(SchoolClass).where(SchoolClass.academic_year_id == self._year_id)
        of_year = of_year.options(joinedload(SchoolClass.class_teacher))
        if self._reach is not Reach.OWN:
            of_year = of_year.where(classes_within(self._actor))
        rows = self._session.scalars(of_year.order_by(SchoolClass.grade, SchoolClass.letter, SchoolClass.id))
        taught = {each.class_id for each in self._within} if self._reach is Reach.OWN else None
        return {each.id: each for each in rows if taught is None or each.id in taught}

    @cached_property
    def _within(self) -> list[Held]:
        rows = self._session.execute(
            select(
                TeachingAssignment.id, TeachingAssignment.teacher_id, TeachingAssignment.subject_id,
                StudyGroup.school_class_id, StudyGroup.id, StudyGroup.name, TeachingAssignment.starts_on,
                TeachingAssignment.ends_on,
            )
            .join(TeachingAssignment.study_group)
            .join(StudyGroup.school_class)
            .where(SchoolClass.academic_year_id == self._year_id, assignments_within(self._actor, self._reach))
            .order_by(TeachingAssignment.id)
        )  # fmt: skip
        return [Held(*row) for row in rows.all()]

    @cached_property
    def held(self) -> dict[int, Held]:
        """The assignments of these classes."""
        return {each.id: each for each in self._within if each.class_id in self.classes}

    @cached_property
    def subjects(self) -> dict[int, Subject]:
        """What is taught."""
        taught = {each.subject_id for each in self.held.values()}
        rows = self._session.scalars(select(Subject).order_by(Subject.search_name, Subject.id))
        return {each.id: each for each in rows if each.id in taught}

    @cached_property
    def teachers(self) -> dict[int, User]:
        """By whom."""
        teaching = {each.teacher_id for each in self.held.values()}
        rows = self._session.scalars(select(User).where(User.id.in_(teaching)).order_by(User.sort_name, User.id))
        return {each.id: each for each in rows}

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
