"""A report as a spreadsheet: it looks like a document, its totals compute, and what people typed computes nothing."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from app.reports.columns import cells, columns, shown
from app.reports.document import Column, Document, Kind, Linked, Table, Total
from app.reports.figures import Counts, added
from app.reports.sheets import xlsx
from app.reports.totals import computed
from tests.reported import report, reported_school
from tests.school import School
from tests.school_panel import Panel, deputy

CLASSES = {"5А": Counts(5, 10, 8, 1, 0, 1), "5Б": Counts(3, 7, 9, 2, 1), "5В": Counts(passed=4)}
OFFICE = shutil.which("soffice")


@pytest.fixture
def context() -> Iterator[None]:
    """Enough of an application to write figures and moments in English."""
    bare = Flask("reports")
    Babel(bare)
    with bare.test_request_context():
        yield


def figures() -> Document:
    names = shown(CLASSES.values())
    rows = [[Linked(name, "/there"), *cells(counts, names)] for name, counts in CLASSES.items()]
    table = Table([Column("Class"), *columns(names)], rows, total="School")
    made = datetime(2026, 10, 12, 9, tzinfo=UTC)
    return Document(
        "Results by classes", [table], made, ["School № 7", "2026/2027"], ["Deputy director"], True, ["A note."]
    )


def opened(document: Document) -> Worksheet:
    sheet = load_workbook(io.BytesIO(xlsx(document))).active
    assert isinstance(sheet, Worksheet)
    return sheet


def value_of(sheet: Worksheet, place: str) -> Any:
    """What a cell is or computes: enough of a spreadsheet for the formulas of reports."""
    value = sheet[place].value
    if not (isinstance(value, str) and value.startswith("=") and sheet[place].data_type == "f"):
        return value
    formula = re.fullmatch(r'=IFERROR\((.*),""\)', value)
    assert formula, value
    text = re.sub(r"([A-Z]+)(\d+):[A-Z]+(\d+)", lambda found: ",".join(
        f"{found[1]}{row}" for row in range(int(found[2]), int(found[3]) + 1)), formula[1])  # fmt: skip
    known = {cell: value_of(sheet, cell) for cell in re.findall(r"[A-Z]+\d+", text)}
    return computed(text, known)


def row_of(sheet: Worksheet, first: str) -> int:
    return next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == first)


def test_formulas_give_the_figures_of_the_report(context: None) -> None:
    sheet, document = opened(figures()), figures()
    expected = dict(zip(CLASSES, [row[1:] for row in document.tables[0].rows], strict=True))
    names = shown(CLASSES.values())
    expected["School"] = cells(added(CLASSES.values()), names)
    letters = [get_column_letter(column) for column in range(2, len(names) + 7)]
    for name, values in expected.items():
        found = [value_of(sheet, f"{letter}{row_of(sheet, name)}") for letter in letters]
        assert found == [None if value is None else pytest.approx(value) for value in values]
    assert sheet[f"B{row_of(sheet, 'School')}"].value == '=IFERROR(SUM(B7:B9),"")'


def test_it_is_ready_for_a4(context: None) -> None:
    sheet = opened(figures())
    assert sheet["A1"].value == "Results by classes"
    assert [sheet.cell(row, 1).value for row in (2, 3)] == ["School № 7", "2026/2027"]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows == "$5:$6"
    assert sheet.freeze_panes == "B7"
    assert sheet.print_area.startswith("'Results by classes'!$A$1:")
    merged = {str(cells) for cells in sheet.merged_cells.ranges}
    assert {"A5:A6", "B5:H5"} <= merged  # heads: «Class» over two rows, the group over its columns
    assert sheet["B6"].border.left.style == "thin"
    assert sheet[f"J{row_of(sheet, '5А')}"].number_format == "0.0"
    assert any("Deputy director  ___" in str(sheet.cell(row, 1).value) for row in range(1, sheet.max_row + 1))


def test_what_people_typed_never_computes(context: None) -> None:
    rows = [["=1+1", "@SUM(A1)", date(2026, 10, 1)], ["+7", "-2\x00", None]]
    table = Table([Column("=cmd|' /C calc'!A0"), Column("B"), Column("Day", Kind.DAY)], rows, "=2+2", note="=3+3")
    document = Document("=4+4", [table], datetime(2026, 10, 12, tzinfo=UTC), ["=5+5"], notes=["=6+6"])
    sheet = opened(document)
    typed = [cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert len(typed) >= 10
    assert {cell.data_type for cell in typed} == {"s"}


def test_a_table_without_rows_and_a_document_without_tables_can_be_opened(context: None) -> None:
    made = datetime(2026, 10, 12, tzinfo=UTC)
    empty = Table([Column("Class"), Column("5", Kind.WHOLE, "n5", total=Total.SUM)], [], "Nothing", "School")
    assert opened(Document("Empty", [empty], made)).title == "Empty"
    assert opened(Document("Nothing at all", [], made)).title == "Nothing at all"


def test_the_panel_gives_the_report_that_stands_on_the_page(panel: Panel, school: School) -> None:
    reported_school(school)
    answer = panel.get(deputy(), "/admin/reports/classes/xlsx")
    assert answer.headers["Content-Disposition"] == "attachment; filename=classes_2026-10-12.xlsx"
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert isinstance(sheet, Worksheet)
    last = row_of(sheet, "School")
    assert value_of(sheet, f"G{last}") == 7
    assert value_of(sheet, f"H{last}") == pytest.approx(600 / 7)


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not on this machine")
def test_libreoffice_computes_the_same_and_prints_it(context: None, tmp_path: Path) -> None:
    (tmp_path / "report.xlsx").write_bytes(xlsx(figures()))
    for kind in ("csv", "pdf"):
        subprocess.run(  # noqa: S603
            [str(OFFICE), f"-env:UserInstallation=file://{tmp_path}/office", "--headless", "--convert-to", kind,
             "report.xlsx"], cwd=tmp_path, check=True, capture_output=True, timeout=120,
        )  # fmt: skip
    lines = list(csv.reader((tmp_path / "report.csv").open(encoding="utf-8")))
    total = next(line for line in lines if line[0] == "School")
    counts = added(CLASSES.values())
    assert total[1:7] == ["8", "17", "17", "3", "1", "1"]
    found = [float(figure.replace(",", ".")) for figure in total[8:]]
    expected = [counts.n, counts.success, counts.quality, counts.mastery, counts.average]
    assert found == [pytest.approx(figure, abs=0.05) for figure in expected]
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_every_report_can_be_a_spreadsheet(school: School) -> None:
    known = reported_school(school)
    zavuch = deputy()
    for key in ("terms", "students", "failing", "at-risk"):
        assert opened(report(zavuch, key)).max_row > 3
    assert opened(report(zavuch, "subject", subject=known.history.subject_id)).max_row > 3
