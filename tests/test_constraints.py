"""What the database itself refuses, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, StatementError

from app.extensions import db
from app.models import (
    Attendance,
    Enrollment,
    FinalMark,
    Guardianship,
    Lesson,
    Mark,
    SchoolClass,
    Student,
    Term,
    User,
)
from app.models.journal import AttendanceStatus, FinalMarkKind, FinalMarkValue
from app.models.people import TermKind
from tests.school import DAY, School


def mark(school: School, value: int) -> Mark:
    return Mark(work=school.work, student=school.student, value=value)


def term(school: School, **changes: object) -> Term:
    fields = {"kind": TermKind.QUARTER, "number": 1, "starts_on": DAY, "ends_on": date(2026, 10, 25)}
    return Term(academic_year=school.year, **(fields | changes))


def absence(school: School) -> Attendance:
    return Attendance(lesson=school.lesson, student=school.student, status=AttendanceStatus.ILL)


def year_mark(school: School, **changes: object) -> FinalMark:
    fields = {"kind": FinalMarkKind.YEAR, "value": FinalMarkValue.FIVE}
    return FinalMark(
        student=school.student,
        subject=school.assignment.subject,
        academic_year_id=school.year.id,
        assignment=school.assignment,
        **(fields | changes),
    )


REFUSED: dict[str, Callable[[School], list[object]]] = {
    "a mark of 0": lambda s: [mark(s, 0)],
    "a mark of 6": lambda s: [mark(s, 6)],
    "two marks for one work": lambda s: [mark(s, 5), mark(s, 4)],
    "two attendances in one lesson": lambda s: [absence(s), absence(s)],
    "a term that ends before it starts": lambda s: [term(s, ends_on=date(2026, 9, 30))],
    "a fifth quarter": lambda s: [term(s, number=5)],
    "two first quarters": lambda s: [term(s), term(s)],
    "a twelfth grade": lambda s: [SchoolClass(academic_year_id=s.year.id, grade=12, letter="А")],
    "two classes 5А": lambda s: [SchoolClass(academic_year_id=s.year.id, grade=5, letter="А")],
    "two open enrolments": lambda s: [
        Enrollment(student=s.student, school_class=s.school_class, starts_on=date(2026, 11, 1))
    ],
    "an enrolment that ends before it starts": lambda s: [
        Enrollment(student=s.student, school_class=s.school_class, starts_on=date(2026, 11, 1), ends_on=DAY)
    ],
    "the same student twice": lambda s: [
        Student(family_name="Семёнов", given_name="Пётр", birth_date=date(2015, 3, 2))
    ],
    "a login that is taken": lambda s: [User(family_name="Иванова", given_name="Анна", login="orlova")],
    "the same guardian twice": lambda s: [
        Guardianship(user=s.teacher, student=s.student),
        Guardianship(user=s.teacher, student=s.student),
    ],
    "a lesson of nobody": lambda s: [Lesson(teaching_assignment_id=999, date=DAY, number=2)],
    "two year marks": lambda s: [year_mark(s), year_mark(s)],
    "a term mark without its term": lambda s: [year_mark(s, kind=FinalMarkKind.TERM)],
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_refuses(school: School, what: str) -> None:
    with db.session.no_autoflush:
        rows = REFUSED[what](school)
    db.session.add_all(rows)
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_it_refuses_a_word_that_is_not_in_the_list(school: School) -> None:
    db.session.add(absence(school))
    db.session.flush()
    with pytest.raises(IntegrityError):
        db.session.execute(text("UPDATE attendance SET status = 'asleep'"))


def test_a_student_with_marks_cannot_be_deleted(school: School) -> None:
    db.session.add(mark(school, 5))
    db.session.commit()
    with pytest.raises(IntegrityError):
        db.session.execute(text("DELETE FROM student"))


def test_a_moment_without_zone_is_refused(school: School) -> None:
    school.teacher.account.last_seen_at = datetime(2026, 10, 1, 12)  # noqa: DTZ001
    with pytest.raises(StatementError, match="zone"):
        db.session.flush()


def test_a_moment_comes_back_as_it_went_in(school: School) -> None:
    moment = datetime(2026, 10, 1, 12, 30, tzinfo=UTC)
    school.teacher.account.last_seen_at = moment
    db.session.commit()
    assert school.teacher.account.last_seen_at == moment


def test_changing_a_mark_raises_its_version(school: School) -> None:
    row = mark(school, 4)
    db.session.add(row)
    db.session.commit()
    first = row.version
    row.value = 5
    db.session.commit()
    assert row.version > first
