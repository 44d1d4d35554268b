"""The final marks of a student in a year: subjects by terms, year, exam, certificate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.journal.child.own_lessons import own
from app.journal.child.periods import Year
from app.journal.final_columns import Column, columns_of
from app.models import FinalMark, Lesson, Subject, TeachingAssignment


@dataclass(frozen=True)
class FinalRow:
    """A subject with its final marks by the key of their column."""

    subject: Subject
    marks: Mapping[str, FinalMark]


@dataclass(frozen=True)
class FinalSheet:
    """``rows`` by subject; ``columns`` are those that the class of the year has."""

    columns: Sequence[Column]
    rows: Sequence[FinalRow]

    @property
    def reasons(self) -> list[tuple[Subject, Column, FinalMark]]:
        """Marks that are explained."""
        return [
            (row.subject, column, row.marks[column.key])
            for row in self.rows
            for column in self.columns
            if column.key in row.marks and row.marks[column.key].reason
        ]


def final_sheet(session: Session, student_id: int, year: Year) -> FinalSheet:
    """What stands in the subjects that the student has in the year, also without a mark; two statements."""
    columns = columns_of(year.school_class, year.terms)
    marks: defaultdict[int, dict[str, FinalMark]] = defaultdict(dict)
    for mark in session.scalars(
        select(FinalMark)
        .where(FinalMark.student_id == student_id, FinalMark.academic_year_id == year.year.id)
        .options(joinedload(FinalMark.subject))
    ):
        column = next((each for each in columns if each.of(mark)), None)
        if column is not None:
            marks[mark.subject_id][column.key] = mark
    taught = own(student_id, TeachingAssignment.subject_id).where(
        Lesson.date.between(year.year.starts_on, year.year.ends_on)
    )
    subjects = session.scalars(
        select(Subject).where(Subject.id.in_(taught) | Subject.id.in_(marks)).order_by(Subject.search_name)
    )
    return FinalSheet(columns, [FinalRow(subject, marks[subject.id]) for subject in subjects])
