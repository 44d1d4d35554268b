"""A family of the smallest school: who reads the diary, and lessons to read about."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

from bs4 import BeautifulSoup
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import (
    Attendance,
    BellTime,
    Enrollment,
    Guardianship,
    Lesson,
    Mark,
    SchoolClass,
    Student,
    Term,
    User,
    Work,
)
from app.models.journal import AttendanceStatus
from tests.school import School
from tests.school_panel import TODAY

MONDAY = TODAY
TOMORROW = TODAY + timedelta(1)


def mother_of(student: Student, name: str = "Семёнова") -> User:
    """A guardian of the student, written."""
    user = User(family_name=name, given_name="Анна")
    db.session.add(Guardianship(user=user, student=student))
    db.session.commit()
    return user


def sister(school: School, school_class: SchoolClass | None = None) -> Student:
    """Another student, in the class of the school or in another one."""
    student = Student(family_name="Семёнова", given_name="Ольга", birth_date=date(2016, 1, 1))
    enrolled = Enrollment(
        student=student, school_class=school_class or school.school_class, starts_on=date(2026, 9, 1)
    )  # fmt: skip
    db.session.add_all([student, enrolled])
    db.session.commit()
    return student


def lesson(school: School, day: date, number: int = 1, **fields: Any) -> Lesson:
    """A lesson of the school's one journal, written."""
    row = Lesson(assignment=fields.pop("assignment", school.assignment), date=day, number=number, **fields)
    db.session.add(row)
    db.session.commit()
    return row


def mark(school: School, held: Lesson, value: int, weight: int = 1, **fields: Any) -> Mark:
    """A mark of the school's one student in a work of the lesson."""
    row = Mark(work=Work(lesson=held, weight=weight), student=school.student, value=value, **fields)
    db.session.add(row)
    db.session.commit()
    return row


def absence(school: School, held: Lesson, status: AttendanceStatus, reason: str = "") -> Attendance:
    """An absence of the school's one student."""
    row = Attendance(lesson=held, student=school.student, status=status, reason=reason)
    db.session.add(row)
    db.session.commit()
    return row


def bells() -> None:
    """Three lessons of 45 minutes; the second is held at noon."""
    for number, begins in ((1, time(10, 30)), (2, time(11, 30)), (3, time(12, 30))):
        db.session.add(BellTime(number=number, starts_at=begins, ends_at=time(begins.hour + 1, 15)))
    db.session.commit()


def terms(school: School) -> list[Term]:
    """The quarters of the year."""
    ends = (date(2026, 10, 25), date(2026, 12, 28), date(2027, 3, 21), date(2027, 5, 31))
    begins = (date(2026, 9, 1), date(2026, 11, 2), date(2027, 1, 11), date(2027, 3, 29))
    rows = [
        Term(academic_year=school.year, kind=school.school_class.term_kind, number=n + 1, starts_on=a, ends_on=b)
        for n, (a, b) in enumerate(zip(begins, ends, strict=True))
    ]
    db.session.add_all(rows)
    db.session.commit()
    return rows


def soup(answer: TestResponse) -> BeautifulSoup:
    """The page that came back."""
    assert answer.status_code == 200, answer.status
    return BeautifulSoup(answer.text, "html.parser")


def words(node: Any) -> str:
    """What stands in a part of the page, in one line."""
    return " ".join(node.get_text(" ").split()) if node is not None else ""
