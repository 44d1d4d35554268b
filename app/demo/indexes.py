"""Indexes of large tables, built in one go when the rows are there: sooner done, and without gaps in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from app.extensions import Base


@contextmanager
def built_afterwards(connection: Connection, *models: type[Base]) -> Iterator[None]:
    """The tables of ``models`` are filled without their indexes; those that a constraint needs stay."""
    indexes = [
        index
        for model in models
        for index in sorted(model.__table__.indexes, key=lambda index: str(index.name))  # type: ignore[attr-defined]
        if not index.unique
    ]
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        index.create(connection)
