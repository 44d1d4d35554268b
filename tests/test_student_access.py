"""Students get access of their own, issued like their parents', and see their own diary and nothing else."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Account, Credential, Student, User
from tests.panel import page as soup
from tests.requests_family import Family, another_child, family_of
from tests.school import School
from tests.school_panel import deputy, second_class, written
from tests.visitor import text


@pytest.fixture
def family(app: Flask, school: School) -> Family:
    return family_of(app, school)


def pupil(student: Student) -> User:
    """Whom the student signs in as."""
    user = db.session.get_one(Student, student.id, populate_existing=True).user
    assert user is not None
    db.session.commit()
    return user


def give(family: Family, *students: Student, who: User | None = None) -> str:
    """Prepare the access on the screen and confirm what is shown; the page after it."""
    who = who or family.class_teacher
    shown = family.panel.post(who, "/admin/access/students", rowid=[student.id for student in students])
    assert shown.status_code == 200, shown.status
    form = soup(shown).select_one('form[action="/admin/access/confirm"]')
    assert form is not None
    fields = {str(each["name"]): str(each.get("value", "")) for each in form.select("input[name]")}
    ids = [str(each["value"]) for each in soup(shown).select('input[name="rowid"][checked]')]
    answer = family.panel.post(who, "/admin/access/confirm", fields | {"rowid": ids})
    assert answer.status_code == 302, answer.status
    return family.panel.page(who, answer.location)


def test_the_class_teacher_gives_a_student_access_under_the_name_of_the_class_list(family: Family) -> None:
    family.student.phone = "+79123456789"
    db.session.commit()
    page = f"/admin/student/details/?id={family.student.id}"
    assert "Give the student access" in family.panel.page(family.class_teacher, page)
    assert "Семёнов Пётр" in give(family, family.student)
    user = pupil(family.student)
    assert (user.full_name, user.phone, user.is_staff) == ("Семёнов Пётр", "+79123456789", False)
    assert db.session.scalars(select(Credential.user_id)).all() == [user.id]
    db.session.commit()
    assert "Access: issued, not opened" in family.panel.page(family.class_teacher, page)
    give(family, family.student)  # once more: the same person
    assert pupil(family.student).id == user.id


def test_a_phone_that_a_parent_signs_in_with_stays_the_parents_alone(family: Family) -> None:
    family.student.phone = "+79123456789"
    family.guardian.phone = "+79123456789"
    db.session.commit()
    give(family, family.student)
    assert pupil(family.student).phone is None
    assert db.session.scalars(select(Account.user_id).where(Account.phone.is_not(None))).all() == [family.guardian.id]
    db.session.commit()


def test_the_students_of_a_class_are_a_group_beside_its_parents(family: Family) -> None:
    another_child(family, "Белов")
    index = family.panel.page(family.class_teacher, "/admin/access/")
    assert "Students of 5А" in index
    assert "Семёнова Анна Ивановна" in index  # the parents are what it begins with
    group = f"/admin/access/?who=students-{family.school.school_class.id}"
    assert "2 students of the class have no access of their own yet." in family.panel.page(family.class_teacher, group)
    assert "Белов Илья" in give(family, family.student, db.session.scalars(
        select(Student).where(Student.family_name == "Белов")).one())  # fmt: skip
    page = family.panel.page(family.class_teacher, group)
    assert "have no access of their own yet" not in page
    assert "Семёнов Пётр 5А" in page


def test_only_who_keeps_the_students_data_gives_them_access(family: Family) -> None:
    other = written(User(family_name="Другова", given_name="Ия", login="drugova", is_staff=True))
    second_class(family.school).class_teacher = other
    db.session.commit()
    for who in (other, family.guardian):
        assert family.panel.post(who, "/admin/access/students", rowid=family.student.id).status_code == 403
    assert family.student.user_id is None
    give(family, family.student, who=deputy())
    assert pupil(family.student)


def test_a_renamed_student_signs_in_under_the_new_name(family: Family) -> None:
    give(family, family.student)
    fields = {"family_name": "Петров", "given_name": "Пётр", "patronymic": "", "birth_date": "2015-03-02"}
    answer = family.panel.post(family.class_teacher, f"/admin/student/edit/?id={family.student.id}", fields)
    assert answer.status_code == 302
    user = db.session.scalars(select(User).where(User.family_name == "Петров")).one()
    assert user.search_name == "петров петр"
    assert pupil(family.student).id == user.id


def test_a_student_sees_the_own_diary_and_writes_nothing_of_a_guardian(family: Family) -> None:
    other = another_child(family)
    give(family, family.student)
    user = pupil(family.student)
    own = f"/diary/{family.student.id}"
    for path in (f"{own}/", f"{own}/more/", f"{own}/absence/", f"{own}/calendar/", "/diary/data/", "/diary/about/",
                 "/diary/consent/"):  # fmt: skip
        assert family.panel.get(user, path).status_code == 200, path
    for path in (f"/diary/{other.id}/", f"/diary/{other.id}/absence/", f"/diary/{other.id}/calendar/"):
        assert family.panel.get(user, path).status_code == 404, path
    page = family.panel.get(user, f"{own}/absence/")
    assert "Your parents announce" in text(page)
    assert "Send to the class teacher" not in text(page)
    assert "Чужой" not in family.panel.page(user, "/admin/student/")
    assert "Семёнова" not in family.panel.page(user, "/diary/data/")
    for path in ("/admin/requests/", "/admin/access/", "/admin/texts/"):
        assert family.panel.get(user, path).status_code == 403, path
