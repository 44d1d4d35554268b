"""A document as a spreadsheet that looks like one: heads, borders, widths, totals as formulas, ready for A4."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from flask_babel import format_datetime, gettext
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from app.reports.document import Column, Document, Kind, Linked, Table, Total
from app.reports.values import said
from app.spreadsheet import sheet_name

FACE = "Calibri"
BOLD = Font(name=FACE, size=11, bold=True)
THIN = Side(style="thin", color="FF808080")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
SHADE = PatternFill("solid", fgColor="FFEDEFF2")
NUMBERS = {
    Kind.WHOLE: "0",
    Kind.PERCENT: "0.0",
    Kind.AVERAGE: "0.00",
    Kind.CHANGE: "+0.0;-0.0;0.0",
    Kind.DAY: "dd.mm.yyyy",
}
LEFT, CENTRE, RIGHT = "left", "center", "right"
NARROWEST, WIDEST = 6, 48


def xlsx(document: Document) -> bytes:
    """A sheet for the document and for each that follows it; one for each table where they stand apart."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for each in (document, *document.following):
        for part in _parts(each):
            _fill(book.create_sheet(sheet_name(part.name or part.title)), part)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _parts(document: Document) -> list[Document]:
    if not document.is_apart or len(document.tables) < 2:
        return [document]
    return [
        replace(
            document, tables=[replace(table, caption="")], title=f"{document.title}: {table.caption}",
            name=table.caption,
        )
        for table in document.tables
    ]  # fmt: skip


def _fill(sheet: Worksheet, document: Document) -> None:
    _widths(sheet, document)
    across = max((len(table.columns) for table in document.tables), default=1)
    _lines(sheet, document, across)
    for table in document.tables:
        _table(sheet, table, is_only=len(document.tables) == 1)
    _ending(sheet, document, across)
    _page(sheet, document, across)


def _put(sheet: Worksheet, row: int, column: int, value: Any, **look: Any) -> Any:
    """Write a cell; text is text, whatever it begins with."""
    cell: Any = sheet.cell(row, column)
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None)
    if value is None or isinstance(value, int | float | date):
        cell.value = value
    else:
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", str(value))
        cell.data_type = "s"
    for name, part in look.items():
        setattr(cell, name, part)
    return cell


def _compute(sheet: Worksheet, row: int, column: int, formula: str, **look: Any) -> None:
    """Write a formula of our own."""
    _put(sheet, row, column, None, **look).value = f'=IFERROR({formula},"")'


def _lines(sheet: Worksheet, document: Document, across: int) -> None:
    _wide(sheet, document.title, across, font=Font(name=FACE, bold=True, size=14))
    for line in document.lines:
        _wide(sheet, line, across)


def _wide(sheet: Worksheet, text: str, across: int, **look: Any) -> None:
    """A line over all columns, wrapped; as high as its text needs."""
    row = _next(sheet)
    look.setdefault("alignment", Alignment(wrap_text=True, vertical="top"))
    _put(sheet, row, 1, text, **look)
    if across > 1:
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=across)
    room = sum(sheet.column_dimensions[get_column_letter(index + 1)].width for index in range(across))
    lines = -(-len(text) * (1.4 if look.get("font") else 1) // max(room, 1))
    sheet.row_dimensions[row].height = (19 if look.get("font") else 15) * max(1, lines)


def _next(sheet: Worksheet) -> int:
    return 1 if sheet.max_row == 1 and sheet["A1"].value is None else sheet.max_row + 1


def _table(sheet: Worksheet, table: Table, *, is_only: bool) -> None:
    row = _next(sheet) + 1
    if table.caption:
        _put(sheet, row, 1, table.caption, font=Font(name=FACE, bold=True, size=12))
        row += 1
    head = row
    row = _head(sheet, table.columns, row)
    first = row
    for values in table.rows:
        letters = _letters(table.columns, row)
        for index, (column, value) in enumerate(zip(table.columns, values, strict=True), 1):
            look = _look(column)
            if column.formula and value is not None:
                _compute(sheet, row, index, column.formula.format(**letters), **look)
            else:
                _put(sheet, row, index, value, **look)
        row += 1
    if table.total and table.rows:
        _totals(sheet, table, first, row)
        row += 1
    row = _below(sheet, table, first, row)
    if table.note:
        _put(sheet, row, 1, table.note, font=Font(name=FACE, size=11, italic=True))
    if is_only:
        sheet.print_title_rows = f"{head}:{first - 1}"
        sheet.freeze_panes = f"B{first}"


def _letters(columns: Sequence[Column], row: int) -> dict[str, str]:
    """Where the value of each key stands in the row."""
    return {each.key: f"{get_column_letter(index)}{row}" for index, each in enumerate(columns, 1) if each.key}


def _look(column: Column) -> dict[str, Any]:
    aligned = CENTRE if column.kind is Kind.MARK else RIGHT if column.kind in NUMBERS else LEFT
    look: dict[str, Any] = {
        "border": BOX,
        "alignment": Alignment(horizontal=aligned, vertical="top", wrap_text=column.kind is Kind.TEXT),
    }
    return look | ({"number_format": NUMBERS[column.kind]} if column.kind in NUMBERS else {})


def _head(sheet: Worksheet, columns: Sequence[Column], row: int) -> int:
    """One or two rows of heads; the row after them."""
    is_grouped = any(column.group for column in columns)
    last = row + 1 if is_grouped else row
    look: dict[str, Any] = {"font": BOLD, "border": BOX, "fill": SHADE}
    level = Alignment(horizontal=CENTRE, vertical=CENTRE, wrap_text=True)
    upright = Alignment(horizontal=CENTRE, vertical="bottom", text_rotation=90, wrap_text=True)
    index = 1
    for group, some in groupby(columns, key=lambda column: column.group):
        for offset, column in enumerate(part := list(some)):
            alignment = upright if column.turned else level
            if not group:
                _put(sheet, row, index + offset, column.title, alignment=alignment, **look)
                if is_grouped:
                    _put(sheet, last, index + offset, None, **look)
                    sheet.merge_cells(
                        start_row=row, start_column=index + offset, end_row=last, end_column=index + offset
                    )
            else:
                _put(sheet, row, index + offset, group if not offset else None, alignment=level, **look)
                _put(sheet, last, index + offset, column.title, alignment=alignment, **look)
        if group and len(part) > 1:
            sheet.merge_cells(start_row=row, start_column=index, end_row=row, end_column=index + len(part) - 1)
        index += len(part)
    sheet.row_dimensions[last].height = _head_height(columns, sheet)
    return last + 1


def _head_height(columns: Sequence[Column], sheet: Worksheet) -> float:
    """As high as the longest head needs, in points: turned ones by their length, others by their lines."""
    highest = 15.0
    for index, column in enumerate(columns, 1):
        width = sheet.column_dimensions[get_column_letter(index)].width
        if column.turned:
            highest = max(highest, min(len(column.title) * 6.5 + 10, 160))
        else:
            lines = max(-(-len(column.title) // max(int(width) - 1, 1)), len(column.title.split()) if width < 9 else 1)
            highest = max(highest, 15.0 * lines)
    return highest


def _totals(sheet: Worksheet, table: Table, first: int, row: int) -> None:
    """The line of totals, computed by the spreadsheet from what stands above it."""
    letters = _letters(table.columns, row)
    for index, column in enumerate(table.columns, 1):
        look = _look(column) | {"font": BOLD, "fill": SHADE}
        letter = get_column_letter(index)
        if column.total is Total.SUM:
            _compute(sheet, row, index, f"SUM({letter}{first}:{letter}{row - 1})", **look)
        elif column.total is Total.MEAN:
            _compute(sheet, row, index, f"AVERAGE({letter}{first}:{letter}{row - 1})", **look)
        elif column.total is Total.FORMULA:
            _compute(sheet, row, index, column.formula.format(**letters), **look)
        else:
            _put(sheet, row, index, table.total if index == 1 else None, **look)


def _below(sheet: Worksheet, table: Table, first: int, row: int) -> int:
    """The lines at the end, computed of the rows of the table; the row after them."""
    last = first + len(table.rows) - 1
    letters = {each.key: get_column_letter(index) for index, each in enumerate(table.columns, 1) if each.key}
    ranges = {key: f"${letter}${first}:${letter}${last}" for key, letter in letters.items()}
    for line in table.below:
        for index, (column, value) in enumerate(zip(table.columns, line.values, strict=True), 1):
            look = _look(column) | {"font": Font(bold=True), "fill": SHADE}
            letter = get_column_letter(index)
            if index == 1:
                _put(sheet, row, 1, line.title, **look)
            elif value is None or not line.formula:
                _put(sheet, row, index, value, **look)
            else:
                look["number_format"] = NUMBERS[line.kind]
                formula = line.formula.format(cells=f"{letter}{first}:{letter}{last}", **ranges)
                _compute(sheet, row, index, formula, **look)
        row += 1
    return row


def _ending(sheet: Worksheet, document: Document, across: int) -> None:
    if document.notes:
        _put(sheet, _next(sheet), 1, " ")
    for note in document.notes:
        _wide(sheet, note, across)
    row = _next(sheet) + 1
    made = format_datetime(document.made_at, "d MMM y, HH:mm")
    _put(sheet, row, 1, gettext("As of %(moment)s", moment=made), font=Font(name=FACE, size=11, italic=True))
    for signature in document.signatures:
        row += 2
        _put(sheet, row, 1, f"{signature}  ____________________")


def _widths(sheet: Worksheet, document: Document) -> None:
    """Of the first column what stands in it, of others their heads' longest word or their values."""
    wanted: dict[int, int] = {}
    for table in document.tables:
        for index, column in enumerate(table.columns, 1):
            width = column.width or _fitting(column, [row[index - 1] for row in table.rows])
            wanted[index] = max(wanted.get(index, 0), width)
    for index, width in wanted.items():
        sheet.column_dimensions[get_column_letter(index)].width = width


def _fitting(column: Column, values: Sequence[Any]) -> int:
    texts = [str(value) if isinstance(value, Linked) else said(value, column.kind) for value in values[:500]]
    longest = max([0, *map(len, texts)]) + 2
    word = 3 if column.turned else max(map(len, re.split(r"[\s-]+", column.title))) + 3
    return min(max(longest, word, NARROWEST if column.kind is not Kind.MARK else 4), WIDEST)


def _page(sheet: Worksheet, document: Document, across: int) -> None:
    """A4, one page wide; heads on each page, and its number below."""
    sheet.print_area = f"A1:{get_column_letter(across)}{sheet.max_row}"
    sheet.page_setup.paperSize = "9"
    sheet.page_setup.orientation = "landscape" if document.is_landscape else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = sheet.page_margins.bottom = 0.5
    sheet.oddFooter.right.text = "&P / &N"  # type: ignore[union-attr]
