"""The pages of undo: what was deleted, what will be written, what stands in the way, and one button."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import AuditRecord, Enrollment, Guardianship, Mark, Student, Undoing, User
from tests.journal_page import JournalPage, journal_page
from tests.school import School
from tests.school_panel import Panel, deputy, led, written

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def page(panel: Panel, school: School) -> JournalPage:
    return journal_page(panel, school)


def record(model: str, action: str = "delete") -> int:
    which = (AuditRecord.model == model, AuditRecord.action == action)
    return db.session.scalars(select(AuditRecord.id).where(*which).order_by(AuditRecord.id.desc())).first() or 0


def test_a_student_is_deleted_found_looked_at_and_brought_back(panel: Panel, school: School) -> None:
    chief, number = deputy(), school.student.id
    assert panel.post(chief, "/admin/student/delete/", id=number).status_code == 302
    assert "Семёнов Пётр" in panel.page(chief, "/admin/deleted/")
    assert "Семёнов Пётр" in panel.page(chief, "/admin/deleted/?kind=Enrollment")
    assert "Nothing of this" in panel.page(chief, "/admin/deleted/?kind=NewsItem")
    address = f"/admin/deleted/{record('Student')}/?all=1"
    shown = panel.page(chief, address)
    assert "3 records will be written" in shown
    assert "2015" in shown
    assert db.session.scalars(select(Student)).all() == []  # looked at, and not written
    back = panel.post(chief, address)
    assert back.headers["Location"].endswith(f"/admin/student/details/?id={number}")
    assert [row.student_id for row in db.session.scalars(select(Enrollment))] == [number]
    assert "This was undone already." in panel.page(chief, address)
    assert "Nothing of this" in panel.page(chief, "/admin/deleted/")


def test_the_record_of_a_change_leads_to_its_undo(panel: Panel, school: School) -> None:
    chief, number = deputy(), school.student.id
    names = {"family_name": "Семёнов", "given_name": "Павел", "birth_date": "2015-03-02"}
    panel.post(chief, f"/admin/student/edit/?id={number}", names)
    details = panel.get(chief, f"/admin/auditrecord/details/?id={record('Student', 'change')}")
    address = re.search(r'href="(/admin/deleted/\d+/)"', details.text)
    assert address
    page = panel.get(chief, address[1])
    assert "Павел → Пётр" in page.text
    seen = re.search(r'name="seen" value="(\w+)"', page.text)
    assert seen
    student = db.session.get_one(Student, number)
    student.given_name = "Платон"
    db.session.commit()
    panel.post(chief, address[1], seen=seen[1])
    assert db.session.get_one(Student, number, populate_existing=True).given_name == "Платон"  # not what was looked at
    asked = panel.get(chief, address[1])
    assert "changed later" in asked.text
    assert "Put back all the same" in asked.text
    seen = re.search(r'name="seen" value="(\w+)"', asked.text)
    assert seen
    assert panel.post(chief, address[1], seen=seen[1]).status_code == 302
    assert db.session.get_one(Student, number, populate_existing=True).given_name == "Пётр"


def test_what_the_regulation_says_stands_on_the_page_before_anybody_asks(page: JournalPage) -> None:
    (saved,) = page.edit(page.mark("5"))
    page.edit({**page.mark(""), "version": saved["version"]})
    page.term.is_locked = True
    db.session.commit()
    address = f"/admin/deleted/{record('Mark')}/"
    shown = page.panel.get(page.school.teacher, address)
    assert "The term is locked" in shown.text
    assert 'class="button">Bring back' not in shown.text
    page.panel.post(page.school.teacher, address)
    assert db.session.scalars(select(Mark)).all() == []
    page.term.is_locked, page.term.unlock_reason = False, "ошибка"
    db.session.commit()
    assert page.panel.post(page.school.teacher, address).status_code == 302
    assert page.marks() == [5]


def test_what_is_gone_is_named_with_the_way_to_bring_it_back(panel: Panel, school: School) -> None:
    chief = deputy()
    mother = written(User(family_name="Семёнова", given_name="Анна"))
    tie = written(Guardianship(user=mother, student=school.student))
    panel.post(chief, "/admin/guardianship/delete/", id=tie.id)
    first = record("Guardianship")
    db.session.connection().execute(AuditRecord.__table__.update().values(unit="1"))
    db.session.commit()
    panel.post(chief, "/admin/student/delete/", id=school.student.id)
    shown = panel.get(chief, f"/admin/deleted/{first}/")
    assert f"/admin/deleted/{record('Student')}/" in shown.text
    assert "was deleted too" in shown.text


def test_others_are_refused_and_strangers_find_nothing(panel: Panel, school: School) -> None:
    chief, guardian = deputy(), written(User(family_name="Чужая", given_name="Анна"))
    leader = led(school)
    panel.post(chief, "/admin/student/delete/", id=school.student.id)
    address = f"/admin/deleted/{record('Student')}/"
    assert panel.get(guardian, address).status_code == 403
    assert panel.get(guardian, "/admin/deleted/").status_code == 403
    assert panel.get(leader, address).status_code == 404  # not in the class any more
    assert panel.post(leader, address).status_code == 404
    for wrong in ("999999", "99999999999999999999", "0"):
        assert panel.get(chief, f"/admin/deleted/{wrong}/").status_code == 404
    assert db.session.scalars(select(Undoing)).all() == []
