"""What the regulation forbids is refused on every path, for a teacher and for the system alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from app import regulation
from app.extensions import db
from app.models import (
    Attendance,
    Enrollment,
    FinalMark,
    Mark,
    SchoolClass,
    Student,
    StudyGroup,
    StudyGroupMember,
    Term,
    User,
    Work,
)
from app.models.journal import AttendanceStatus, FinalMarkKind, FinalMarkValue
from app.models.people import TermKind
from tests.school import DAY, School


@pytest.fixture
def term(school: School) -> Term:
    row = Term(
        academic_year=school.year,
        kind=TermKind.QUARTER,
        number=1,
        starts_on=date(2026, 9, 1),
        ends_on=date(2026, 10, 25),
    )
    db.session.add(row)
    db.session.commit()
    return row


def mark(school: School) -> Mark:
    return Mark(work=school.work, student=school.student, value=5)


def quarter_mark(school: School, term: Term) -> FinalMark:
    return FinalMark(
        student=school.student,
        subject=school.assignment.subject,
        academic_year_id=school.year.id,
        assignment=school.assignment,
        kind=FinalMarkKind.TERM,
        term=term,
        value=FinalMarkValue.FIVE,
    )


def refused(message: Any) -> None:
    with pytest.raises(regulation.RegulationError) as error:
        db.session.commit()
    db.session.rollback()
    assert error.value.message is message


@pytest.mark.parametrize("grade", [1, 2])
def test_no_marks_and_no_homework_before_the_second_quarter_of_grade_2(school: School, term: Term, grade: int) -> None:
    school.school_class.grade = grade
    db.session.commit()
    writes: list[Callable[[], object]] = [
        lambda: db.session.add(mark(school)),
        lambda: setattr(school.lesson, "homework", "Стр. 5"),
        lambda: db.session.add(quarter_mark(school, term)),
    ]
    for write in writes:
        write()
        refused(regulation.NO_MARKS)
    db.session.add(Attendance(lesson=school.lesson, student=school.student, status=AttendanceStatus.ILL))
    db.session.commit()


def test_marks_begin_in_the_second_quarter_of_grade_2(school: School, term: Term) -> None:
    school.school_class.grade = 2
    school.lesson.date = date(2026, 11, 5)
    school.lesson.homework = "Стр. 5"
    db.session.add(mark(school))
    db.session.commit()


def test_a_class_with_marks_does_not_become_a_first_grade(school: School) -> None:
    db.session.add(mark(school))
    db.session.commit()
    school.school_class.grade = 1
    refused(regulation.NO_MARKS)


def test_the_first_quarter_of_grade_2_does_not_swallow_marks(school: School, term: Term) -> None:
    school.school_class.grade = 2
    school.lesson.date = date(2026, 11, 5)
    db.session.add(mark(school))
    db.session.commit()
    term.ends_on = date(2026, 11, 30)
    refused(regulation.NO_MARKS)


def test_a_locked_term_takes_no_change(school: School, term: Term) -> None:
    final, absence = (
        quarter_mark(school, term),
        Attendance(lesson=school.lesson, student=school.student, status=AttendanceStatus.ABSENT),
    )
    db.session.add_all([first := mark(school), final, absence])
    db.session.commit()
    term.is_locked = True
    db.session.commit()
    writes: list[Callable[[], object]] = [
        lambda: setattr(first, "value", 2),
        lambda: setattr(final, "value", FinalMarkValue.TWO),
        lambda: setattr(absence, "status", AttendanceStatus.LATE),
        lambda: setattr(school.lesson, "topic", "Другая"),
        lambda: setattr(school.work, "weight", 5),
        lambda: db.session.add(Work(lesson=school.lesson)),
        lambda: db.session.delete(first),
        lambda: db.session.delete(final),
        lambda: db.session.delete(absence),
    ]
    for write in writes:
        write()
        refused(regulation.LOCKED)
    absence.reason = "справка"  # the class teacher may still learn why
    db.session.commit()


def test_a_student_outside_the_group_gets_neither_mark_nor_absence(school: School) -> None:
    outsider = Student(family_name="Чужой", given_name="Иван")
    late = Student(family_name="Новый", given_name="Лев")
    late.enrollments.append(Enrollment(school_class=school.school_class, starts_on=date(2026, 10, 2)))
    db.session.add_all([outsider, late])
    db.session.commit()
    for student in (outsider, late):
        db.session.add(Mark(work=school.work, student=student, value=5))
        refused(regulation.NOT_IN_GROUP)
        db.session.add(Attendance(lesson=school.lesson, student=student, status=AttendanceStatus.ILL))
        refused(regulation.NOT_IN_GROUP)


def test_a_part_of_the_class_is_not_the_class(school: School) -> None:
    part = StudyGroup(school_class=school.school_class, name="англ. 1")
    school.assignment.study_group = part
    db.session.commit()
    db.session.add(mark(school))
    refused(regulation.NOT_IN_GROUP)
    db.session.add(StudyGroupMember(study_group=part, student=school.student, starts_on=DAY))
    db.session.add(mark(school))
    db.session.commit()


def test_members_of_a_part_are_of_the_class(school: School) -> None:
    part = StudyGroup(school_class=school.school_class, name="англ. 1")
    outsider = Student(family_name="Чужой", given_name="Иван")
    db.session.add(StudyGroupMember(study_group=part, student=outsider, starts_on=DAY))
    refused(regulation.NOT_IN_CLASS)


def test_a_student_is_in_one_class_at_a_time(school: School) -> None:
    other = SchoolClass(academic_year_id=school.year.id, grade=5, letter="Б")
    first = school.student.enrollments[0]
    first.ends_on = date(2026, 12, 1)
    db.session.add(other)
    db.session.commit()
    db.session.add(
        Enrollment(student=school.student, school_class=other, starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 2))
    )
    refused(regulation.OVERLAP)
    db.session.add(Enrollment(student=school.student, school_class=other, starts_on=date(2026, 12, 2)))
    db.session.commit()


def test_a_final_mark_is_of_its_journal(school: School, term: Term) -> None:
    wrong = quarter_mark(school, term)
    wrong.student = Student(family_name="Чужой", given_name="Иван")
    db.session.add(wrong)
    refused(regulation.OTHER_JOURNAL)


@pytest.mark.parametrize(
    "lose",
    [
        lambda user: setattr(user, "is_deputy_director", False),
        lambda user: setattr(user, "is_active", False),
        lambda user: setattr(user.account, "password_hash", None),
        db.session.delete,
    ],
)
def test_the_last_deputy_director_stays(school: School, lose: Callable[[User], object]) -> None:
    first, second = (
        User(family_name="Завуч", given_name=name, is_deputy_director=True, is_staff=True, login=name)
        for name in ("Анна", "Вера")
    )
    for user in (first, second):
        user.account.password_hash = "$argon2id$"
    db.session.add_all([first, second])
    db.session.commit()
    lose(first)
    db.session.commit()
    lose(second)
    refused(regulation.LAST_DEPUTY)
