"""From the bytes of a file to a table: which kind of file it is, where its headings stand, which rows name somebody."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext

from app.imports.files import Grid, ReadingError, grids_of
from app.imports.headings import NAMES, REASON_HEADINGS, STUDENT, Field, Kind, columns_of
from app.imports.table import Cell, Column, Row, Table, text_of

__all__ = ["ReadingError", "read"]

HEADING_ROWS = 30  # the heading row is looked for among so many
TOTALS = ("всего", "итого", "total")


def read(content: bytes, file_name: str) -> Table:
    """The class list in ``content``: xlsx, or csv in UTF-8, UTF-16 or Windows-1251 with comma, semicolon or tab.

    What the file is is seen from its content; ``file_name`` is only kept. Raises ReadingError with a reason for the
    reader when it is something else, too large, damaged, or holds no row of headings.
    """
    grids = grids_of(content)
    found = [(grid, *place) for grid in grids if (place := _heading_row(grid))]
    if not found:
        raise ReadingError(_what_is_missing(grids))
    if grids[0].is_sheet:
        grid, at, fields = found[0]
    else:  # the same text split at a wrong sign gives fewer columns
        grid, at, fields = max(found, key=lambda each: sum(field is not None for field in each[2]))
    if grid.broken_at:
        raise ReadingError(
            lazy_gettext(
                "The file cannot be divided into cells near line %(line)s; a quotation mark may not be closed there.",
                line=grid.broken_at,
            )
        )
    return _table(file_name, grid, at, fields, [each.name for each in grids if each.is_sheet and each is not grid])


def _table(file_name: str, grid: Grid, at: int, fields: list[Field | None], others: list[str]) -> Table:
    headings = [text_of(cell) for cell in grid.rows[at].cells]
    columns = tuple(
        Column(index, heading, field)
        for index, (heading, field) in enumerate(zip(headings, fields, strict=True))
        if heading.casefold() not in REASON_HEADINGS
    )
    people = [index for index, field in enumerate(fields) if field and field.kind in NAMES]
    rows: list[Row] = []
    skipped: list[Row] = []
    for row in grid.rows[at + 1 :]:
        cells = _fitted(row.cells, len(headings))
        (rows if _names_somebody(cells, people) else skipped).append(Row(row.number, cells))
    titles = tuple(text for row in grid.rows[:at] for cell in row.cells if (text := text_of(cell)))
    return Table(file_name, columns, tuple(rows), titles, tuple(skipped), tuple(others))


def _fitted(cells: Sequence[Cell], width: int) -> tuple[Cell, ...]:
    return (*cells[:width], *[None] * (width - len(cells)))


def _names_somebody(cells: Sequence[Cell], people: list[int]) -> bool:
    """False for totals and for a section line, a single text across the table."""
    texts = [text for cell in cells if (text := text_of(cell))]
    if len(texts) < 2 or (len(texts) <= 3 and texts[0].casefold().startswith(TOTALS)):
        return False
    return any(text_of(cells[index]) for index in people) or len(texts) > 3


def _heading_row(grid: Grid) -> tuple[int, list[Field | None]] | None:
    for at, row in enumerate(grid.rows[:HEADING_ROWS]):
        fields = columns_of([text_of(cell) for cell in row.cells])
        if not _missing(fields):
            return at, fields
    return None


def _missing(fields: list[Field | None]) -> list[str]:
    """Labels of the columns without which no row can be read."""
    has = {field.kind for field in fields if field and field.owner == STUDENT}
    missing = []
    if Kind.FULL_NAME not in has and not {Kind.FAMILY_NAME, Kind.GIVEN_NAME} <= has:
        missing.append(str(lazy_gettext("the student's family name and given name, or full name")))
    if Kind.CLASS not in has:
        missing.append(str(lazy_gettext("the class")))
    return missing


def _what_is_missing(grids: list[Grid]) -> str:
    rows = [columns_of([text_of(cell) for cell in row.cells]) for grid in grids for row in grid.rows[:HEADING_ROWS]]
    best = max(rows, key=lambda fields: sum(field is not None for field in fields), default=[])
    if not any(best):
        return str(
            lazy_gettext(
                "No row of headings was found in the first %(count)s rows. Name the columns: Family name, Given name, "
                "Patronymic, Class, Birth date, Full name of parent 1, Phone 1, E-mail 1.", count=HEADING_ROWS,
            )
        )  # fmt: skip
    return str(lazy_gettext("The list has no column for: %(columns)s.", columns="; ".join(_missing(best))))
