"""Column types and column shapes that several tables share."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from flask_babel import LazyString
from sqlalchemy import BigInteger, CheckConstraint, DateTime, Dialect, Enum, ForeignKey, Integer, TypeDecorator
from sqlalchemy.orm import mapped_column


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC on both databases. Raises ValueError for a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Titled(StrEnum):
    """A word of a fixed list: what is stored, and the label people read in their language."""

    label: LazyString | str

    def __new__(cls, value: str, label: LazyString | str) -> Titled:
        word = str.__new__(cls, value)
        word._value_ = value
        word.label = label
        return word

    def __str__(self) -> str:
        return str(self.label)


def words(enum: type[Titled]) -> Enum:
    """A column of the values of ``enum``, kept as text with a CHECK constraint."""
    return Enum(
        enum,
        native_enum=False,
        create_constraint=True,
        length=24,
        name=enum.__name__.lower(),
        values_callable=lambda kind: [member.value for member in kind],
    )


def reference(table: str, *, index: bool = True, **options: Any) -> Any:
    """An indexed foreign key to ``table``; what is referred to cannot be deleted.

    ``index=False`` where a unique constraint or another index of the table begins with the column.
    """
    return mapped_column(ForeignKey(f"{table}.id", ondelete="RESTRICT"), index=index, **options)


def ordered(first: str, last: str, name: str) -> CheckConstraint:
    """``last`` is absent or not before ``first``."""
    return CheckConstraint(f"{last} IS NULL OR {last} >= {first}", name=name)


def between(lowest: int, highest: int, **options: Any) -> Any:
    """A whole number whose limits a form can tell before the CHECK constraint refuses it."""
    return mapped_column(info={"between": (lowest, highest)}, **options)


def now() -> datetime:
    """The moment a row is written; only for column defaults."""
    return datetime.now(UTC)


EPOCH = 1_577_836_800  # 1 January 2020, in Unix seconds: keeps versions within what JavaScript counts exactly


def next_version(version: int | None) -> int:
    """The version of a row that is written: greater than the last, and never one that a deleted row had.

    Microseconds since 2020: a cell that was cleared and filled again is told from the one somebody saw before.
    """
    return max((version or 0) + 1, int((time.time() - EPOCH) * 1_000_000))


def version_column(**options: Any) -> Any:
    """The version of a row, see ``versioned``."""
    return mapped_column(BigInteger().with_variant(Integer, "sqlite"), **options)  # SQLite's integers have 64 bits


def versioned(version: Any) -> dict[str, Any]:
    """Mapper arguments of a table whose rows refuse a change made from an older version."""
    return {"version_id_col": version, "version_id_generator": next_version}


Key = Annotated[int, mapped_column(primary_key=True)]
Moment = Annotated[datetime, mapped_column(UTCDateTime)]
Created = Annotated[datetime, mapped_column(UTCDateTime, default=now)]
