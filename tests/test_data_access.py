"""Looks at personal data are noted once a day, for whoever is neither the person nor the family."""

from __future__ import annotations

from contextlib import closing

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin_views.looks import OTHERS
from app.extensions import begin_writing, db
from app.models import DataAccess, Guardianship, Message, Student, Thread, ThreadMember, ThreadReport, User
from app.reports import student_sheets
from tests.school import School
from tests.school_panel import NOW, TODAY, Panel, deputy, led, written
from tests.visitor import person


@pytest.fixture
def boss(app: Flask) -> User:
    return deputy()


def looks() -> list[tuple[str, int, str]]:
    """What was noted, in order."""
    db.session.rollback()
    rows = db.session.execute(select(DataAccess.model, DataAccess.object_id, DataAccess.what).order_by(DataAccess.id))
    return [(model, number, what) for model, number, what in rows]


def test_a_look_is_noted_once_a_day_each_way(panel: Panel, school: School, boss: User) -> None:
    number = school.student.id
    for _again in range(2):
        panel.page(boss, f"/admin/student/details/?id={number}")
        panel.page(boss, f"/admin/student/edit/?id={number}")
    panel.post(boss, f"/admin/student/edit/?id={number}", family_name="")
    panel.page(boss, "/admin/student/")
    panel.get(boss, "/admin/student/export/csv/")
    panel.get(boss, "/admin/student/details/?id=999")
    assert looks() == [
        ("Student", number, "details"), ("Student", number, "edit"), ("Student", 0, "list"), ("Student", 0, "export"),
    ]  # fmt: skip
    row = db.session.scalars(select(DataAccess).limit(1)).one()
    assert (row.user_id, row.day) == (boss.id, TODAY)


def test_a_parents_page_is_a_look_at_the_parent(panel: Panel, school: School, boss: User) -> None:
    mother = person("mother")
    tie = written(Guardianship(user=mother, student=school.student))
    panel.page(boss, f"/admin/guardianship/details/?id={tie.id}")
    panel.page(boss, f"/admin/user/details/?id={mother.id}")
    panel.page(boss, f"/admin/user/details/?id={boss.id}")
    assert looks() == [("User", mother.id, "Guardianship details"), ("User", mother.id, "details")]


def test_a_teacher_who_looks_at_the_own_child_is_not_noted(panel: Panel, school: School) -> None:
    teacher = led(school)
    other = written(Student(family_name="Чужой", given_name="Иван"))
    written(Guardianship(user=teacher, student=school.student))
    panel.page(teacher, f"/admin/student/details/?id={school.student.id}")
    assert looks() == []
    assert panel.get(teacher, f"/admin/student/details/?id={other.id}").status_code == 302
    assert looks() == []


def test_reports_slips_and_access_are_noted(panel: Panel, school: School, boss: User) -> None:
    mother = person("mother", password=None)
    written(Guardianship(user=mother, student=school.student))
    sheet, number = next(iter(student_sheets.REPORTS)).key, school.student.id
    panel.page(boss, "/admin/reports/classes/")
    panel.page(boss, f"/admin/reports/{sheet}/?class={school.school_class.id}&student={number}")
    panel.post(boss, "/admin/access/preview?of=user", rowid=str(mother.id))
    panel.get(boss, f"/admin/access/slips?person={mother.id}")
    assert looks() == [
        ("Student", 0, "report classes"), ("Student", number, f"report {sheet}"),
        ("User", 0, "access"), ("User", 0, "slips"),
    ]  # fmt: skip


def test_a_conversation_of_others_is_noted(panel: Panel, school: School, boss: User) -> None:
    mother = person("mother")
    thread = Thread(subject="Вопрос", started_by=mother)
    own = Thread(subject="Ответ", started_by=boss)
    db.session.add_all([
        thread, ThreadMember(thread=thread, user=mother), Message(thread=thread, author=mother, body="Здравствуйте"),
        own, ThreadMember(thread=own, user=boss), Message(thread=own, author=boss, body="Здравствуйте"),
    ])  # fmt: skip
    db.session.add(ThreadReport(thread=thread, reported_by=mother, reason="Грубость", opened_by=boss, opened_at=NOW))
    db.session.commit()
    panel.page(boss, f"/admin/messages/{thread.id}/")
    panel.page(boss, f"/admin/messages/{own.id}/")
    assert looks() == [("Thread", thread.id, "messages")]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_waits_for_the_note_when_the_database_is_busy(panel: Panel, school: School, boss: User) -> None:
    number = school.student.id
    db.session.commit()
    with closing(Session(db.engine)) as writer:
        begin_writing(writer)
        panel.page(boss, f"/admin/student/details/?id={number}")
        writer.rollback()
    assert looks() == []
    panel.page(boss, f"/admin/student/details/?id={number}")
    assert looks() == [("Student", number, "details")]


def test_the_deputy_director_reads_who_looked_at_whom(panel: Panel, school: School, boss: User) -> None:
    teacher, number = led(school), school.student.id
    assert "Who looked" not in panel.page(teacher, f"/admin/student/details/?id={number}")
    page = panel.get(boss, f"/admin/student/details/?id={number}").text
    assert f"/admin/dataaccess/?flt1_model=Student&amp;flt2_object={number}" in page
    listed = panel.page(boss, f"/admin/dataaccess/?model=Student&object={number}")
    assert "Орлова Вера" in listed
    assert "Семёнов Пётр" in listed
    assert "the page" in listed
    assert "Nothing found" in panel.page(boss, f"/admin/dataaccess/?who={teacher.id}&from=2027-01-01")
    exported = panel.get(boss, "/admin/dataaccess/export/csv/").get_data(as_text=True)
    assert "Орлова Вера" in exported
    assert "Семёнов Пётр" in exported
    own = panel.page(teacher, "/admin/dataaccess/")
    assert "Завучева" not in own
    assert "Семёнов Пётр" in own


def test_pages_that_are_noted_exist(app: Flask) -> None:
    assert set(OTHERS) <= set(app.view_functions)
