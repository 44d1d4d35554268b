"""A class list becomes students, classes and guardians; nobody is joined, lost or written twice."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app import policy
from app.extensions import Base, db
from app.imports import ApplyingError, Plan, Table, apply, corrections, plan, read
from app.models import (
    AcademicYear,
    Account,
    Enrollment,
    Guardianship,
    SchoolClass,
    Student,
    StudyGroup,
    StudyGroupMember,
    User,
)
from app.models.people import Relation
from tests.lists import HEADINGS, cells, listed, xlsx
from tests.school import DAY, School

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
YEAR_BEGINS = date(2026, 9, 1)
MOTHER = ["Ёлкина Вера Олеговна", "8 912 345-67-89", "vera@example.org"]
ANNA = ["5 б", "Ёлкина", "Анна", "Игоревна", "03.04.2015", *MOTHER, "Ёлкин Игорь Олегович", None]


def importing(*rows: Sequence[Any], today: date = TODAY) -> Plan:
    return imported(listed(*rows), today)


def imported(table: Table, today: date = TODAY) -> Plan:
    result = apply(db.session(), table, today, NOW)
    db.session.commit()
    return result.plan


def row(**changes: Any) -> list[Any]:
    """Anna's row with other cells: ``family_name``, ``given_name``, ``class_``, ``born``, ``mother``, ..."""
    names = ["class_", "family_name", "given_name", "patronymic", "born", "mother", "phone", "email", "father",
             "phone2"]  # fmt: skip
    found = [*ANNA]
    for name, value in changes.items():
        found[names.index(name)] = value
    return found


def count(model: type[Base]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def student(given_name: str = "Анна") -> Student:
    db.session.expire_all()
    return db.session.scalars(select(Student).where(Student.given_name == given_name)).one()


def spells(of: Student) -> list[tuple[str, date, date | None]]:
    return [(str(each.school_class), each.starts_on, each.ends_on) for each in of.enrollments]


def texts(problems: Sequence[Any]) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, str(problem.reason)) for problem in problems]


def test_a_row_becomes_a_student_with_class_and_guardians(school: School) -> None:
    found = importing(ANNA)
    anna = student()
    assert (anna.full_name, anna.birth_date) == ("Ёлкина Анна Игоревна", date(2015, 4, 3))
    assert spells(anna) == [("5Б", YEAR_BEGINS, None)]
    mother, father = sorted(anna.guardianships, key=lambda each: each.id)
    assert (mother.relation, mother.user.phone, mother.user.email) == (
        Relation.MOTHER, "+79123456789", "vera@example.org",
    )  # fmt: skip
    assert (father.relation, father.user.full_name) == (Relation.FATHER, "Ёлкин Игорь Олегович")
    assert (found.counts.created, found.counts.guardians, found.counts.classes) == (1, 2, 1)
    assert any("New class: 5Б" in str(note) for note in found.notes)


def test_looking_at_the_plan_writes_nothing(school: School) -> None:
    before = count(Student)
    assert plan(db.session(), listed(ANNA), TODAY).counts.created == 1
    assert not db.session.new
    assert not db.session.dirty
    assert count(Student) == before


def test_the_same_file_twice_changes_nothing(school: School) -> None:
    rows = [ANNA, row(given_name="Олег", patronymic="Игоревич", phone="12"), row(given_name="Яна", born=None)]
    importing(*rows)
    counted = [count(model) for model in (Student, User, Account, Guardianship, Enrollment, SchoolClass)]
    again = importing(*rows)
    assert again.writes_nothing
    assert again.counts.unchanged == 3
    assert counted == [count(model) for model in (Student, User, Account, Guardianship, Enrollment, SchoolClass)]


def test_siblings_share_their_guardian_across_classes_and_files(school: School) -> None:
    importing(ANNA, row(given_name="Пётр", patronymic="Игоревич", class_="7А", phone="+7 (912) 3456789", email=None))
    importing(row(given_name="Яна", class_="1А", born="03.04.2019", mother="ЕЛКИНА ВЕРА ОЛЕГОВНА", phone=None))
    db.session.expire_all()
    mother = db.session.scalars(select(User).where(User.given_name == "Вера", ~User.is_staff)).all()[-1]
    assert len(mother.guardianships) == 3


def test_the_same_contact_under_another_name_is_another_person_and_is_told(school: School) -> None:
    found = importing(ANNA, row(given_name="Иван", family_name="Зимин", mother="Зимина Ольга Павловна", email=None))
    assert count(Guardianship) == 4
    shared = [each for each in found.warnings if "same contact" in str(each.reason)]
    assert [(each.row, each.column, each.left_out) for each in shared] == [(3, "Телефон 1", False)]


def test_the_same_name_with_another_birth_date_is_another_student(school: School) -> None:
    found = importing(ANNA, row(born="04.04.2015", mother=None, phone=None, email=None))
    assert found.counts.created == 2
    assert "kept apart" in str(found.warnings[0].reason)


def test_a_student_is_found_by_name_and_birth_date_with_other_letters(school: School) -> None:
    found = importing(["5А", "СЕМЕНОВ", "Петр", None, "2.3.15", *[None] * 5], today=DAY)
    assert found.counts.unchanged == 1
    assert student("Пётр").id == school.student.id


def test_without_a_birth_date_nobody_is_joined_silently(school: School) -> None:
    importing(ANNA)
    found = importing(row(born=None), row(born=None, class_="5А"))
    assert (found.counts.unchanged, found.counts.refused) == (1, 1)
    assert "birth date is missing" in str(found.problems[0].reason)
    two = importing(row(given_name="Яна", born=None), row(given_name="Яна", born=None))
    assert (two.counts.created, two.counts.refused) == (1, 1)


def test_a_missing_birth_date_and_patronymic_are_completed_later(school: School) -> None:
    first = importing(row(born=None, patronymic=None))
    assert [(each.column, each.left_out) for each in first.warnings] == [("Дата рождения", True)]
    assert importing(ANNA).counts.changed == 1
    assert (student().birth_date, student().patronymic) == (date(2015, 4, 3), "Игоревна")


def test_several_rows_of_one_student_bring_several_guardians(school: School) -> None:
    one = [*ANNA[:8], None, None]
    other = [*ANNA[:5], "Ёлкин Игорь Олегович", "8 913 345-67-89", None, None, None]
    found = importing(one, other, row(class_="5А"))
    assert len(student().guardianships) == 2
    assert (found.counts.created, found.counts.changed, found.counts.refused) == (1, 1, 1)
    assert "another class" in str(found.problems[0].reason)


def test_bad_rows_are_refused_with_row_column_and_reason_and_good_ones_are_taken(school: School) -> None:
    found = importing(
        row(family_name=None, given_name="Ия"), row(given_name="Ада", born="32.13.2015"),
        row(given_name="Ева", class_="12Я"), row(given_name="Е."), ANNA,
    )  # fmt: skip
    assert (found.counts.created, found.counts.refused) == (1, 4)
    assert texts(found.problems) == [
        (2, "Фамилия", "the family name is missing"),
        (3, "Дата рождения", "there is no such day"),
        (4, "Класс", "there is no grade 12; grades are 1 to 11"),
        (5, "Фамилия", "a student needs the whole given name, not an initial"),
    ]
    assert count(Student) == 2


def test_a_contact_that_cannot_be_read_keeps_nobody_out_and_is_told(school: School) -> None:
    found = importing(row(phone="12345", email="не-почта"), row(given_name="Ия", father=None, phone2="89130000000"))
    assert found.counts.created == 2
    assert [(row, column) for row, column, _ in texts(found.warnings)] == [
        (2, "Телефон 1"), (2, "E-mail 1"), (3, "Телефон 2"),
    ]  # fmt: skip
    assert all(each.left_out for each in found.warnings)
    two = importing(row(given_name="Ян", phone="8 914 000-00-00, 8 914 000-00-01"))
    assert [each.value for each in two.warnings] == ["8 914 000-00-01"]


def test_corrected_rows_are_imported_again(school: School) -> None:
    headings = ["Пол", *HEADINGS]
    bad = [
        ["ж", *row(given_name="Ада", born="32.13.2015")],
        ["ж", *row(given_name="Ия", mother="Зимина Ольга Павловна", phone="12345", email=None)],
    ]
    table = listed(["ж", *ANNA], *bad, headings=headings)
    found = imported(table)
    sheet = cells(corrections(table, found))
    assert sheet[0] == [*headings, "Reason"]
    assert [line[3] for line in sheet[1:]] == ["Ада", "Ия"]
    assert "there is no such day" in sheet[1][-1]
    sheet[1][5], sheet[2][7] = "12.12.2015", "8 914 000-00-00"
    again = imported(read(xlsx(*sheet), "corrected.xlsx"))
    assert (again.counts.created, again.counts.changed, again.counts.refused) == (1, 1, 0)
    assert "+79140000000" in {each.user.phone for each in student("Ия").guardianships}


def test_the_file_of_corrections_holds_no_formula(school: School) -> None:
    table = listed(row(family_name='=HYPERLINK("x")', given_name="+Ия", class_="@5А", born=date(2015, 1, 2)))
    found = plan(db.session(), table, TODAY)
    content = corrections(table, found)
    assert cells(content)[1][1] == '=HYPERLINK("x")'
    assert b"<f>" not in content
    assert read(content, "again.xlsx").rows[0].cells[4] == datetime(2015, 1, 2)  # noqa: DTZ001


def test_a_student_listed_in_another_class_is_moved_and_the_history_kept(school: School) -> None:
    part = StudyGroup(school_class=school.school_class, name="Английский 1")
    db.session.add(part)
    db.session.add(StudyGroupMember(study_group=part, student=school.student, starts_on=DAY))
    db.session.commit()
    found = importing(["6В", "Семёнов", "Пётр", None, "02.03.2015", *[None] * 5])
    assert (found.counts.changed, found.counts.moved) == (1, 1)
    assert spells(student("Пётр")) == [("5А", DAY, date(2026, 11, 23)), ("6В", TODAY, None)]
    assert db.session.scalars(select(StudyGroupMember.ends_on)).one() == date(2026, 11, 23)
    assert importing(["6В", "Семёнов", "Пётр", None, "02.03.2015", *[None] * 5]).writes_nothing


def test_a_class_put_right_on_the_day_of_the_import_leaves_no_trace(school: School) -> None:
    importing(["6В", "Семёнов", "Пётр", None, "02.03.2015", *[None] * 5], today=DAY)
    assert spells(student("Пётр")) == [("6В", DAY, None)]


def test_a_student_of_last_year_comes_with_the_new_class(school: School) -> None:
    last = AcademicYear(name="2025/2026", starts_on=date(2025, 9, 1), ends_on=date(2026, 5, 31))
    db.session.add(last)
    db.session.flush()
    old = SchoolClass(academic_year_id=last.id, grade=4, letter="Б")
    anna = Student(family_name="Ёлкина", given_name="Анна", patronymic="Игоревна", birth_date=date(2015, 4, 3))
    db.session.add_all([old, anna, Enrollment(student=anna, school_class=old, starts_on=date(2025, 9, 1))])
    db.session.commit()
    assert importing(ANNA).counts.changed == 1
    assert spells(student()) == [("4Б", date(2025, 9, 1), date(2026, 8, 31)), ("5Б", YEAR_BEGINS, None)]


def test_whoever_comes_to_a_class_that_has_begun_comes_today(school: School) -> None:
    importing(row(class_="5А"))
    assert spells(student()) == [("5А", TODAY, None)]


def test_a_move_that_is_planned_already_is_left_to_a_person(school: School) -> None:
    importing(ANNA)
    spell = student().enrollments[0]
    spell.ends_on = date(2026, 12, 31)
    db.session.flush()
    later = Enrollment(student=student(), school_class=school.school_class, starts_on=date(2027, 1, 1))
    db.session.add(later)
    db.session.commit()
    found = importing(row(class_="6В"))
    assert "joins 5А on 01.01.2027" in str(found.problems[0].reason)
    assert importing(ANNA).writes_nothing


def test_a_grade_alone_says_too_little_where_there_are_letters(school: School) -> None:
    found = importing(row(class_="5"), row(given_name="Ия", class_="3"))
    assert [str(each.reason) for each in found.problems] == ["grade 5 has several classes; add the letter"]
    assert spells(student("Ия")) == [("3", YEAR_BEGINS, None)]


def test_an_installation_without_a_year_gets_the_usual_one(app: Flask) -> None:
    found = importing(ANNA)
    year = db.session.scalars(select(AcademicYear)).one()
    assert (year.name, year.starts_on, year.ends_on) == ("2026/2027", YEAR_BEGINS, date(2027, 5, 31))
    assert any("2026/2027" in str(note) for note in found.notes)


def test_in_summer_the_list_is_for_the_coming_year(school: School) -> None:
    importing(ANNA, today=date(2026, 8, 20))
    assert spells(student()) == [("5Б", YEAR_BEGINS, None)]


def test_a_list_of_another_year_and_absent_students_are_told(school: School) -> None:
    importing(*[row(given_name=name) for name in ("Анна", "Ия", "Яна")])
    content = xlsx(["Списки на 2025/2026 учебный год"], HEADINGS, ANNA, row(given_name="Ия"))
    notes = [str(note) for note in plan(db.session(), read(content, "x"), TODAY).notes]
    assert any("2025/2026" in note and "2026/2027" in note for note in notes)
    assert any("Ёлкина Яна Игоревна" in note for note in notes)


def test_a_contact_of_somebody_with_access_is_theirs(school: School) -> None:
    importing(ANNA)
    found = importing(row(phone="8 914 000-00-00"))
    assert found.counts.changed == 1
    mother = db.session.scalars(select(User).where(User.given_name == "Вера", User.family_name == "Ёлкина")).one()
    assert mother.phone == "+79140000000"
    assert mother.account is not None
    mother.account.password_hash = "set"
    db.session.commit()
    found = importing(row(phone="8 914 000-00-01"))
    assert found.writes_nothing
    assert found.warnings[0].left_out
    assert mother.phone == "+79140000000"


def test_two_contacts_in_one_list_do_not_take_turns(school: School) -> None:
    rows = [ANNA, row(given_name="Ия", email="other@example.org")]
    assert "row 2 gives vera@example.org" in str(importing(*rows).warnings[0].reason)
    assert importing(*rows).writes_nothing


def test_what_changed_since_the_preview_is_respected(school: School) -> None:
    table = listed(ANNA)
    assert plan(db.session(), table, TODAY).counts.created == 1
    importing(ANNA)
    assert imported(table).writes_nothing


def test_two_imports_at_once_write_nobody_twice(school: School) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer: the second import waits and then finds the students of the first")
    with policy.system() as first, policy.system() as second:
        apply(first, listed(ANNA), TODAY, NOW)
        commit = threading.Timer(0.3, first.commit)  # while the second waits for the first one's rows
        commit.start()
        with pytest.raises(ApplyingError):
            apply(second, listed(ANNA), TODAY, NOW)
        commit.join()
    assert count(Student) == 2


def test_a_deputy_director_imports_and_a_class_teacher_may_not(school: School) -> None:
    school.teacher.is_deputy_director = True
    db.session.commit()
    actor = policy.Actor(school.teacher.id, TODAY, NOW, is_deputy_director=True, is_staff=True)
    with Session(db.engine) as session:
        policy.act_as(session, actor)
        assert apply(session, listed(ANNA), TODAY, NOW).plan.counts.created == 1
        session.commit()
        importing_again = apply(session, listed(row(class_="6В")), TODAY, NOW)
        assert importing_again.plan.counts.moved == 1
        session.commit()
    with Session(db.engine) as session:
        policy.act_as(session, policy.Actor(school.teacher.id, TODAY, NOW, is_staff=True, leads=True))
        with pytest.raises(policy.PolicyError):
            plan(session, listed(ANNA), TODAY)


def test_the_number_of_look_ups_does_not_grow_with_the_list(school: School) -> None:
    def statements(rows: int) -> int:
        asked: list[str] = []
        names = [row(given_name="Имя" + "абвгдежзик"[n] * 2, phone=f"8912000000{n}") for n in range(rows)]

        def note(*arguments: Any) -> None:
            asked.extend(["select"] if arguments[2].startswith("SELECT") else [])

        event.listen(db.engine, "before_cursor_execute", note)
        plan(db.session(), listed(*names), TODAY)
        event.remove(db.engine, "before_cursor_execute", note)
        return len(asked)

    importing(*[row(given_name="Имя" + letter * 2) for letter in "абвгдежзик"])
    assert statements(1) == statements(10)
