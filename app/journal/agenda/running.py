"""For whoever runs the school: the first steps of a new one, and who does not come in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from app.journal.agenda.leading import REACHES, LedClass, Reach, is_unreached, of_the_year, reach
from app.models import Enrollment, Guardianship, SchoolClass, StudyGroup, TeachingAssignment, User
from app.people.completeness import is_complete


@dataclass(frozen=True)
class ClassLine:
    """A class of the year: how many students, how many of them with incomplete data, and what it lacks."""

    id: int
    name: str
    students: int
    incomplete: int
    class_teacher_id: int | None
    has_assignments: bool


@dataclass(frozen=True)
class Classes:
    """All classes of the year."""

    lines: Sequence[ClassLine]

    @property
    def empty(self) -> list[ClassLine]:
        """Without students."""
        return [line for line in self.lines if not line.students]

    @property
    def without_class_teacher(self) -> list[ClassLine]:
        """Nobody leads them."""
        return [line for line in self.lines if line.class_teacher_id is None]

    @property
    def without_assignments(self) -> list[ClassLine]:
        """Nobody teaches them."""
        return [line for line in self.lines if not line.has_assignments]

    @property
    def incomplete(self) -> list[ClassLine]:
        """With students whose data lacks something, most of them first."""
        return sorted((line for line in self.lines if line.incomplete), key=lambda line: -line.incomplete)

    def led_by(self, user_id: int) -> list[LedClass]:
        """Whose class teacher somebody is, see ``leading.led_classes``."""
        return [LedClass(line.id, line.name) for line in self.lines if line.class_teacher_id == user_id]

    @property
    def students(self) -> int:
        """All students of the year."""
        return sum(line.students for line in self.lines)


@dataclass(frozen=True)
class Unreached:
    """How many people do not come in."""

    staff: dict[Reach, int]
    guardians: dict[Reach, int]

    @property
    def not_delivered(self) -> int:
        """To how many the message did not arrive."""
        return self.staff.get(Reach.NOT_DELIVERED, 0) + self.guardians.get(Reach.NOT_DELIVERED, 0)


def classes_of_the_year(session: Session, today: date) -> Classes:
    """The classes, by grade and letter; students are those who are or will be in them."""
    enrolled = (
        select(func.count())
        .select_from(Enrollment)
        .where(
            Enrollment.school_class_id == SchoolClass.id, or_(Enrollment.ends_on.is_(None), Enrollment.ends_on >= today)
        )
    )
    incomplete = enrolled.where(Enrollment.student.has(~is_complete()))
    assigned = exists().where(
        StudyGroup.school_class_id == SchoolClass.id, TeachingAssignment.study_group_id == StudyGroup.id
    )
    rows = session.execute(
        select(SchoolClass, enrolled.scalar_subquery(), incomplete.scalar_subquery(), assigned)
        .where(of_the_year(today))
        .order_by(SchoolClass.grade, SchoolClass.letter)
    )
    return Classes(
        [
            ClassLine(row.id, str(row), students, lacking, row.class_teacher_id, bool(has_assignments))
            for row, students, lacking, has_assignments in rows
        ]
    )


def unreached(session: Session, today: date, now: datetime) -> Unreached:
    """Active staff, and guardians of the students of today, who do not come in."""
    child = exists().where(
        Guardianship.user_id == User.id,
        Enrollment.student_id == Guardianship.student_id,
        or_(Enrollment.ends_on.is_(None), Enrollment.ends_on >= today),
    )
    word = reach(now).label("reach")
    people = (
        select(User.is_staff, word)
        .select_from(User)
        .outerjoin(User.account)
        .where(is_unreached(), or_(User.is_staff, child))
        .subquery()
    )
    rows = session.execute(
        select(people.c.is_staff, people.c.reach, func.count()).group_by(people.c.is_staff, people.c.reach)
    ).all()
    return Unreached(
        {REACHES[word]: count for is_staff, word, count in rows if is_staff},
        {REACHES[word]: count for is_staff, word, count in rows if not is_staff},
    )
