"""Files that a column of a table names: they come and go with the transaction of their row.

The file of a row that is gone goes after the commit, and that of one that never came at the rollback,
whatever writes the column.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import event, inspect
from sqlalchemy.orm import InstrumentedAttribute, Session, SessionTransaction

COME, GONE = "files that came", "files that go"  # what a session notes until it ends
Named = tuple[str, str]
"""A folder and the name of a file in it."""


@dataclass(frozen=True)
class Shelf:
    """The folder ``NAME`` of the setting UPLOADS_FOLDER; ``column`` holds the names of its files."""

    name: str
    column: InstrumentedAttribute[Any]

    def folder(self) -> Path:
        """Where the files are."""
        return _folder(self.name)

    def keep(self, session: Session, content: bytes, suffix: str) -> str:
        """Write a file; give back its random name, for the column. It goes again when ``session`` rolls back."""
        name = secrets.token_hex(16) + suffix
        self.folder().mkdir(parents=True, exist_ok=True)
        _noted(session, COME).add((self.name, name))
        try:
            with open(self.folder() / name, "xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError:  # no room: half a file would take what is left
            (self.folder() / name).unlink(missing_ok=True)
            raise
        return name


_shelves: dict[type[Any], Shelf] = {}


def shelf(name: str, column: InstrumentedAttribute[Any]) -> Shelf:
    """The shelf of a column; there is one a table."""
    made = _shelves[column.parent.class_] = Shelf(name, column)
    # Listening so, the old name is known when a new one is set.
    event.listen(column, "set", lambda *_arguments: None, active_history=True)
    return made


def let_go(session: Session, model: type[Any], names: Iterable[str]) -> None:
    """The files ``names`` of rows of ``model`` that were deleted by a statement go when ``session`` commits."""
    _noted(session, GONE).update((_shelves[model].name, name) for name in names)


@event.listens_for(Session, "before_flush")
def _note_what_goes(session: Session, *_arguments: Any) -> None:
    for row in [*session.dirty, *session.deleted]:
        kept = _shelves.get(type(row))
        if kept is None:
            continue
        history = inspect(row).attrs[kept.column.key].history
        names = [*(history.deleted or ()), *((history.unchanged or ()) if row in session.deleted else ())]
        _noted(session, GONE).update((kept.name, name) for name in names if name)


@event.listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    if not session.in_nested_transaction():
        _remove(session.info.pop(GONE, ()))
        session.info.pop(COME, None)


@event.listens_for(Session, "after_rollback")
def _rolled_back(session: Session) -> None:
    if not session.in_nested_transaction():
        _remove(session.info.pop(COME, ()))
        session.info.pop(GONE, None)


@event.listens_for(Session, "after_transaction_end")
def _closed(session: Session, transaction: SessionTransaction) -> None:
    """A session that is only closed, as after a fault nobody has caught, says nothing of a rollback."""
    if transaction.parent is None:
        _rolled_back(session)


def _folder(name: str) -> Path:
    return Path(current_app.config["UPLOADS_FOLDER"]) / name


def _noted(session: Session, which: str) -> set[Named]:
    names: set[Named] = session.info.setdefault(which, set())
    return names


def _remove(files: Iterable[Named]) -> None:
    for folder, name in files:
        (_folder(folder) / name).unlink(missing_ok=True)
