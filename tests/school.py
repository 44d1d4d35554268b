"""One class with one student, one lesson and one work: the smallest school a test can ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.extensions import db
from app.models import (
    AcademicYear,
    Enrollment,
    Lesson,
    SchoolClass,
    Student,
    StudyGroup,
    Subject,
    TeachingAssignment,
    User,
    Work,
)

DAY = date(2026, 10, 1)


@dataclass
class School:
    """One class with one student, one lesson and one work."""

    year: AcademicYear
    school_class: SchoolClass
    teacher: User
    student: Student
    assignment: TeachingAssignment
    lesson: Lesson
    work: Work


def small_school() -> School:
    """Write it and give it back."""
    year = AcademicYear(name="2026/2027", starts_on=date(2026, 9, 1), ends_on=date(2027, 5, 31))
    teacher = User(family_name="Орлова", given_name="Вера", login="orlova")
    student = Student(family_name="Семёнов", given_name="Пётр", birth_date=date(2015, 3, 2))
    subject = Subject(name="Алгебра")
    db.session.add_all([year, teacher, student, subject])
    db.session.flush()
    school_class = SchoolClass(academic_year_id=year.id, grade=5, letter="А")
    db.session.add(school_class)
    db.session.flush()
    group = db.session.scalars(select(StudyGroup)).one()
    assignment = TeachingAssignment(teacher=teacher, subject=subject, study_group=group, starts_on=DAY)
    lesson = Lesson(assignment=assignment, date=DAY, number=1)
    work = Work(lesson=lesson)
    db.session.add_all([Enrollment(student=student, school_class=school_class, starts_on=DAY), work])
    db.session.commit()
    return School(year, school_class, teacher, student, assignment, lesson, work)
