"""Exported lists are safe to open: what begins like a formula is text, and nothing breaks out of its cell."""

from __future__ import annotations

import csv
import io

from openpyxl import load_workbook

from app.extensions import db
from app.models import Enrollment, Guardianship, Student, User
from tests.school import DAY, School
from tests.school_panel import Panel, deputy, written

NASTY = ('=HYPERLINK("http://x","a")', "+7", "-1+2", "@SUM(A1)", 'К;а,в"ычка', "Стро\nка", "\tТаб", "<b>Жирный</b>")


def fill(school: School) -> None:
    for name in NASTY:
        student = Student(family_name=name, given_name="Ян", address=name)
        db.session.add(Enrollment(student=student, school_class=school.school_class, starts_on=DAY))
        person = User(family_name=name, given_name="Ия", phone="+79123456789")
        db.session.add(Guardianship(student=student, user=person))
    db.session.commit()


def test_csv_opens_as_text(panel: Panel, school: School) -> None:
    boss = deputy()
    fill(school)
    for screen in ("student", "guardianship", "user", "enrollment"):
        answer = panel.get(boss, f"/admin/{screen}/export/csv/")
        assert answer.status_code == 200
        rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=";"))
        assert len({len(row) for row in rows}) == 1
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]
        text = {cell.removeprefix("'") for row in rows for cell in row}
        for name in NASTY:
            assert any(name in cell for cell in text), (screen, name)


def test_xlsx_holds_text_and_dates(panel: Panel, school: School) -> None:
    boss = deputy()
    fill(school)
    for screen in ("student", "guardianship", "user", "enrollment"):
        answer = panel.get(boss, f"/admin/{screen}/export/xlsx/")
        sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f"]
        values = {str(cell.value) for cell in cells}
        for name in NASTY:
            assert any(name in value for value in values), (screen, name)
    student = panel.get(boss, "/admin/student/export/xlsx/?search=пётр")
    row = list(load_workbook(io.BytesIO(student.data)).worksheets[0].iter_rows(values_only=True))[1]
    assert row[:4] == ("Семёнов", "Пётр", None, "5А")
    assert str(row[4])[:10] == "2015-03-02"


def test_a_teacher_exports_names_only(panel: Panel, school: School) -> None:
    written(Guardianship(student=school.student, user=User(family_name="Мамина", given_name="Ия")))
    school.student.address = "Садовая"
    db.session.commit()
    answer = panel.get(school.teacher, "/admin/student/export/csv/")
    assert answer.data.decode("utf-8-sig").splitlines() == [
        "Family name;Given name;Patronymic;Class", "Семёнов;Пётр;;5А",
    ]  # fmt: skip
