"""Rows of cells out of xlsx and csv files, and the refusal of everything else, judged by content and not by name."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from flask_babel import lazy_gettext

from app.imports.table import Cell, Row, Text, text_of

MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED_BYTES = 20 * 1024 * 1024
MAX_PARTS = 1000  # of an xlsx; a class list has about ten
MAX_ROWS = 12_000
LAST_ROW = 1_048_576  # of a spreadsheet program; a file can claim any, and each of its sheets anew
MAX_MARKED = 400_000  # rows and cells of an xlsx, empty ones too: each takes time
MAX_COLUMNS = 60

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old .xls, and the envelope of an encrypted .xlsx
NO_TEXT = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf", b"<")


_DAMAGED = lazy_gettext("The spreadsheet is damaged. Open it, save it again as .xlsx and upload that.")


class ReadingError(Exception):
    """The file cannot be read as a class list; the text tells the reader why and what to do."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return str(self.reason)


@dataclass(frozen=True)
class Grid:
    """The rows of one sheet that hold something, or of a csv split at one delimiter.

    ``broken_at`` is the line of a csv from which on it cannot be split, because a quotation mark is not closed.
    """

    name: str
    rows: list[Row]
    is_sheet: bool
    broken_at: int | None = None


def grids_of(content: bytes) -> list[Grid]:
    """Sheets of an xlsx, or the ways to split a csv; raises ReadingError."""
    if not content.strip():
        raise ReadingError(lazy_gettext("The file is empty."))
    if len(content) > MAX_BYTES:
        raise ReadingError(
            lazy_gettext("The file is larger than %(size)s MB. Leave only the list in it.", size=MAX_BYTES >> 20)
        )
    if content.startswith(OLE):
        raise ReadingError(_why_not_ole(content))
    grids = _sheets(content) if content.startswith(b"PK") else _splits(content)
    if not any(grid.rows for grid in grids):
        raise ReadingError(lazy_gettext("The file is empty."))
    return grids


def _why_not_ole(content: bytes) -> Text:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return lazy_gettext("The file is protected by a password. Save it without one and upload it again.")
    return lazy_gettext("This is a file of an old format (.xls or .doc). Save it as .xlsx and upload it again.")


# ---- xlsx


def _sheets(content: bytes) -> list[Grid]:
    from openpyxl import load_workbook

    _check_package(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of styles and validations it does not know
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            return list(_visible(book))
    except ReadingError:
        raise
    except Exception as problem:  # openpyxl has no error of its own for a damaged file
        raise ReadingError(_DAMAGED) from problem


def _check_package(content: bytes) -> None:
    """Refuse what is no xlsx, and what unpacks to far more than a class list or tries to expand itself."""
    wrong = ReadingError(lazy_gettext("This is neither a spreadsheet (.xlsx) nor a text table (.csv)."))
    large = ReadingError(lazy_gettext("The spreadsheet is too large unpacked. Leave only the list in it."))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            if "xl/workbook.xml" not in package.namelist():
                raise wrong
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
                raise large
            xml = [package.read(part) for part in parts if part.filename.endswith((".xml", ".rels"))]
            if any(_declares_entities(text) for text in xml):
                raise wrong
            if sum(len(_MARKED.findall(text)) for text in xml) > MAX_MARKED:
                raise large
    except ReadingError:
        raise
    except Exception as problem:  # zipfile raises a dozen kinds for a damaged or encrypted archive
        raise wrong from problem


_MARKED = re.compile(rb"<(?:[\w.-]+:)?(?:c|row|si)[\s/>]")


def _declares_entities(xml: bytes) -> bool:
    return any("<!DOCTYPE".encode(encoding) in xml for encoding in ("ascii", "utf-16-le", "utf-16-be"))


def _visible(book: object) -> Iterator[Grid]:
    seen = count(1)  # over all sheets: every row that is only claimed takes time too
    for sheet in book.worksheets:  # type: ignore[attr-defined]
        if sheet.sheet_state != "visible":
            continue
        sheet.reset_dimensions()  # what a file says of its own size is not to be trusted
        rows = sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True)
        if filled := _filled(rows, seen):
            yield Grid(sheet.title, filled, True)


# ---- csv


def _splits(content: bytes) -> list[Grid]:
    text = _decoded(content)
    grids = []
    for delimiter in (";", ",", "\t"):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        lines: list[list[str]] = []
        broken_at = None
        try:
            lines.extend(reader)
        except csv.Error:
            broken_at = reader.line_num
        grids.append(Grid(delimiter, _filled(lines, count(1)), False, broken_at))
    return grids


def _decoded(content: bytes) -> str:
    wrong = ReadingError(lazy_gettext("This is neither a spreadsheet (.xlsx) nor a text table (.csv)."))
    if content.lstrip().startswith(NO_TEXT):
        raise wrong
    encodings = ["utf-8-sig", "cp1251"]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(sign < " " and sign not in "\t\r\n" for sign in text):
            break
        return text
    raise wrong


# ---- both


def _filled(rows: Iterable[Sequence[Cell]], seen: Iterator[int]) -> list[Row]:
    """The rows that hold something, numbered as a spreadsheet program numbers them; ``seen`` counts all of a file."""
    kept: list[Row] = []
    for number, cells in enumerate(rows, start=1):
        if next(seen) > LAST_ROW:
            raise ReadingError(_DAMAGED)
        if cells.count(None) == len(cells):
            continue
        row = tuple(cells)[:MAX_COLUMNS]
        if not any(text_of(cell) for cell in row if cell is not None):
            continue
        if len(kept) == MAX_ROWS:
            raise ReadingError(
                lazy_gettext("The list has more than %(count)s rows. Divide it into several files.", count=MAX_ROWS)
            )
        while row[-1] is None:
            row = row[:-1]
        kept.append(Row(number, row))
    return kept
