"""The rows of a list that were not taken whole, as a spreadsheet to correct and import again."""

from __future__ import annotations

import io
from collections import defaultdict
from datetime import date, datetime
from typing import cast

from flask_babel import lazy_gettext
from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from app.imports.outcome import Plan
from app.imports.table import Cell, Table, text_of

REASON = lazy_gettext("Reason")


def corrections(table: Table, plan: Plan) -> bytes:
    """An xlsx with every row from which something was left out, its columns as in the file, and the reasons.

    Texts stay texts, also those that begin with = + - @. Rows keep the order of the file.
    """
    reasons: dict[int, list[str]] = defaultdict(list)
    for problem in plan.to_correct():
        reasons[problem.row].append(f"{problem.column}: {problem.reason}" if problem.column else str(problem.reason))
    book = Workbook()
    sheet = book.worksheets[0]
    headings = [column.heading for column in table.columns] + [str(REASON)]
    places = [column.index for column in table.columns]
    for at, heading in enumerate(headings, start=1):
        _put(cast(SheetCell, sheet.cell(1, at)), heading)
        sheet.cell(1, at).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(at)].width = 40 if at == len(headings) else 20
    for number, row in enumerate((row for row in table.rows if row.number in reasons), start=2):
        for at, cell in enumerate([*(row.cells[place] for place in places), "; ".join(reasons[row.number])], start=1):
            _put(cast(SheetCell, sheet.cell(number, at)), cell)
    sheet.freeze_panes = "A2"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _put(target: SheetCell, value: Cell) -> None:
    if isinstance(value, str):
        target.value = text_of(value)
        target.data_type = "s"  # openpyxl takes a text that begins with = for a formula
        target.number_format = "@"
        target.quotePrefix = True  # and a spreadsheet program does when the cell is edited
        return
    target.value = value
    if isinstance(value, date | datetime):
        target.number_format = "DD.MM.YYYY"
