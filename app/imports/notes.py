"""What is to be said of a list as a whole, before a person confirms it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask_babel import lazy_gettext, lazy_ngettext

from app.imports.headings import Field, Kind
from app.imports.known import Known
from app.imports.rows import ListedStudent
from app.imports.table import Table, Text, text_of

SHOWN = 10  # names or rows; the rest is counted


def notes_of(table: Table, known: Known, rows: list[ListedStudent]) -> tuple[Text, ...]:
    """Lines to show above the rows."""
    return (*_of_the_year(table, known), *_of_classes(known), *_of_the_file(table), *_of_absent(known, rows))


def _of_the_year(table: Table, known: Known) -> Iterator[Text]:
    year = known.year
    if year.id is None and any(each.is_wanted for each in known.classes.values()):
        yield lazy_gettext(
            "The academic year %(name)s (%(first)s - %(last)s) is created, because the journal has none; "
            "check its days and add its terms.",
            name=year.name, first=f"{year.starts_on:%d.%m.%Y}", last=f"{year.ends_on:%d.%m.%Y}",
        )  # fmt: skip
    for found in re.finditer(r"(20[0-9]{2})\s*[/–-]\s*(20[0-9]{2})", " ".join(table.titles)):
        if f"{found[1]}/{found[2]}" != year.name.replace("-", "/").replace("–", "/").replace(" ", ""):
            yield lazy_gettext(
                "The list says %(listed)s, but it is imported into the academic year %(name)s.",
                listed=found[0], name=year.name,
            )  # fmt: skip


def _of_classes(known: Known) -> Iterator[Text]:
    names = [each.name for each in known.classes.values() if each.id is None and each.is_wanted]
    if names:
        listed = ", ".join(map(str, sorted(names, key=lambda name: (name.grade, name.letter))))
        yield lazy_ngettext(
            "New class: %(names)s. Check that it is not a slip of the pen.",
            "New classes: %(names)s. Check that none is a slip of the pen.",
            len(names), names=listed,
        )  # fmt: skip


def _of_the_file(table: Table) -> Iterator[Text]:
    if table.ignored:
        names = ", ".join(f"«{column.heading}»" for column in table.ignored)
        yield lazy_gettext("Columns that are not read: %(names)s.", names=names)
    if Field(Kind.BIRTH_DATE) not in {column.field for column in table.columns}:
        yield lazy_gettext("The list has no birth dates; students of the same name cannot be told apart.")
    if table.other_sheets:
        yield lazy_gettext("Sheets that are not read: %(names)s.", names=", ".join(table.other_sheets))
    for row in table.skipped[:SHOWN]:
        text = " ".join(text for cell in row.cells if (text := text_of(cell)))
        yield lazy_gettext("Row %(row)s names no student and is skipped: %(text)s", row=row.number, text=text[:80])
    if len(table.skipped) > SHOWN:
        yield lazy_gettext("More rows that are skipped so: %(count)s.", count=len(table.skipped) - SHOWN)


def _of_absent(known: Known, rows: list[ListedStudent]) -> Iterator[Text]:
    """Students of a listed class whom no row is about; they stay. Of a list of a few only, nothing is said."""
    listed = {row.name.key for row in rows if row.name}
    for name, school_class in known.classes.items():
        absent = [str(pupil.name) for pupil in known.members[name] if pupil.name.key not in listed]
        if school_class.is_wanted and 0 < len(absent) <= len(known.members[name]) // 2:
            shown = ", ".join(sorted(absent)[:SHOWN]) + ("…" if len(absent) > SHOWN else "")
            yield lazy_ngettext(
                "%(class)s: %(num)s student of the journal is not in the list and stays in the class: %(names)s",
                "%(class)s: %(num)s students of the journal are not in the list and stay in the class: %(names)s",
                len(absent), **{"class": str(name)}, names=shown,
            )  # fmt: skip
