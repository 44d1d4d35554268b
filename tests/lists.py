"""Class lists made in memory, as a school would upload them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook, load_workbook

from app.imports import Table, read

HEADINGS = ["Класс", "Фамилия", "Имя", "Отчество", "Дата рождения", "ФИО родителя 1", "Телефон 1", "E-mail 1",
            "ФИО родителя 2", "Телефон 2"]  # fmt: skip


def xlsx(*rows: Sequence[Any], more: dict[str, list[list[Any]]] | None = None) -> bytes:
    """A workbook with these rows, and further sheets by name."""
    book = Workbook()
    for title, content in {"Список": rows, **(more or {})}.items():
        sheet = book.active if title == "Список" else book.create_sheet(title)
        for number, row in enumerate(content, start=1):
            for place, value in enumerate(row, start=1):
                cell = sheet.cell(number, place, value)
                cell.data_type = "s" if isinstance(value, str) else cell.data_type  # no formulas
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def as_csv(*rows: Sequence[Any], delimiter: str = ";", encoding: str = "utf-8") -> bytes:
    """The rows as text."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue().encode(encoding)


def listed(*rows: Sequence[Any], headings: Sequence[str] = HEADINGS) -> Table:
    """A table of these rows under the usual headings; the first of them is row 2."""
    return read(xlsx(headings, *rows), "list.xlsx")


def cells(content: bytes) -> list[list[Any]]:
    """What a spreadsheet program would show of the first sheet."""
    return [list(row) for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)]
