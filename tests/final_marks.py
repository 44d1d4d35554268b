"""A class on its way to final marks: terms, marks of a student, further students and subjects, written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from app.extensions import db
from app.models import (
    Enrollment,
    FinalMark,
    Lesson,
    Mark,
    SchoolClass,
    Student,
    StudyGroup,
    Subject,
    TeachingAssignment,
    Term,
    User,
    Work,
)
from app.models.journal import FinalMarkKind, FinalMarkValue
from app.models.people import TermKind
from tests.school import DAY, School
from tests.school_panel import written

QUARTERS = {
    1: (date(2026, 9, 1), date(2026, 10, 25)),
    2: (date(2026, 11, 2), date(2026, 12, 27)),
    3: (date(2027, 1, 11), date(2027, 3, 21)),
    4: (date(2027, 3, 29), date(2027, 5, 31)),
}


def quarter(school: School, number: int = 1) -> Term:
    """A quarter of the school's year."""
    first, last = QUARTERS[number]
    return written(Term(academic_year=school.year, kind=TermKind.QUARTER, number=number, starts_on=first, ends_on=last))


def marked(
    school: School,
    marks: Iterable[tuple[int, int]],
    student: Student | None = None,
    assignment: TeachingAssignment | None = None,
    day: date = DAY,
) -> None:
    """Marks with their weights, each for a work of its own, in one lesson."""
    number = len(db.session.query(Lesson).all()) % 14 + 1
    lesson = Lesson(assignment=assignment or school.assignment, date=day, number=number)
    db.session.add(lesson)
    for value, weight in marks:
        work = Work(lesson=lesson, weight=weight)
        db.session.add_all([work, Mark(work=work, student=student or school.student, value=value)])
    db.session.commit()


def final(
    school: School,
    term: Term | None,
    value: FinalMarkValue,
    reason: str = "",
    student: Student | None = None,
    assignment: TeachingAssignment | None = None,
    kind: FinalMarkKind | None = None,
) -> FinalMark:
    """A final mark, not written yet: of ``term``, or of the year without one."""
    held = assignment or school.assignment
    return FinalMark(
        student=student or school.student,
        subject=held.subject,
        academic_year=school.year,
        assignment=held,
        kind=kind or (FinalMarkKind.TERM if term else FinalMarkKind.YEAR),
        term=term,
        value=value,
        reason=reason,
    )


def classmate(school: School, name: str, since: date = DAY, until: date | None = None,
              school_class: SchoolClass | None = None) -> Student:  # fmt: skip
    """Another student of the class."""
    student = Student(family_name=name, given_name="Ян")
    student.enrollments.append(
        Enrollment(school_class=school_class or school.school_class, starts_on=since, ends_on=until)
    )
    return written(student)


def taught(
    school: School, subject: str, teacher: User | None = None, group: StudyGroup | None = None
) -> TeachingAssignment:
    """Another subject of the class."""
    known = db.session.query(Subject).filter_by(name=subject).one_or_none()
    return written(
        TeachingAssignment(
            teacher=teacher or school.teacher,
            subject=known or Subject(name=subject),
            study_group=group or school.assignment.study_group,
            starts_on=date(2026, 9, 1),
        )
    )
