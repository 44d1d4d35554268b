"""Tables as files that are safe to open: what looks like a formula stays text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
MAX_WIDTH = 60


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """CSV as a Russian Excel opens it: byte order mark, semicolons; formulas get an apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";")
    yield "\ufeff"
    for row in chain([head], rows):
        writer.writerow([_harmless(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _harmless(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(FORMULA):
        return "'" + value
    return "" if value is None else value


def xlsx(title: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet with a bold, frozen head, a filter and fitting widths. Text is never a formula."""
    from openpyxl import Workbook  # 6 MB: only where a file is made
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_name(title))
    sheet.freeze_panes = "A2"
    table = [list(row) for row in rows]
    for index, name in enumerate(head):
        longest = max([len(name), *(len(str(row[index] if row[index] is not None else "")) for row in table[:500])])
        sheet.column_dimensions[get_column_letter(index + 1)].width = min(longest + 2, MAX_WIDTH)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(head))}{len(table) + 1}"
    sheet.append([_cell(sheet, name, bold=True) for name in head])
    for row in table:
        sheet.append([_cell(sheet, value) for value in row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cell(sheet: Any, value: Any, *, bold: bool = False) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font

    if not isinstance(value, str):
        keep = value if value is None or isinstance(value, int | float | date) else str(value)
        keep = keep.replace(tzinfo=None) if isinstance(keep, datetime) else keep
        return WriteOnlyCell(sheet, keep)  # type: ignore[arg-type]
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def sheet_name(title: str) -> str:
    """A title as the name of a sheet can be."""
    return "".join(letter for letter in title if letter not in "[]:*?/\\")[:31] or "1"
