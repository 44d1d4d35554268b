"""A row of the table as what it says of a student and the guardians, with what could not be read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from flask_babel import lazy_gettext

from app.imports import values
from app.imports.headings import STUDENT, Field, Kind
from app.imports.outcome import Problem
from app.imports.table import Cell, Column, Row, Table, Text, text_of
from app.imports.values import ClassName, Name, ValueProblem
from app.models.people import Relation

V = TypeVar("V")


@dataclass(frozen=True)
class ListedGuardian:
    """A guardian of a row; ``column`` is the heading of the name."""

    name: Name
    relation: Relation
    phone: str | None
    email: str | None
    column: str
    phone_column: str
    email_column: str


@dataclass
class ListedStudent:
    """What a row says; ``refused`` when it is not clear who the student is or where they belong."""

    number: int
    title: str
    name: Name | None = None
    birth_date: date | None = None
    school_class: ClassName | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    guardians: list[ListedGuardian] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


class RowReader:
    """Reads the rows of one table on one day.

    A row is refused only when the student's name, birth date or class cannot be read. Every other value that cannot
    be read is left out and told as a warning, so that a wrong digit in a phone keeps no child out of the journal.
    """

    def __init__(self, table: Table, today: date) -> None:
        self._columns: dict[Field, Column] = {c.field: c for c in table.columns if c.field is not None}
        self._owners = list(dict.fromkeys(f.owner for f in self._columns if f.owner != STUDENT))
        self._today = today

    def read(self, row: Row) -> ListedStudent:
        """What the row says; raises nothing."""
        listed = ListedStudent(row.number, self._title(row))
        listed.name = self._required(row, listed, self._name_column(), lambda: self._student_name(row))
        listed.school_class = self._required(row, listed, self._heading(Kind.CLASS), lambda: self._class(row))
        born = self._cell(row, Field(Kind.BIRTH_DATE))
        if not values.is_blank(born):
            heading = self._heading(Kind.BIRTH_DATE)
            listed.birth_date = self._required(
                row, listed, heading, lambda: values.birth_date(born, self._today), text_of(born)
            )
        listed.phone = self._contact(row, listed, Field(Kind.PHONE), values.phone)
        listed.email = self._contact(row, listed, Field(Kind.EMAIL), values.email)
        listed.address = self._address(row, listed)
        for owner in self._owners:
            self._guardian(row, listed, owner)
        return listed

    # ---- cells

    def _cell(self, row: Row, wanted: Field) -> Cell:
        column = self._columns.get(wanted)
        return row.cells[column.index] if column else None

    def _heading(self, kind: Kind, owner: str = STUDENT) -> str:
        column = self._columns.get(Field(kind, owner))
        return column.heading if column else ""

    def _title(self, row: Row) -> str:
        parts = (Kind.FULL_NAME, Kind.FAMILY_NAME, Kind.GIVEN_NAME, Kind.PATRONYMIC)
        return " ".join(text for kind in parts if (text := text_of(self._cell(row, Field(kind)))))[:120]

    # ---- the student

    def _required(
        self, row: Row, listed: ListedStudent, column: str, read: Callable[[], V], value: str = ""
    ) -> V | None:
        try:
            return read()
        except ValueProblem as problem:
            shown = value or self._shown(row, column)
            listed.refused.append(Problem(row.number, column, shown, problem.reason, left_out=True))
            return None

    def _shown(self, row: Row, heading: str) -> str:
        return next((text_of(row.cells[c.index]) for c in self._columns.values() if c.heading == heading), "")[:80]

    def _name_column(self) -> str:
        return self._heading(Kind.FULL_NAME) or self._heading(Kind.FAMILY_NAME)

    def _student_name(self, row: Row) -> Name:
        name = self._name(row, STUDENT)
        if name is None:
            raise ValueProblem(lazy_gettext("the name is missing"))
        if re.search(r"(^|\s)[^\W\d_]\.?$", name.given_name):
            raise ValueProblem(lazy_gettext("a student needs the whole given name, not an initial"))
        return name

    def _name(self, row: Row, owner: str) -> Name | None:
        """The name of the student or a guardian; None when all its cells are empty."""
        whole = self._cell(row, Field(Kind.FULL_NAME, owner))
        kinds = (Kind.FAMILY_NAME, Kind.GIVEN_NAME, Kind.PATRONYMIC)
        family_name, given_name, patronymic = (self._cell(row, Field(kind, owner)) for kind in kinds)
        if not values.is_blank(whole) and values.is_blank(family_name):
            return values.full_name(whole)
        if all(values.is_blank(part) for part in (family_name, given_name, patronymic)):
            return None
        if values.is_blank(family_name):
            raise ValueProblem(lazy_gettext("the family name is missing"))
        if values.is_blank(given_name):
            raise ValueProblem(lazy_gettext("the given name is missing"))
        return values.name_of(family_name, given_name, patronymic)

    def _class(self, row: Row) -> ClassName:
        grade, letter = (text_of(self._cell(row, Field(kind))) for kind in (Kind.CLASS, Kind.LETTER))
        if values.is_blank(grade):
            raise ValueProblem(lazy_gettext("the class is missing"))
        return values.class_name(f"{grade} {letter}")

    def _address(self, row: Row, listed: ListedStudent) -> str | None:
        cell = self._cell(row, Field(Kind.ADDRESS))
        if values.is_blank(cell):
            return None
        address = text_of(cell)
        if len(address) > 300:
            self._warn(listed, self._heading(Kind.ADDRESS), address, lazy_gettext("too long"))
            return None
        return address

    # ---- contacts and guardians

    def _warn(self, listed: ListedStudent, column: str, value: str, reason: Text) -> None:
        listed.warnings.append(Problem(listed.number, column, value[:80], reason, left_out=True))

    def _contact(self, row: Row, listed: ListedStudent, wanted: Field, parse: Callable[[Cell], str]) -> str | None:
        """The first contact of a cell that can be read; the others are told, not dropped in silence."""
        cell = self._cell(row, wanted)
        if values.is_blank(cell):
            return None
        heading, text = self._heading(wanted.kind, wanted.owner), text_of(cell)
        try:
            return parse(cell)
        except ValueProblem as problem:
            pieces = [piece for piece in re.split(r"[,;/\n]|\s+и\s+", str(cell)) if piece.strip()]
            if len(pieces) < 2 or len(pieces) > 5:
                self._warn(listed, heading, text, problem.reason)
                return None
        return self._first_of(listed, heading, pieces, parse)

    def _first_of(
        self, listed: ListedStudent, heading: str, pieces: list[str], parse: Callable[[Cell], str]
    ) -> str | None:
        kept: str | None = None
        for piece in pieces:
            try:
                found = parse(piece)
            except ValueProblem as problem:
                self._warn(listed, heading, piece.strip(), problem.reason)
                continue
            if kept is None:
                kept = found
            elif found != kept:
                self._warn(listed, heading, piece.strip(), lazy_gettext("only one can be kept: %(kept)s", kept=kept))
        return kept

    def _guardian(self, row: Row, listed: ListedStudent, owner: str) -> None:
        column = self._heading(Kind.FULL_NAME, owner) or self._heading(Kind.FAMILY_NAME, owner)
        try:
            name = self._name(row, owner)
        except ValueProblem as problem:
            self._warn(listed, column, self._shown(row, column), problem.reason)
            name = None
        else:
            if name is None:
                self._warn_of_contacts_of_nobody(row, listed, owner)
        if name is None:
            return
        phone = self._contact(row, listed, Field(Kind.PHONE, owner), values.phone)
        email = self._contact(row, listed, Field(Kind.EMAIL, owner), values.email)
        listed.guardians.append(
            ListedGuardian(
                name, self._relation(row, owner, name), phone, email, column,
                self._heading(Kind.PHONE, owner), self._heading(Kind.EMAIL, owner),
            )
        )  # fmt: skip

    def _warn_of_contacts_of_nobody(self, row: Row, listed: ListedStudent, owner: str) -> None:
        for kind in (Kind.PHONE, Kind.EMAIL):
            cell = self._cell(row, Field(kind, owner))
            if not values.is_blank(cell):
                reason = lazy_gettext("the guardian's name is missing, so nobody can be given this contact")
                self._warn(listed, self._heading(kind, owner), text_of(cell), reason)

    def _relation(self, row: Row, owner: str, name: Name) -> Relation:
        written = text_of(self._cell(row, Field(Kind.RELATION, owner))).casefold()
        for beginning, relation in _RELATIONS.items():
            if written.startswith(beginning):
                return relation
        if fixed := Field(Kind.RELATION, owner).relation:
            return fixed
        if written and not values.is_blank(written):
            return Relation.OTHER
        guess = values.is_female(name)
        return Relation.GUARDIAN if guess is None else Relation.MOTHER if guess else Relation.FATHER


_RELATIONS = {
    "мат": Relation.MOTHER, "мам": Relation.MOTHER, "mother": Relation.MOTHER,
    "оте": Relation.FATHER, "пап": Relation.FATHER, "father": Relation.FATHER,
    "опекун": Relation.GUARDIAN, "попечител": Relation.GUARDIAN, "законн": Relation.GUARDIAN,
    "представител": Relation.GUARDIAN, "guardian": Relation.GUARDIAN,
}  # fmt: skip
