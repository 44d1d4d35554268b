"""The rows of a list that were not taken whole, as a spreadsheet to correct and import again."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from flask_babel import lazy_gettext

from app.imports.outcome import Plan
from app.imports.table import Cell, Table, text_of
from app.spreadsheet import xlsx

TITLE, REASON = lazy_gettext("To correct"), lazy_gettext("Reason")


def corrections(table: Table, plan: Plan) -> bytes:
    """An xlsx with every row from which something was left out, its columns as in the file, and the reasons.

    Texts stay texts, also those that begin with = + - @. Rows keep the order of the file.
    """
    reasons: dict[int, list[str]] = defaultdict(list)
    for problem in plan.to_correct():
        reasons[problem.row].append(f"{problem.column}: {problem.reason}" if problem.column else str(problem.reason))
    head = [*(column.heading for column in table.columns), str(REASON)]
    rows = [
        [*(_kept(row.cells[column.index]) for column in table.columns), "; ".join(reasons[row.number])]
        for row in table.rows
        if row.number in reasons
    ]
    return xlsx(str(TITLE), head, rows)


def _kept(cell: Cell) -> Cell:
    if isinstance(cell, datetime):
        return cell.date()  # openpyxl reads every date as a moment
    return text_of(cell) if isinstance(cell, str) else cell
