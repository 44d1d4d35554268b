"""Filters of a list: each is one choice or one day in the bar above it, kept in the address.

A filter is a Flask-Admin filter, so that list, count and export narrow by it alike. Its options are
asked for at each request and hold only what the person may see.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import request
from flask_admin.contrib.sqla.filters import BaseSQLAFilter
from flask_babel import LazyString, gettext
from sqlalchemy import ColumnElement, select

from admin_views.search import Lookup
from app.extensions import db
from app.models import AcademicYear, SchoolClass, Subject, User
from app.models.columns import Titled

Options = Callable[[], list[tuple[str, str]]]
MOST = 100
"""Rows to choose from in the bar; of more one types the name and chooses among what fits."""


class Filter(BaseSQLAFilter):
    """Narrows a list by ``criterion(value)``; ``key`` is its name in the address."""

    widget = "select"
    looked_up: Lookup | None = None  # what offers the rows where there are too many for the bar

    def __init__(self, key: str, label: LazyString | str, criterion: Callable[[Any], ColumnElement[bool]]) -> None:
        super().__init__(column=None, name=label)
        self.key, self.criterion = key, criterion

    def apply(self, query: Any, value: Any, alias: Any = None) -> Any:
        """The query, narrowed."""
        return query.filter(self.criterion(value))

    def operation(self) -> str:
        """Flask-Admin groups by it; ours are all «is»."""
        return "is"

    def choices(self) -> list[tuple[str, str]]:
        """Values and labels to choose from."""
        return []

    def offer(self) -> tuple[list[tuple[str, str]], bool]:
        """The same, and whether they are all; otherwise the chosen one alone."""
        return self.choices(), True


class Choice(Filter):
    """One of ``options``; ``parse`` makes the value of what stands in the address."""

    def __init__(
        self,
        key: str,
        label: LazyString | str,
        criterion: Callable[[Any], ColumnElement[bool]],
        options: Options,
        parse: Callable[[str], Any] = str,
    ) -> None:
        super().__init__(key, label, criterion)
        self.options_now, self.parse = options, parse

    def choices(self) -> list[tuple[str, str]]:
        """Asked for now: what is there differs by person and day."""
        return self.options_now()

    def clean(self, value: str) -> Any:
        """The value; ValueError for one that is not to choose from."""
        if value not in dict(self.choices()):
            raise ValueError(value)
        return self.parse(value)


class OneOf(Choice):
    """A word of a fixed list."""

    def __init__(self, key: str, label: LazyString | str, column: Any, words: type[Titled]) -> None:
        super().__init__(
            key, label, lambda word: column == word, lambda: [(word.value, str(word)) for word in words], words
        )


class YesNo(Choice):
    """Whether ``criterion`` holds."""

    def __init__(self, key: str, label: LazyString | str, criterion: Any) -> None:
        super().__init__(
            key,
            label,
            lambda yes: criterion if yes else ~criterion,
            lambda: [("1", gettext("Yes")), ("0", gettext("No"))],
            lambda value: value == "1",
        )


class Day(Filter):
    """A day, written as browsers send it: 2026-11-23."""

    widget = "date"

    def clean(self, value: str) -> date:
        """The day; ValueError for what is none."""
        return date.fromisoformat(value)


class Number(Filter):
    """The number of a row, as links give it; the bar shows it only when it is set."""

    widget = "number"

    def clean(self, value: str) -> int:
        """The number; ValueError for what is none."""
        if not re.fullmatch(r"[1-9]\d{0,8}", value, re.ASCII):
            raise ValueError(value)
        return int(value)


class Row(Choice):
    """One row of ``model``, as links give its number: also one that is gone, or that the person may not see.

    ``offered`` are rows to choose from in the bar; without them it shows the filter only when it is set.
    """

    def __init__(
        self, key: str, label: LazyString | str, criterion: Callable[[Any], ColumnElement[bool]], model: type[Any],
        offered: Lookup | None = None,
    ) -> None:  # fmt: skip
        super().__init__(key, label, criterion, self._options, int)
        self.model, self.looked_up, self.widget = model, offered, "select" if offered else "row"

    def offer(self) -> tuple[list[tuple[str, str]], bool]:
        """All rows, unless there are too many, and the one that the address has."""
        options = self._offered()
        if is_all := len(options) <= MOST:
            return self._with_asked(options), is_all
        asked = self._with_asked([])
        return asked, is_all

    def clean(self, value: str) -> int:
        """The number; ValueError for what is none."""
        if not re.fullmatch(r"[1-9]\d{0,8}", value, re.ASCII):
            raise ValueError(value)
        return int(value)

    def _options(self) -> list[tuple[str, str]]:
        return self.offer()[0]

    def _offered(self) -> list[tuple[str, str]]:
        return self.looked_up.first(MOST + 1) if self.looked_up else []

    def _with_asked(self, options: list[tuple[str, str]]) -> list[tuple[str, str]]:
        for name, value in request.args.items():
            if re.fullmatch(rf"(flt\d+_)?{self.key}", name) and value not in dict(options):
                options += self._called(value)
        return options

    def _called(self, value: str) -> list[tuple[str, str]]:
        if not re.fullmatch(r"[1-9]\d{0,8}", value, re.ASCII):
            return []
        row = db.session.scalars(select(self.model).where(self.model.id == int(value))).one_or_none()
        return [(value, str(row) if row is not None else f"№ {value}")]


def staff() -> Lookup:
    """The people who work here."""
    return Lookup("staff", User, lambda: User.is_staff | User.is_deputy_director, lambda row: row.short_name)


class InClass(Row):
    """One of the classes the person sees; the newest year first."""

    def __init__(self, criterion: Callable[[Any], ColumnElement[bool]], label: LazyString | str) -> None:
        super().__init__("class", label, criterion, SchoolClass, Lookup("class", SchoolClass))

    def clean(self, value: str) -> int:
        """The number; ValueError for a class that is not to be seen."""
        number = super().clean(value)
        if not self._read(SchoolClass.id == number):
            raise ValueError(value)
        return number

    def _offered(self) -> list[tuple[str, str]]:
        return self._read()

    def _called(self, value: str) -> list[tuple[str, str]]:
        try:
            return self._read(SchoolClass.id == super().clean(value))
        except ValueError:
            return []

    def _read(self, *which: ColumnElement[bool]) -> list[tuple[str, str]]:
        rows = db.session.execute(
            select(SchoolClass.id, SchoolClass.grade, SchoolClass.letter, AcademicYear.name)
            .join(SchoolClass.academic_year)
            .where(*which)
            .order_by(AcademicYear.starts_on.desc(), SchoolClass.grade, SchoolClass.letter)
            .limit(MOST + 1)
        ).all()
        newest = rows[0].name if rows and not which else None
        return [
            (str(number), f"{grade}{letter}" if year == newest else f"{grade}{letter} · {year}")
            for number, grade, letter, year in rows
        ]


def in_class(criterion: Callable[[Any], ColumnElement[bool]], label: LazyString | str) -> Choice:
    """One of the classes."""
    return InClass(criterion, label)


def of_subject(criterion: Callable[[Any], ColumnElement[bool]], label: LazyString | str) -> Choice:
    """One of the subjects."""

    def subjects() -> list[tuple[str, str]]:
        rows = db.session.execute(select(Subject.id, Subject.name).order_by(Subject.search_name))
        return [(str(number), name) for number, name in rows]

    return Choice("subject", label, criterion, subjects, int)
