"""The papers on the panel: on the screen and as a spreadsheet that computes, for whom they are; nothing for others."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from app.extensions import db
from tests.reported import Reported, reported_school
from tests.school import School
from tests.school_panel import HOSTILE, Panel, deputy, led

REPORTS = "/admin/reports/"


@pytest.fixture
def known(school: School) -> Reported:
    return reported_school(school)


def addresses(known: Reported) -> dict[str, str]:
    """Of each paper, of 5А."""
    number = known.school.school_class.id
    return {
        "attendance": "", "filling": "", "deputy": "", "class-teacher": f"class={number}", "summary": f"class={number}",
        "student": f"class={number}", "journal": f"class={number}&assignment={known.school.assignment.id}",
    }  # fmt: skip


def test_every_paper_opens_on_the_screen_and_as_a_spreadsheet(panel: Panel, known: Reported) -> None:
    zavuch = deputy()
    formulas = {}
    for key, query in addresses(known).items():
        assert "As of 12 Oct" in panel.page(zavuch, f"{REPORTS}{key}/?{query}")
        answer = panel.get(zavuch, f"{REPORTS}{key}/xlsx?{query}")
        book = load_workbook(io.BytesIO(answer.data))
        cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
        formulas[key] = sum(value.startswith("=") for value in cells)
        assert any("Семёнов" in value for value in cells) is (key in ("summary", "student", "journal", "class-teacher"))
    assert all(formulas[key] for key in formulas if key != "journal"), formulas


def test_a_class_teacher_gets_404_for_another_class(panel: Panel, known: Reported) -> None:
    leader, other = led(known.school), known.other_class.id
    for key in ("attendance", "filling", "class-teacher", "summary", "student", "journal"):
        assert panel.get(leader, f"{REPORTS}{key}/?whose=led&class={other}").status_code == 404, key
        assert panel.get(leader, f"{REPORTS}{key}/xlsx?whose=led&class={other}").status_code == 404, key
    assert panel.get(leader, f"{REPORTS}deputy/").status_code == 404


def test_a_teacher_sees_no_student_of_a_class_they_do_not_teach(panel: Panel, known: Reported) -> None:
    number = known.school.school_class.id
    for key in ("attendance", "class-teacher", "summary", "student", "deputy"):
        assert panel.get(known.school.teacher, f"{REPORTS}{key}/?class={number}").status_code == 404, key
    page = panel.page(known.school.teacher, f"{REPORTS}filling/")
    assert "История" not in page
    history = f"{REPORTS}journal/?class={number}&assignment={known.history.id}"
    assert "Семёнов" not in panel.get(known.school.teacher, history).text
    assert "Юдин" not in panel.page(known.school.teacher, f"{REPORTS}journal/?class={number}"
                                    f"&assignment={known.school.assignment.id}")  # fmt: skip


def test_the_class_sheet_leads_to_its_paper(panel: Panel, known: Reported) -> None:
    number, of_b = known.school.school_class.id, known.other_class.id
    paper = f"/admin/reports/summary/?class={number}"
    assert paper in panel.get(deputy(), f"/admin/sheet/{number}/").text
    leader = led(known.school)
    assert paper in panel.get(leader, f"/admin/sheet/{number}/").text
    known.algebra_of_b.teacher = leader
    db.session.commit()
    assert "/admin/reports/summary/" not in panel.get(leader, f"/admin/sheet/{of_b}/").text


def test_nothing_asked_breaks_a_paper(panel: Panel, known: Reported) -> None:
    zavuch, values = deputy(), iter(HOSTILE * 2)
    for key in addresses(known):
        for name in ("class", "period"):
            answer = panel.get(zavuch, f"{REPORTS}{key}/?{name}={next(values)[:200]}".replace("#", ""))
            assert answer.status_code in (200, 400, 404), (key, name)
