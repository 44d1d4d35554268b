"""The screens of guardians: nobody is written twice, contacts are kept by whoever may, a class teacher's reach."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.models import Enrollment, Guardianship, Student, User
from app.models.people import Channel, Relation
from tests.school import DAY, School
from tests.school_panel import Panel, deputy, errors, fields, led, second_class, written
from tests.visitor import text

MOTHER = {"guardian_name": "Семёнова Анна", "relation": "mother", "guardian_phone": "8 (912) 345-67-89"}


@pytest.fixture
def mother(school: School) -> Guardianship:
    person = User(family_name="Семёнова", given_name="Анна", phone="+79123456789", email="anna@example.org")
    row: Guardianship = written(Guardianship(student=school.student, user=person, relation=Relation.MOTHER))
    return row


def sibling(school: School, **place: Any) -> Student:
    student = Student(family_name="Семёнов", given_name="Илья")
    written(Enrollment(student=student, school_class=place.get("into", school.school_class), starts_on=DAY))
    return student


def people() -> int:
    return db.session.scalar(select(func.count()).select_from(User)) or 0


def new(panel: Panel, user: User, student: Student, **fields: Any) -> Any:
    path = f"/admin/guardianship/new/?student={student.id}&url=/admin/student/details/?id={student.id}"
    return panel.post(user, path, {"student": str(student.id), **fields})


def test_a_class_teacher_adds_a_parent_from_the_page_of_the_student(panel: Panel, school: School) -> None:
    leader = led(school)
    page = panel.get(leader, f"/admin/guardianship/new/?student={school.student.id}")
    assert fields(page)["student"] == str(school.student.id)
    answer = new(panel, leader, school.student, **MOTHER, guardian_channel="email", guardian_email="Anna@Example.org")
    assert answer.status_code == 302, text(answer)
    (row,) = school.student.guardianships
    assert (str(row.user), row.relation) == ("Семёнова Анна", Relation.MOTHER)
    assert (row.user.phone, row.user.email, row.user.channel) == (
        "+79123456789", "anna@example.org", Channel.EMAIL,
    )  # fmt: skip
    assert not row.user.is_staff


@pytest.mark.parametrize("contact", [{"guardian_phone": "+7 912 345 67 89"}, {"guardian_email": "ANNA@example.org"}])
def test_a_known_contact_is_recognised_and_offered(
    panel: Panel, school: School, mother: Guardianship, contact: dict[str, str]
) -> None:
    boss, brother, before = deputy(), sibling(school), people()
    fields = {"guardian_name": "Семенова Аня", "relation": "mother", **contact}
    asked = new(panel, boss, brother, **fields)
    assert "so that nobody is written twice" in errors(asked)["guardian_same"]
    assert "Семёнова Анна · Семёнов Пётр" in text(asked)
    assert "Семенова Аня" in asked.text
    assert people() == before
    foreign = new(panel, boss, brother, **fields, guardian_same=str(boss.id))
    assert "guardian_same" in errors(foreign)
    assert new(panel, boss, brother, **fields, guardian_same=str(mother.user_id)).status_code == 302
    assert people() == before
    assert [row.user_id for row in brother.guardianships] == [mother.user_id]


def test_somebody_else_with_the_same_phone_is_a_new_person(panel: Panel, school: School, mother: Guardianship) -> None:
    boss, before = deputy(), people()
    father = MOTHER | {"guardian_name": "Семёнов Олег", "relation": "father", "guardian_same": "new"}
    assert new(panel, boss, school.student, **father).status_code == 302
    assert people() == before + 1


def test_the_first_parent_of_a_new_student_is_recognised_too(
    panel: Panel, school: School, mother: Guardianship
) -> None:
    boss, before = deputy(), people()
    fields = MOTHER | {
        "family_name": "Семёнов", "given_name": "Илья", "birth_date": "2017-01-01",
        "school_class": str(school.school_class.id), "starts_on": DAY.isoformat(),
    }  # fmt: skip
    asked = panel.post(boss, "/admin/student/new/", fields)
    assert "guardian_same" in errors(asked)
    answer = panel.post(boss, "/admin/student/new/", fields, guardian_same=str(mother.user_id))
    assert answer.status_code == 302, text(answer)
    assert people() == before
    assert len(mother.user.guardianships) == 2


def test_somebody_known_is_looked_up_and_is_a_parent_once(panel: Panel, school: School, mother: Guardianship) -> None:
    boss, brother = deputy(), sibling(school)
    found = panel.get(boss, "/admin/guardianship/ajax/lookup/?name=person&query=семенова")
    assert found.json == [[mother.user_id, "Семёнова Анна"]]
    known = {"person": str(mother.user_id), "relation": "mother"}
    assert new(panel, boss, brother, **known).status_code == 302
    assert "already" in errors(new(panel, boss, brother, **known))["person"]
    assert "Choose a person" in errors(new(panel, boss, brother, relation="mother"))["person"]
    assert "relation" in errors(new(panel, boss, brother, person=str(mother.user_id)))
    assert len(brother.guardianships) == 1


def test_contacts_are_edited_where_the_parent_stands(panel: Panel, school: School, mother: Guardianship) -> None:
    path = f"/admin/guardianship/edit/?id={mother.id}"
    leader = led(school)
    page = panel.get(leader, path)
    assert 'value="+7 912 345-67-89"' in page.text
    kept = {"family_name": "Семёнова", "given_name": "Анна", "patronymic": "", "relation": "guardian"}
    wrong = panel.post(leader, path, kept, phone="12", email="")
    assert "not a phone number" in errors(wrong)["phone"]
    answer = panel.post(leader, path, kept, phone="8 900 000-00-01", email="", channel="sms")
    assert answer.status_code == 302, text(answer)
    db.session.refresh(mother)
    assert (mother.relation, mother.user.phone, mother.user.email) == (Relation.GUARDIAN, "+79000000001", None)


def test_a_colleagues_contacts_are_not_the_class_teachers(panel: Panel, school: School, mother: Guardianship) -> None:
    mother.user.is_staff = True
    db.session.commit()
    path, leader = f"/admin/guardianship/edit/?id={mother.id}", led(school)
    assert "+7 912" not in panel.page(leader, path)
    panel.post(leader, path, relation="guardian", family_name="Другая", phone="+79000000001")
    assert (mother.user.family_name, mother.user.phone) == ("Семёнова", "+79123456789")


def test_removing_a_parent_keeps_the_person_and_other_children(
    panel: Panel, school: School, mother: Guardianship
) -> None:
    brother = sibling(school)
    written(Guardianship(student=brother, user=mother.user))
    before = people()
    back = f"/admin/student/details/?id={school.student.id}"
    answer = panel.post(led(school), "/admin/guardianship/delete/", id=mother.id, url=back)
    assert answer.location == back
    assert people() == before
    assert (len(school.student.guardianships), len(brother.guardianships)) == (0, 1)


def test_a_class_teacher_reaches_the_own_class_only(panel: Panel, school: School, mother: Guardianship) -> None:
    stranger = sibling(school, into=second_class(school))
    foreign = written(
        Guardianship(student=stranger, user=User(family_name="Чужая", given_name="Ия", phone="+79990000000"))
    )
    leader, before = led(school), people()
    assert "Чужая" not in panel.page(leader, "/admin/guardianship/")
    refused = new(panel, leader, stranger, **MOTHER)
    assert errors(refused)["student"] == "Choose one from the list."
    assert panel.post(leader, f"/admin/guardianship/edit/?id={foreign.id}", relation="mother").status_code == 302
    panel.post(leader, "/admin/guardianship/delete/", id=foreign.id)
    taken = new(panel, leader, school.student, person=str(foreign.user_id), relation="mother")
    assert errors(taken)["person"] == "Choose one from the list."
    # A parent of another class is not theirs to see: the same phone makes a new person, and tells nothing.
    assert new(panel, leader, school.student, **MOTHER | {"guardian_phone": "+79990000000",
                                                          "guardian_name": "Чужая Ия"}).status_code == 302  # fmt: skip
    assert people() == before + 1
    assert db.session.get(Guardianship, foreign.id) is not None
