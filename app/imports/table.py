"""A class list as it stands in a file: its columns, their meaning, and its rows with their numbers."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from flask_babel import LazyString

from app.imports.headings import Field

Cell = str | int | float | bool | date | datetime | time | None
Text = LazyString | str


@dataclass(frozen=True)
class Column:
    """A column: its place from 0, its heading as written, and what it means; without a field it is ignored."""

    index: int
    heading: str
    field: Field | None


@dataclass(frozen=True)
class Row:
    """A row with the number that a spreadsheet program shows; the cells are as long as the columns."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """The rows below the heading row of one file.

    ``titles`` are the texts above the headings; ``skipped`` are rows that name nobody (totals, section lines);
    ``other_sheets`` are sheets that hold something and were not read.
    """

    file_name: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    titles: tuple[str, ...] = ()
    skipped: tuple[Row, ...] = ()
    other_sheets: tuple[str, ...] = ()

    @property
    def ignored(self) -> tuple[Column, ...]:
        """Columns whose heading means nothing here; shown, so that nobody misses what they hold."""
        return tuple(column for column in self.columns if column.field is None and column.heading)

    @property
    def understood(self) -> tuple[Column, ...]:
        """Columns that are read, to be shown with ``column.field.label``."""
        return tuple(column for column in self.columns if column.field is not None)

    def fields(self) -> Iterator[tuple[int, Field]]:
        """Places and meanings of the columns that are read."""
        return ((column.index, column.field) for column in self.columns if column.field is not None)


def text_of(cell: Cell) -> str:
    """A cell as a person reads it: no stray spaces or control characters, 79123456789.0 without its fraction."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, str):
        if not cell.isprintable() or not unicodedata.is_normalized("NFC", cell):
            cell = unicodedata.normalize("NFC", cell)
            cell = "".join(sign for sign in cell if sign.isprintable() or sign.isspace())
        return " ".join(cell.split())
    return str(cell)
