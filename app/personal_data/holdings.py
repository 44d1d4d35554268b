"""The vocabulary of the declaration: whose data a table holds, why, how long, and what an erasure does to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement


class Whose(Enum):
    """Of whom a table tells; ``NOBODY``: rows are about the school's order, whoever stands in them."""

    STUDENTS = "students"
    GUARDIANS = "parents"
    STAFF = "staff"
    EVERYBODY = "everybody who signs in"
    NOBODY = "nobody"


class Basis(Enum):
    """On what ground the school may process it (152-ФЗ, art. 6)."""

    LAW = "law: 273-ФЗ art. 28 (progress, journals)"
    TASK = "law: 273-ФЗ art. 44 (parents are told of the studies)"
    WORK = "employment contract"
    SAFETY = "law: 152-ФЗ art. 18.1, 19 (protection of the data)"
    CONSENT = "consent"
    NONE = "no personal data"


@dataclass(frozen=True)
class Retention:
    """How long rows are kept, in ``words``. With ``after``, the worker deletes those that ``old`` names.

    ``old`` gives the criterion for a moment: now less ``after``. Without, nothing is deleted by itself.
    """

    words: str
    after: timedelta | None = None
    old: Callable[[datetime], ColumnElement[bool]] | None = None


@dataclass(frozen=True)
class Gone:
    """The rows whose ``by`` leads to the erased person are deleted, with their files.

    ``by`` is a foreign key to the person, or several with dots between: «message_id.author_id».
    """

    by: str


@dataclass(frozen=True)
class Emptied:
    """Of the rows whose ``by`` leads to the erased person, ``columns`` lose their values."""

    by: str
    columns: tuple[str, ...]


Step = Gone | Emptied


@dataclass(frozen=True)
class Holding:
    """One table. ``personal``: columns that tell of a person; ``plain``: texts and days that tell of nobody.

    ``texts`` are the columns in which people write freely: an erased person's name and contacts are taken out of them.
    ``erasure`` are its steps, ``rest`` says what becomes of what they leave.
    """

    title: Any
    whose: Whose
    purpose: str
    basis: Basis
    retention: Retention
    personal: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    erasure: tuple[Step, ...] = ()
    rest: str = "stays; the person in it has no name any more"


def days(number: int, moment: Any) -> Retention:
    """Deleted so many days after the moment that the column ``moment`` holds."""
    return Retention(f"{number} days", timedelta(number), lambda cutoff: moment < cutoff)
