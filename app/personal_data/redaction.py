"""Takes an erased person's values out of the audit and out of texts that others wrote; over Core alone.

The audit keeps who changed which column when; ``erased_at`` is the moment of the Erasure that demands it, and the seal
of the record stays that of the record as it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, and_, cast, delete, false, or_, select, update
from sqlalchemy.orm import Session

from app import audit
from app.audit.recording import SECRET
from app.collation import search_key
from app.extensions import Base
from app.models import BY_NAME, AuditRecord, EditReceipt, Erasure, Message, NewsItem, Student, Thread, User
from app.personal_data.holdings import Emptied, Gone
from app.personal_data.reach import leads_to, rows_of, steps
from app.personal_data.tables import HOLDINGS
from app.policy.scopes import table_of

SEARCHED: dict[type[Base], tuple[str, str]] = {
    Message: ("body", "search_body"),
    Thread: ("subject", "search_name"),
    NewsItem: ("title", "search_name"),
}
"""Texts with a key they are searched by."""


def without(text: str, words: Collection[str]) -> str:
    """The text with every one of the words taken out, whatever case it is written in."""
    for word in sorted(words, key=len, reverse=True):
        text = re.sub(re.escape(word), SECRET, text, flags=re.IGNORECASE)
    return text


def scrub_texts(connection: Connection, words: Collection[str]) -> None:
    """Take the words out of everything that people write freely; delete receipts of edits that hold them."""
    for model, holding in HOLDINGS.items():
        for column in holding.texts:
            _scrub(connection, model, column, words)
    receipts = table_of(EditReceipt)
    connection.execute(delete(receipts).where(_names_in_json(receipts.c.result, words)))


def redact(
    session: Session, erasure: Erasure, person: type[User] | type[Student], words: Collection[str], *,
    keeps_addresses: bool,
) -> None:  # fmt: skip
    """Empty what records of the audit say of the person; before the rows they tell of are deleted.

    ``keeps_addresses``: what staff did in the journal keeps the address it came from.
    """
    record, connection, number = table_of(AuditRecord), session.connection(), erasure.object_id
    left: dict[int, dict[str, Any]] = {}
    about = or_(*_about(person, number), record.c.id.in_(_about_at_a_distance(connection, person, number)))
    wanted = or_(about, _names_in(record.c.summary, words), _names_in_json(record.c.changes, words))
    rows = select(record.c.id, record.c.model, record.c.changes, record.c.summary, about.label("about")).where(wanted)
    for row in connection.execute(rows).all():
        changes = {name: _redacted(row, name, pair, words) for name, pair in row.changes.items()}
        summary = "" if row.about or without(row.summary, words) != row.summary else row.summary
        if (changes, summary) != (row.changes, row.summary):
            left[row.id] = {"changes": changes, "summary": summary}
    if person is User and not keeps_addresses:
        own = select(record.c.id).where(record.c.actor_id == number, record.c.address != "")
        for each in connection.scalars(own):
            left[each] = left.get(each, {}) | {"address": ""}
    audit.erase(session, erasure, left)


def _about(person: type[User] | type[Student], number: int) -> list[ColumnElement[bool]]:
    """Records of the person's own row and of rows that an erasure deletes or empties, those deleted before too."""
    record = table_of(AuditRecord)
    found: list[ColumnElement[bool]] = [and_(record.c.model == person.__name__, record.c.object_id == number)]
    if person is Student:
        found.append(record.c.student_id == number)
    changes = cast(record.c.changes, String)
    for model, holding in HOLDINGS.items():
        table = table_of(model)
        for step in holding.erasure:
            if "." in step.by or leads_to(table, step.by) != person.__tablename__:
                continue
            standing = select(table.c.id).where(table.c[step.by] == number)
            # Rows that were deleted before, by what was written of their keys.
            pairs = [changes.contains(f'"{step.by}": {json.dumps(pair)}') for pair in ([None, number], [number, None])]
            found.append(and_(record.c.model == model.__name__, or_(record.c.object_id.in_(standing), *pairs)))
    return found


def _about_at_a_distance(connection: Connection, person: type[User] | type[Student], number: int) -> list[int]:
    """Ids of records of rows that lead to the person by another row: a note by its mark."""
    record, found = table_of(AuditRecord), list[int]()
    for model, step in steps(person):
        hop, dot, rest = step.by.partition(".")
        if not dot:
            continue
        between = next(iter(table_of(model).c[hop].foreign_keys)).column.table
        theirs = set(connection.scalars(select(between.c.id).where(rows_of(between, rest, number))))
        rows = connection.execute(select(record.c.id, record.c.changes).where(record.c.model == model.__name__))
        known = {row.id for row in rows if theirs & set(row.changes.get(hop, ()))}
        table = table_of(model)
        standing = select(table.c.id).where(rows_of(table, step.by, number))
        of_them = select(record.c.id).where(record.c.model == model.__name__, record.c.object_id.in_(standing))
        found += known | set(connection.scalars(of_them))
    return found


def _redacted(row: Any, column: str, pair: list[Any], words: Collection[str]) -> list[Any]:
    """Old and new value, or that there were some."""
    if row.about and _goes(BY_NAME.get(row.model), column):
        return [SECRET, SECRET]
    told = json.dumps(pair, ensure_ascii=False)
    return [SECRET, SECRET] if without(told, words) != told else pair


def _goes(model: type[Base] | None, column: str) -> bool:
    """Whether an erasure takes what stands in the column; all of a table that is no more."""
    if model is None:
        return True
    holding = HOLDINGS[model]
    if model in {User, Student} or any(isinstance(step, Gone) for step in holding.erasure):
        return column in {*holding.personal, *holding.texts}
    return any(column in step.columns for step in holding.erasure if isinstance(step, Emptied))


def _scrub(connection: Connection, model: type[Base], column: str, words: Collection[str]) -> None:
    table = table_of(model)
    text, key = SEARCHED.get(model, ("", ""))
    for number, told in connection.execute(
        select(table.c.id, table.c[column]).where(_names_in(table.c[column], words))
    ).all():
        cleaned = without(told, words)
        values = {column: cleaned} | ({key: search_key(cleaned)} if column == text else {})
        connection.execute(update(table).where(table.c.id == number).values(values))


def _names_in(column: ColumnElement[Any], words: Collection[str]) -> ColumnElement[bool]:
    return or_(false(), *(column.contains(word, autoescape=True) for word in words))


def _names_in_json(column: ColumnElement[Any], words: Collection[str]) -> ColumnElement[bool]:
    """The same in JSON, which holds letters beyond ASCII by their numbers."""
    return _names_in(cast(column, String), [json.dumps(word)[1:-1] for word in words])
