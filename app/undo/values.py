"""Values of columns as the audit writes them (JSON), and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import Date, Time
from sqlalchemy import Enum as Words

from app.models.columns import UTCDateTime
from app.people.refusal import Refusal


def plain(value: Any) -> Any:
    """A value as the audit writes it."""
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date | time) else value


def read(model: type[Any], column: str, written: Any) -> Any:
    """The value of a column of ``model`` that the audit wrote. Raises Refusal for one that the column cannot hold."""
    if written is None:
        return None
    kind = model.__mapper__.column_attrs[column].columns[0].type
    try:
        return _reader(kind)(written)
    except (TypeError, ValueError):
        raise Refusal(
            lazy_gettext(
                "The record is of an earlier edition of the journal, and «%(column)s» cannot be read any more. Enter "
                "it by hand.", column=column,
            )
        ) from None  # fmt: skip


def _reader(kind: Any) -> Callable[[Any], Any]:
    if isinstance(kind, Words) and kind.enum_class is not None:
        return kind.enum_class
    if isinstance(kind, UTCDateTime):
        return datetime.fromisoformat
    if isinstance(kind, Date):
        return date.fromisoformat
    return time.fromisoformat if isinstance(kind, Time) else lambda value: value
