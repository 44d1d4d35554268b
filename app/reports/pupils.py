"""The students of the asked classes as small rows, and what final marks each has: the ground of the lists."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.journal.finals import FIGURES
from app.journal.taught import overlaps
from app.models import Enrollment, FinalMark, SchoolClass, Student
from app.models.journal import FinalMarkValue
from app.reports.figures import Counts, counted
from app.reports.report import Asked
from app.reports.running import read_running


@dataclass(frozen=True)
class Pupil:
    """A student of a class on the day that counts."""

    id: int
    name: str
    class_id: int


@dataclass(frozen=True)
class Detail:
    """A mark that decides: of which student, in which subject, by which teacher."""

    student_id: int
    subject_id: int
    assignment_id: int
    value: FinalMarkValue


@dataclass(frozen=True)
class Results:
    """Marks of a period by student. ``is_proposed``: made of the current marks, because no final ones are there."""

    pupils: Mapping[int, Pupil]
    counts: Mapping[int, Counts]
    is_proposed: bool = False
    proposed: list[Detail] = field(default_factory=list)


def pupils_of(session: Session, asked: Asked, day: date) -> dict[int, Pupil]:
    """Who is in the asked classes on ``day``, by class and name."""
    rows = session.execute(
        select(Student.id, Student.family_name, Student.given_name, Student.patronymic, Enrollment.school_class_id)
        .join(Enrollment, Enrollment.student_id == Student.id)
        .join(SchoolClass, SchoolClass.id == Enrollment.school_class_id)
        .where(Enrollment.school_class_id.in_([each.id for each in asked.classes]), overlaps(Enrollment, day, day))
        .order_by(SchoolClass.grade, SchoolClass.letter, SchoolClass.id, Student.sort_name, Student.id)
    )
    return {
        number: Pupil(number, " ".join(name for name in names if name), class_id) for number, *names, class_id in rows
    }


def day_of(asked: Asked) -> date:
    """Today, or the last day of a period that is over."""
    if asked.period is None:
        return asked.today
    return max(asked.period.first, min(asked.today, asked.period.last))


def read_results(session: Session, asked: Asked) -> Results:
    """Final marks counted by student in the database; where a term that lasts has none, those that are proposed."""
    pupils = pupils_of(session, asked, day_of(asked))
    rows = session.execute(
        select(FinalMark.student_id, FinalMark.value, func.count())
        .where(*_period(asked), FinalMark.student_id.in_(_students(asked)))
        .group_by(FinalMark.student_id, FinalMark.value)
    )
    counts = counted((student, value, number) for student, value, number in rows if student in pupils)
    if counts or not asked.period or not asked.period.terms or asked.period.last < asked.today:
        return Results(pupils, counts)
    proposed = [
        Detail(student, asked.ground.held[number].subject_id, number, FIGURES[figure.proposed])
        for (number, student), figure in read_running(session, asked).figures.items()
        if figure.proposed is not None
    ]
    counts = counted((each.student_id, each.value, 1) for each in proposed if each.student_id in pupils)
    return Results(pupils, counts, True, proposed)


def details(session: Session, asked: Asked, results: Results, students: Collection[int],
            values: Collection[FinalMarkValue]) -> list[Detail]:  # fmt: skip
    """Those marks of the students, by class, name and subject."""
    if results.is_proposed:
        found = [each for each in results.proposed if each.student_id in set(students) and each.value in values]
    else:
        rows = session.execute(
            select(FinalMark.student_id, FinalMark.subject_id, FinalMark.teaching_assignment_id, FinalMark.value)
            .where(*_period(asked), FinalMark.student_id.in_(students), FinalMark.value.in_(values))
        )  # fmt: skip
        found = [Detail(*row) for row in rows]
    order = {student: index for index, student in enumerate(results.pupils)}
    subjects = {subject: index for index, subject in enumerate(asked.ground.subjects)}
    return sorted(found, key=lambda each: (order[each.student_id], subjects.get(each.subject_id, 0), each.subject_id))


def _period(asked: Asked) -> tuple[ColumnElement[bool], ...]:
    marks = asked.period.marks() if asked.period else ()
    return (FinalMark.academic_year_id == asked.year.id, *marks)


def _students(asked: Asked) -> Any:
    day = day_of(asked)
    return select(Enrollment.student_id).where(
        Enrollment.school_class_id.in_([each.id for each in asked.classes]), overlaps(Enrollment, day, day)
    )
