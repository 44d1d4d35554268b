"""The screens of classes, groups and enrolments: who belongs where, with days that make sense."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Enrollment, SchoolClass, Student, StudyGroup, StudyGroupMember
from tests.school import DAY, School
from tests.school_panel import Panel, day, deputy, errors, fields, led, second_class, written
from tests.visitor import text


@pytest.fixture
def part(school: School) -> StudyGroup:
    row: StudyGroup = written(StudyGroup(school_class_id=school.school_class.id, name="Английский 1"))
    return row


def pupil(school_class: SchoolClass, name: str) -> Student:
    student = Student(family_name=name, given_name="Ян", birth_date=date(2015, 1, 1))
    written(Enrollment(student=student, school_class=school_class, starts_on=DAY))
    return student


def test_a_class_shows_who_is_in_it_and_who_teaches_it(panel: Panel, school: School, part: StudyGroup) -> None:
    left = pupil(school.school_class, "Ушедший")
    left.enrollments[0].ends_on = day(10, 11)
    written(StudyGroupMember(study_group=part, student=school.student, starts_on=DAY))
    page = panel.page(led(school), f"/admin/schoolclass/details/?id={school.school_class.id}")
    for seen in ("Орлова Вера", "Алгебра", "1. Семёнов Пётр no parent", "Английский 1 1", "whole class 1", "2026/2027"):
        assert seen in page
    assert "Ушедший" not in page


def test_a_new_class_has_its_group_and_a_russian_letter(panel: Panel, school: School) -> None:
    boss = deputy()
    new = {"academic_year": str(school.year.id), "grade": "6", "letter": "a", "term_kind": "", "class_teacher": ""}
    assert panel.post(boss, "/admin/schoolclass/new/", new).status_code == 302
    made = db.session.scalars(select(SchoolClass).where(SchoolClass.grade == 6)).one()
    assert (str(made), [group.is_whole_class for group in made.groups]) == ("6А", [True])
    for field, value in (("letter", "5"), ("letter", ""), ("letter", "я" * 10_000), ("grade", "12"), ("grade", "x"),
                         ("academic_year", "999999"), ("class_teacher", str(school.teacher.id))):  # fmt: skip
        wrong = panel.post(boss, "/admin/schoolclass/new/", new | {field: value})
        assert field in errors(wrong), (field, value)
    assert "There is such a record already" in text(panel.post(boss, "/admin/schoolclass/new/", new))


def test_members_of_a_group_are_chosen_from_its_class_many_at_once(
    panel: Panel, school: School, part: StudyGroup
) -> None:
    boss, path = deputy(), f"/admin/studygroup/members/?id={part.id}"
    second, stranger = pupil(school.school_class, "Второй"), pupil(second_class(school), "Чужой")
    page = panel.page(boss, path)
    assert "Второй Ян" in page
    assert "Чужой" not in page
    assert "Choose at least one" in errors(panel.post(boss, path, starts_on="2026-10-12"))["students"]
    for foreign in (str(stranger.id), "x", "999999"):
        answer = panel.post(boss, path, starts_on="2026-10-12", students=[str(second.id), foreign])
        assert "students" in errors(answer)
    late = panel.post(boss, path, starts_on="2027-06-01", students=[str(second.id)])
    assert set(errors(late)) & {"starts_on", "students"}
    both = panel.post(boss, path, starts_on="2026-10-12", students=[str(school.student.id), str(second.id)])
    assert both.status_code == 302, text(both)
    assert sorted(each.student.family_name for each in part.members) == ["Второй", "Семёнов"]
    assert "All students of the class are in this group" in panel.page(boss, path)


def test_the_whole_class_has_no_members_to_choose(panel: Panel, school: School) -> None:
    boss = deputy()
    whole = school.assignment.study_group
    assert panel.get(boss, f"/admin/studygroup/members/?id={whole.id}").status_code == 404
    answer = panel.post(
        boss, "/admin/studygroupmember/new/",
        {"study_group": str(whole.id), "student": str(school.student.id), "starts_on": "2026-10-12"},
    )  # fmt: skip
    assert errors(answer)["study_group"] == "Choose one from the list."


def test_a_class_teacher_reads_groups_and_enrolments(panel: Panel, school: School, part: StudyGroup) -> None:
    leader = led(school)
    enrollment = db.session.scalars(select(Enrollment)).one()
    assert "Английский 1" in panel.page(leader, f"/admin/studygroup/details/?id={part.id}")
    assert panel.get(leader, f"/admin/studygroup/members/?id={part.id}").status_code == 403
    assert panel.get(leader, "/admin/enrollment/new/").status_code == 403
    assert panel.post(leader, f"/admin/enrollment/edit/?id={enrollment.id}", starts_on="2026-09-01").status_code == 403
    assert enrollment.starts_on == DAY


def test_days_of_an_enrolment_are_in_order_and_in_the_year(panel: Panel, school: School) -> None:
    boss, enrollment = deputy(), db.session.scalars(select(Enrollment)).one()
    path = f"/admin/enrollment/edit/?id={enrollment.id}"
    for starts_on, ends_on, field in (
        ("2026-10-02", "2026-10-01", "ends_on"),
        ("2026-08-31", "", "starts_on"),
        ("2026-10-01", "2027-06-01", "ends_on"),
        ("0001-01-01", "9999-12-31", "starts_on"),
        ("", "2026-10-05", "starts_on"),
        ("вчера", "", "starts_on"),
    ):
        answer = panel.post(boss, path, starts_on=starts_on, ends_on=ends_on)
        assert field in errors(answer), (starts_on, ends_on)
        assert fields(answer)["ends_on"] == ends_on
    assert panel.post(boss, path, starts_on="2026-09-01", ends_on="2026-10-05").status_code == 302
    assert (enrollment.starts_on, enrollment.ends_on) == (day(9, 1), day(10, 5))


def test_a_student_is_in_one_class_at_a_time(panel: Panel, school: School) -> None:
    new = {"student": str(school.student.id), "school_class": str(second_class(school).id), "starts_on": "2026-10-12"}
    answer = panel.post(deputy(), "/admin/enrollment/new/", new)
    assert "end the earlier enrolment first" in text(answer) or "such a record already" in text(answer)
    assert len(school.student.enrollments) == 1


def test_days_of_a_member_are_in_order(panel: Panel, school: School, part: StudyGroup) -> None:
    boss = deputy()
    row = written(StudyGroupMember(study_group=part, student=school.student, starts_on=DAY))
    path = f"/admin/studygroupmember/edit/?id={row.id}"
    assert "ends_on" in errors(panel.post(boss, path, starts_on="2026-10-05", ends_on="2026-10-04"))
    assert panel.post(boss, path, starts_on="2026-10-05", ends_on="2026-10-05").status_code == 302
    db.session.refresh(row)
    assert row.ends_on == day(10, 5)
