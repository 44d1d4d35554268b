"""What a report is made of: one description for the screen, for paper and for the spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Any

from markupsafe import Markup


@dataclass(frozen=True)
class Linked:
    """A text that leads somewhere on the screen; on paper and in a spreadsheet it is the text."""

    text: str
    address: str = ""

    def __str__(self) -> str:
        return self.text


Row = Sequence[Any]
"""Values by column: text, whole numbers, figures (a percent is 0-100, an average 1-5), dates, None for nothing."""


class Kind(Enum):
    """How the values of a column look."""

    TEXT = auto()
    WHOLE = auto()
    PERCENT = auto()  # one decimal
    AVERAGE = auto()  # two decimals
    CHANGE = auto()  # by how many percents a figure has changed, with its sign
    DAY = auto()
    MARK = auto()  # one letter or figure, in the middle


class Total(Enum):
    """What stands under a column."""

    NONE = auto()
    SUM = auto()
    MEAN = auto()
    FORMULA = auto()  # the column's own formula over the totals of the others


@dataclass(frozen=True)
class Column:
    """A column. ``key`` names it in formulas; ``group`` is a head above it, shared by neighbours.

    ``formula`` computes the cell in a spreadsheet from others of its row («{n5}+{n4}», keys in braces); the row's own
    value is what it gives. ``width`` is in characters, None: as wide as its values.
    """

    title: str
    kind: Kind = Kind.TEXT
    key: str = ""
    group: str = ""
    width: int | None = None
    total: Total = Total.NONE
    formula: str = ""
    turned: bool = False  # the head is written upwards


@dataclass(frozen=True)
class Line:
    """A line under a table: ``values`` by column, of ``kind``; None where nothing stands.

    ``formula`` computes each of them in a spreadsheet: {cells} are those above it, other keys the columns of that name.
    """

    title: str
    values: Sequence[Any]
    kind: Kind
    formula: str = ""


@dataclass(frozen=True)
class Table:
    """A table with its heading; ``total`` is the word before the line of totals, empty for none.

    ``links`` gives an address for the first cell of each row, on the screen only; ``below`` are lines at its end.
    """

    columns: Sequence[Column]
    rows: Sequence[Row]
    caption: str = ""
    total: str = ""
    links: Sequence[str] = ()
    chart: Markup | None = None
    note: str = ""
    below: Sequence[Line] = ()


@dataclass(frozen=True)
class Document:
    """A report: its title, ``lines`` under it (school, class, term, teacher), tables, who signs it.

    ``following`` are printed after it, each on a page of its own, and are further sheets of the spreadsheet; ``name``
    is what its sheet is called.
    """

    title: str
    tables: Sequence[Table]
    made_at: datetime
    lines: Sequence[str] = ()
    signatures: Sequence[str] = ()
    is_landscape: bool = False
    notes: Sequence[str] = field(default=())
    following: Sequence[Document] = ()
    name: str = ""
    is_apart: bool = False  # each table on a sheet of its own in a spreadsheet, on a page of its own on paper
