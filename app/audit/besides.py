"""What the tables write by themselves when others are written (see models/people.py), for the audit.

A class brings the group of all its students; a student who signs in is renamed as a user too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app.extensions import Base
from app.models import SchoolClass, Student, StudyGroup, User
from app.models.people import NAME_COLUMNS
from app.policy.scopes import table_of

NAMED = "audit: users of changed students"  # in the ``info`` of a session


def note_before(session: Session, changed: Iterable[Any]) -> None:
    """Note how the users of students are named who are about to change."""
    session.info[NAMED] = _names(session, {number for row in changed if (number := _user_of(row))})


def written(session: Session, new: Iterable[Any]) -> Iterator[tuple[type[Base], dict[str, Any], dict[str, Any]]]:
    """Model, old and new values of each row that was written so; old ones are empty for a new row."""
    stood = session.info.pop(NAMED, {})
    for number, names in _names(session, stood).items():
        yield User, stood[number], names
    new = list(new)
    classes = {row.id for row in new if isinstance(row, SchoolClass)}
    classes -= {row.school_class_id for row in new if isinstance(row, StudyGroup) and row.is_whole_class}
    if classes:  # those that come back bring their group along, as a row like others
        group = table_of(StudyGroup)
        theirs = select(group).where(group.c.school_class_id.in_(classes), group.c.is_whole_class)
        for values in session.connection().execute(theirs).mappings():
            yield StudyGroup, {}, dict(values)


def _user_of(row: Any) -> int | None:
    """The user of a student, also one that was only just chosen; None for other rows."""
    if not isinstance(row, Student):
        return None
    chosen = inspect(row).dict.get("user")
    return chosen.id if chosen is not None else row.user_id


def _names(session: Session, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    if not ids:
        return {}
    user = table_of(User)
    columns = (user.c.id, *(user.c[name] for name in NAME_COLUMNS))
    rows = session.connection().execute(select(*columns).where(user.c.id.in_(list(ids)))).mappings()
    return {values["id"]: dict(values) for values in rows}
