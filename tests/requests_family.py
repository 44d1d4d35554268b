"""A family of the small school, for the tests of what families write: a guardian, the child, the class teacher."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import (
    Attendance,
    BellTime,
    Enrollment,
    Guardianship,
    Lesson,
    Student,
    Term,
    User,
)
from app.models.people import TermKind
from tests.school import School
from tests.school_panel import TODAY, Panel, led

MONDAY, TUESDAY = TODAY, date(2026, 10, 13)


@dataclass
class Family:
    """``panel`` makes requests of a person on TODAY, a Monday; there are lessons 1 to 3 of that day and the next."""

    panel: Panel
    school: School
    guardian: User
    class_teacher: User
    student: Student
    lessons: dict[tuple[date, int], Lesson]

    @property
    def absence(self) -> str:
        """The page of the child's absences."""
        return f"/diary/{self.student.id}/absence/"

    def standing(self) -> dict[tuple[date, int], tuple[str, str]]:
        """Absences of the child: status and reason by day and lesson."""
        db.session.expire_all()
        rows = db.session.execute(
            select(Lesson, Attendance).join(Attendance.lesson).where(Attendance.student_id == self.student.id)
        )
        found = {(lesson.date, lesson.number): (each.status.value, each.reason) for lesson, each in rows}
        db.session.commit()
        return found


def family_of(app: Flask, school: School) -> Family:
    """Written and given back; the teacher of the class leads it."""
    db.session.scalars(select(Enrollment)).one().starts_on = date(2026, 9, 1)
    school.assignment.starts_on = date(2026, 9, 1)
    guardian = User(family_name="Семёнова", given_name="Анна", patronymic="Ивановна", login="anna")
    lessons = {
        (day, number): Lesson(assignment=school.assignment, date=day, number=number)
        for day in (MONDAY, TUESDAY)
        for number in (1, 2, 3)
    }
    bells = [BellTime(number=n, starts_at=time(7 + n, 30), ends_at=time(8 + n, 15)) for n in (1, 2, 3)]
    term = Term(academic_year_id=school.year.id, kind=TermKind.QUARTER, number=1, starts_on=date(2026, 9, 1),
                ends_on=date(2026, 10, 25))  # fmt: skip
    db.session.add_all([guardian, Guardianship(user=guardian, student=school.student), *lessons.values(), *bells, term])
    db.session.commit()
    return Family(Panel(app), school, guardian, led(school), school.student, lessons)


def another_child(family: Family, name: str = "Чужой") -> Student:
    """A student of the same class who is nobody's child here."""
    student = Student(family_name=name, given_name="Илья", birth_date=date(2015, 5, 5))
    db.session.add_all(
        [student, Enrollment(student=student, school_class=family.school.school_class, starts_on=date(2026, 9, 1))]
    )
    db.session.commit()
    return student
