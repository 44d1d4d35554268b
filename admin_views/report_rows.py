"""The rows of a report's table as HTML, written here because a whole school has a hundred thousand cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from markupsafe import Markup, escape

from app.reports.document import Column, Kind, Linked, Table
from app.reports.values import sayer

NUMBERS = (Kind.WHOLE, Kind.PERCENT, Kind.AVERAGE, Kind.CHANGE)
MIDDLE = (Kind.MARK, Kind.DAY)


def look(column: Column) -> str:
    """The class of the cells of a column."""
    return "number" if column.kind in NUMBERS else "middle" if column.kind in MIDDLE else ""


def body(table: Table) -> Markup:
    """The rows; the first cell of each heads it, with its link where there is one."""
    opening = [f'<td class="{name}">' if (name := look(column)) else "<td>" for column in table.columns]
    return Markup("").join(_rows(table, opening, sayer()))


def _rows(table: Table, opening: list[str], say: Callable[[Any, Kind], str]) -> Iterator[Markup]:
    columns = list(zip(table.columns, opening, strict=True))[1:]
    first = table.columns[0].kind
    for number, row in enumerate(table.rows):
        head = _cell(row[0], first, say)
        if table.links and table.links[number]:
            head = f'<a href="{escape(table.links[number])}">{escape(say(row[0], first))}</a>'
        cells = (
            f"{begins}{_cell(row[place], column.kind, say)}</td>" for place, (column, begins) in enumerate(columns, 1)
        )
        yield Markup(f'<tr><th scope="row">{head}</th>{"".join(cells)}</tr>\n')  # noqa: S704 - each cell is escaped  # nosec B704 # as said


def _cell(value: Any, kind: Kind, say: Callable[[Any, Kind], str]) -> str:
    """The value as people read it, a link where it is one."""
    if isinstance(value, Linked) and value.address:
        return f'<a href="{escape(value.address)}">{escape(value.text)}</a>'
    return str(escape(say(value, kind)))
