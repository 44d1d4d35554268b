"""Locking a term: what is missing stands before the button, opening needs a reason, both are remembered."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook

from app import regulation
from app.extensions import db
from app.models import AuditRecord, Lesson, Mark, StudyGroup, StudyGroupMember, Term, Work
from app.models.journal import NUMBERS
from app.regulation import RegulationError
from tests.final_marks import classmate, final, quarter, taught
from tests.school import School
from tests.school_panel import Panel, counted, deputy, written
from tests.visitor import text

FIVE = list(NUMBERS)[-1]


@pytest.fixture
def term(school: School) -> Term:
    return quarter(school)


def page(term: Term) -> str:
    return f"/admin/term/lock/?id={term.id}"


def test_the_list_of_terms_leads_to_the_page_and_the_form_no_longer_locks(panel: Panel, term: Term) -> None:
    boss = deputy()
    answer = panel.get(boss, "/admin/term/")
    assert f'href="/admin/term/lock/?id={term.id}"' in answer.text
    assert 'value="lock"' not in answer.text
    assert 'name="is_locked"' not in panel.get(boss, f"/admin/term/edit/?id={term.id}").text


def test_what_is_missing_is_told_by_class_subject_and_teacher(panel: Panel, school: School, term: Term) -> None:
    classmate(school, "Второй")
    db.session.add(final(school, term, FIVE))
    db.session.commit()
    shown = panel.page(deputy(), page(term))
    assert "1 final marks missing" in shown
    assert "1 lessons without topic" in shown
    assert "1 works without marks" in shown
    assert "Алгебра 5А Орлова Вера 1 1 1" in shown
    school.lesson.topic = "Дроби"
    db.session.add(Mark(work=school.work, student=school.student, value=5))
    db.session.commit()
    assert "Алгебра 5А Орлова Вера 1 " in panel.page(deputy("Вторая"), page(term))


def test_only_members_of_a_part_and_students_of_the_day_are_due(panel: Panel, school: School, term: Term) -> None:
    part = written(StudyGroup(school_class=school.school_class, name="англ. 1"))
    taught(school, "Английский", group=part)
    second = classmate(school, "Второй")
    classmate(school, "Ушедший", until=date(2026, 10, 5))
    written(StudyGroupMember(study_group=part, student=second, starts_on=date(2026, 10, 1)))
    shown = panel.page(deputy(), page(term))
    assert "Алгебра 5А Орлова Вера 2 1 1" in shown
    assert "Английский 5А англ. 1 Орлова Вера 1 " in shown


@pytest.mark.parametrize(("grade", "due"), [(1, False), (2, False), (3, True)])
def test_without_marks_no_final_mark_is_missing(
    panel: Panel, school: School, term: Term, grade: int, due: bool
) -> None:
    school.school_class.grade = grade
    db.session.commit()
    assert ("0 final marks missing" not in panel.page(deputy(), page(term))) is due


def test_locking_and_opening_with_a_reason_are_remembered(panel: Panel, school: School, term: Term) -> None:
    boss = deputy()
    assert panel.post(boss, page(term), turn="lock").status_code == 302
    assert db.session.get_one(Term, term.id).is_locked
    answer = panel.post(boss, page(term), turn="unlock", reason="  ")
    assert "Say why the term is opened again" in text(answer)
    assert "too long" in text(panel.post(boss, page(term), turn="unlock", reason="я" * 201))
    assert db.session.get_one(Term, term.id).is_locked
    assert panel.post(boss, page(term), turn="unlock", reason="Ошибка в отметке").status_code == 302
    term = db.session.get_one(Term, term.id)
    assert (term.is_locked, term.unlock_reason) == (False, "Ошибка в отметке")
    shown = panel.page(boss, page(term))
    assert "opened · Завучева Ольга: Ошибка в отметке" in shown
    assert "locked · Завучева Ольга" in shown
    panel.post(boss, page(term), turn="lock")
    assert db.session.get_one(Term, term.id).unlock_reason == ""
    assert db.session.query(AuditRecord).filter_by(model="Term", action="change").count() == 3


def test_a_button_pressed_twice_turns_once(panel: Panel, term: Term) -> None:
    boss = deputy()
    panel.post(boss, page(term), turn="lock")
    panel.post(boss, page(term), turn="lock")
    assert db.session.query(AuditRecord).filter_by(model="Term", action="change").count() == 1


def test_no_path_opens_a_term_without_a_reason(school: School, term: Term) -> None:
    term.is_locked = True
    db.session.commit()
    term.is_locked = False
    with pytest.raises(RegulationError) as error:
        db.session.commit()
    assert error.value.message is regulation.OPENED_WITHOUT_REASON
    db.session.rollback()
    term.is_locked, term.unlock_reason = False, "Ошибка"
    db.session.commit()
    term.is_locked = True
    db.session.commit()
    assert term.unlock_reason == ""


def test_others_look_at_no_such_page(panel: Panel, school: School, term: Term) -> None:
    assert panel.get(school.teacher, page(term)).status_code == 403
    assert panel.post(school.teacher, page(term), turn="lock").status_code == 403
    assert panel.get(school.teacher, f"/admin/term/lock/export/?id={term.id}").status_code == 403
    assert "/lock/" not in panel.get(school.teacher, "/admin/term/").text
    boss = deputy()
    for number in ("", "0", "-1", "x", "999999", "99999999999999999999"):
        assert panel.get(boss, f"/admin/term/lock/?id={number}").status_code == 404


def test_what_is_missing_goes_into_a_spreadsheet(panel: Panel, school: School, term: Term) -> None:
    answer = panel.get(deputy(), f"/admin/term/lock/export/?id={term.id}")
    rows = list(load_workbook(BytesIO(answer.data)).active.values)
    assert rows[1] == ("5А", "Алгебра", "5А", "Орлова Вера", 1, 1, 1)


def test_many_journals_cost_no_more_statements(panel: Panel, school: School, term: Term) -> None:
    boss, path = deputy(), page(term)

    def statements() -> int:
        with counted() as seen:
            panel.get(boss, path)
        return len(seen)

    few = statements()
    for number in range(5):
        held = taught(school, f"Предмет {number}")
        written(Work(lesson=Lesson(assignment=held, date=date(2026, 9, 2), number=number + 1)))
    assert statements() == few
