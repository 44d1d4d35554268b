"""The screens of students: adding, moving, leaving, returning, what is refused, who may do what."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import Account, Attendance, Enrollment, Guardianship, Mark, Student, StudyGroup, StudyGroupMember, User
from app.models.journal import AttendanceStatus
from app.people.completeness import Gap
from tests.school import DAY, School
from tests.school_panel import TODAY, Panel, counted, day, deputy, errors, fields, led, second_class, students, written
from tests.visitor import text

NEW = {"family_name": "новиков", "given_name": "Лев", "patronymic": "", "birth_date": "2015-05-04"}


def new(school: School, **more: Any) -> dict[str, Any]:
    return NEW | {"school_class": str(school.school_class.id), "starts_on": "2026-10-12"} | more


def spells(student: Student) -> list[tuple[str, date, date | None]]:
    db.session.expire_all()
    return [(str(each.school_class), each.starts_on, each.ends_on) for each in student.enrollments]


def test_a_class_teacher_adds_a_student_with_the_first_parent_in_one_form(panel: Panel, school: School) -> None:
    answer = panel.post(
        led(school), "/admin/student/new/",
        new(school, phone="8 912 000-00-07", guardian_name="Новикова Ия Олеговна", relation="mother",
            guardian_phone="8 (912) 345-67-89", guardian_email="IYA@example.org", guardian_channel="sms"),
    )  # fmt: skip
    assert answer.status_code == 302, text(answer)
    student = db.session.scalars(select(Student).where(Student.family_name == "Новиков")).one()
    assert (student.birth_date, student.phone) == (date(2015, 5, 4), "+79120000007")
    assert spells(student) == [("5А", TODAY, None)]
    (guardianship,) = student.guardianships
    assert (str(guardianship.user), guardianship.user.phone) == ("Новикова Ия Олеговна", "+79123456789")
    page = panel.page(school.teacher, answer.location)
    assert "Новикова Ия Олеговна" in page
    assert "+7 912 345-67-89" in page
    assert "not issued" in page


def test_a_class_teacher_lets_nobody_into_another_class(panel: Panel, school: School) -> None:
    other = second_class(school)
    answer = panel.post(led(school), "/admin/student/new/", new(school, school_class=str(other.id)))
    assert errors(answer) == {"school_class": "Choose one from the list."}
    assert students() == ["Семёнов"]


WRONG = [
    ("family_name", "", "required"),
    ("family_name", "Иван0в", "Not a name"),
    ("given_name", "я" * 10_000, "longer than 80"),
    ("birth_date", "", "required"),
    ("birth_date", "2031-01-01", "not a year a student can be born in"),
    ("birth_date", "1989-12-31", "not a year a student can be born in"),
    ("birth_date", "0001-01-01", "not a year a student can be born in"),
    ("birth_date", "32.13.2015", "Not a valid date"),
    ("phone", "12", "not a phone number"),
    ("email", "ivanov@", "not an e-mail address"),
    ("address", "у" * 301, "longer than 300"),
    ("school_class", "", "Choose one"),
    ("school_class", "999999", "Choose one"),
    ("school_class", "' OR 1=1", "Choose one"),
    ("starts_on", "", "required"),
    ("starts_on", "2026-08-31", "lasts from 1 Sep 2026 to 31 May 2027"),
    ("starts_on", "9999-12-31", "choose a day in it"),
    ("guardian_email", "x@y", "not an e-mail address"),
    ("guardian_name", "Новикова", "a family name and a given name are needed"),
]


def test_what_makes_no_sense_gets_a_message_at_its_field_and_stays_typed(panel: Panel, school: School) -> None:
    boss = deputy()
    for field, value, message in WRONG:
        answer = panel.post(boss, "/admin/student/new/", new(school, **{field: value}))
        assert answer.status_code == 200, (field, value)
        assert message.lower() in errors(answer)[field].lower()
        stays = fields(answer)
        assert stays["birth_date" if field != "birth_date" else "starts_on"] != ""
        assert field == "school_class" or stays[field] == value
    assert students() == ["Семёнов"]


def test_contacts_without_a_name_are_nobodys(panel: Panel, school: School) -> None:
    answer = panel.post(deputy(), "/admin/student/new/", new(school, guardian_phone="+7 912 345-67-89"))
    assert errors(answer) == {
        "guardian_name": "Whose contacts are these? Give the name.", "relation": "Choose one from the list.",
    }  # fmt: skip
    assert fields(answer)["guardian_phone"] == "+7 912 345-67-89"


def test_the_same_student_is_not_written_twice(panel: Panel, school: School) -> None:
    boss = deputy()
    panel.post(boss, "/admin/student/new/", new(school))
    again = panel.post(boss, "/admin/student/new/", new(school, family_name="Новиков"))
    assert "is there already" in errors(again)["family_name"]
    twin = panel.post(boss, "/admin/student/new/", new(school, birth_date="2015-05-05"))
    assert twin.status_code == 302
    assert students() == ["Новиков", "Новиков", "Семёнов"]


def test_a_class_teacher_corrects_data_and_a_teacher_sees_names_only(panel: Panel, school: School) -> None:
    teacher, number = school.teacher, school.student.id
    student = panel.page(teacher, f"/admin/student/details/?id={number}")
    assert "Date of birth" not in student
    assert "Parents" not in panel.page(teacher, "/admin/student/")
    refused = panel.post(teacher, f"/admin/student/edit/?id={number}", NEW)
    assert refused.status_code == 403
    answer = panel.post(led(school), f"/admin/student/edit/?id={number}", NEW | {"address": "Садовая, 1"})
    assert answer.status_code == 302
    assert (school.student.family_name, school.student.address) == ("Новиков", "Садовая, 1")


def test_moving_ends_the_old_class_the_day_before_with_its_groups_and_keeps_history(
    panel: Panel, school: School
) -> None:
    other, number = second_class(school), school.student.id
    group = written(StudyGroup(school_class_id=school.school_class.id, name="Английский 1"))
    written(StudyGroupMember(study_group=group, student=school.student, starts_on=DAY))
    move = {"school_class": str(other.id), "starts_on": "2026-10-12"}
    answer = panel.post(deputy(), f"/admin/student/move/?id={number}", move)
    assert answer.status_code == 302, text(answer)
    assert spells(school.student) == [("5А", DAY, day(10, 11)), ("5Б", day(10, 12), None)]
    assert [each.ends_on for each in school.student.memberships] == [day(10, 11)]


def test_a_move_on_the_day_of_coming_corrects_the_class(panel: Panel, school: School) -> None:
    other = second_class(school)
    move = {"school_class": str(other.id), "starts_on": DAY.isoformat()}
    assert panel.post(deputy(), f"/admin/student/move/?id={school.student.id}", move).status_code == 302
    assert spells(school.student) == [("5Б", DAY, None)]


def test_many_are_moved_together_or_nobody(panel: Panel, school: School) -> None:
    other, boss = second_class(school), deputy()
    second = written(Student(family_name="Якин", given_name="Ян"))
    later = written(Enrollment(student=second, school_class=other, starts_on=day(11, 2)))
    chosen = panel.post(boss, "/admin/student/action/", action="move", rowid=[school.student.id, second.id])
    assert chosen.status_code == 302
    assert "2 students" in panel.page(boss, chosen.location)
    move = {"school_class": str(other.id), "starts_on": "2026-10-12"}
    refused = panel.post(boss, chosen.location, move)
    assert "Nobody was moved" in text(refused)
    assert "Якин Ян (5Б, 02.11.2026)" in text(refused)
    assert spells(school.student) == [("5А", DAY, None)]
    db.session.delete(later)
    db.session.commit()
    assert panel.post(boss, chosen.location, move).status_code == 302
    assert (spells(school.student)[-1], spells(second)) == (("5Б", TODAY, None), [("5Б", TODAY, None)])


def test_a_student_leaves_and_comes_back_and_history_stays(panel: Panel, school: School) -> None:
    boss, number = deputy(), school.student.id
    before = panel.post(boss, f"/admin/student/leave/?id={number}", ends_on="2026-09-30")
    assert "came to 5А on 1 Oct 2026" in errors(before)["ends_on"]
    assert panel.post(boss, f"/admin/student/leave/?id={number}", ends_on="2026-10-05").status_code == 302
    assert "left 5А on 5 Oct 2026" in panel.page(boss, "/admin/student/?place=left")
    page = panel.page(boss, f"/admin/student/details/?id={number}")
    assert "Came back" in page
    back = {"school_class": str(school.school_class.id), "starts_on": "2026-10-12"}
    assert panel.post(boss, f"/admin/student/move/?id={number}", back).status_code == 302
    assert spells(school.student) == [("5А", DAY, day(10, 5)), ("5А", day(10, 12), None)]


def test_a_class_teacher_moves_nobody(panel: Panel, school: School) -> None:
    number = school.student.id
    leader = led(school)
    page = panel.page(leader, f"/admin/student/details/?id={number}")
    assert "Add a parent" in page
    assert "Move to another class" not in page
    for path in ("move", "leave"):
        assert panel.get(leader, f"/admin/student/{path}/?id={number}").status_code == 403
        assert panel.post(leader, f"/admin/student/{path}/?id={number}", ends_on="2026-10-12").status_code == 403
    panel.post(leader, "/admin/student/action/", action="delete", rowid=[number])
    assert spells(school.student) == [("5А", DAY, None)]


def test_a_student_with_records_is_not_deleted_and_one_by_mistake_is(panel: Panel, school: School) -> None:
    boss, mistake = deputy(), written(Student(family_name="Ошибкин", given_name="Ян", birth_date=date(2015, 1, 2)))
    written(Enrollment(student=mistake, school_class=school.school_class, starts_on=DAY))
    db.session.add(Mark(work=school.work, student=school.student, value=4))
    db.session.add(Attendance(lesson=school.lesson, student=school.student, status=AttendanceStatus.ILL))
    answer = panel.post(boss, "/admin/student/delete/", id=school.student.id)
    page = panel.page(boss, answer.location)
    assert "has records (1 mark, 1 attendance record) and stays" in page
    assert panel.post(boss, "/admin/student/delete/", id=mistake.id).status_code == 302
    assert students() == ["Семёнов"]


def many(school: School, numbers: range) -> None:
    for number in numbers:
        student = Student(family_name=f"Ученик{number}", given_name="Ян", birth_date=date(2015, 1, 1))
        person = User(family_name=f"Родитель{number}", given_name="Ия", phone=f"+7912000{number:04}")
        db.session.add(Enrollment(student=student, school_class=school.school_class, starts_on=DAY))
        db.session.add(Guardianship(student=student, user=person))
    db.session.commit()


def test_a_page_takes_as_many_statements_for_forty_rows_as_for_four(panel: Panel, school: School) -> None:
    boss = deputy()
    numbers: dict[str, list[int]] = {}
    for more in (range(4), range(4, 40)):
        many(school, more)
        for path in ("student/", "guardianship/", "user/", "schoolclass/", "schoolclass/details/?id=1"):
            with counted() as statements:
                panel.page(boss, f"/admin/{path}")
            numbers.setdefault(path, []).append(len(statements))
    assert all(few == many for few, many in numbers.values()), numbers


def test_completeness_says_what_is_missing_and_finds_it(panel: Panel, school: School) -> None:
    boss = deputy()
    silent = User(family_name="Тихая", given_name="Ия")
    colleague = User(family_name="Коллегина", given_name="Ия", is_staff=True)
    for name, person, born in (
        ("Безродный", None, date(2015, 1, 1)),
        ("Молчанов", silent, date(2015, 1, 1)),
        ("Полный", colleague, date(2015, 1, 1)),
        ("Безвременный", User(family_name="Звонкая", given_name="Ия", phone="+79120000001"), None),
    ):
        student = Student(family_name=name, given_name="Ян", birth_date=born)
        db.session.add(Enrollment(student=student, school_class=school.school_class, starts_on=DAY))
        if person:
            db.session.add(Guardianship(student=student, user=person))
    db.session.commit()
    leader = led(school)
    for person in (boss, leader):
        for gap, names in {
            Gap.BIRTH_DATE.value: {"Безвременный"},
            Gap.GUARDIAN.value: {"Безродный", "Семёнов"},
            Gap.CONTACT.value: {"Молчанов"},
            "complete": {"Полный"},
        }.items():
            page = panel.page(person, f"/admin/student/?gap={gap}")
            everybody = {"Безродный", "Молчанов", "Полный", "Безвременный", "Семёнов"}
            assert {name for name in everybody if name in page} == names
    page = panel.page(leader, f"/admin/schoolclass/details/?id={school.school_class.id}")
    assert "5 students 1 with complete data 4 lack something" in page
    assert "no phone or e-mail of a parent" in page


def test_contacts_of_a_colleague_stay_the_deputys(panel: Panel, school: School) -> None:
    person = User(family_name="Коллегина", given_name="Ия", is_staff=True, phone="+79120000001")
    written(Guardianship(student=school.student, user=person))
    page = panel.page(led(school), f"/admin/student/details/?id={school.student.id}")
    assert "Коллегина" in page
    assert "+7 912 000-00-01" not in page
    found = panel.page(school.teacher, "/admin/student/?search=9120000001")
    assert "Nothing found" in found


def test_an_unknown_student_is_told_apart_from_a_mistake_of_ours(panel: Panel, school: School) -> None:
    boss = deputy()
    for number in ("0", "-1", "999999", "x", "1e5", "9" * 30, "%00"):
        for page in ("details", "edit", "move", "leave"):
            assert panel.get(boss, f"/admin/student/{page}/?id={number}").status_code in {302, 400, 404}
    assert panel.get(boss, "/admin/student/move/").status_code == 404
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    assert panel.post(boss, "/admin/student/leave/?id=999999", ends_on=tomorrow).status_code == 404
    assert db.session.scalars(select(Account)).all()
