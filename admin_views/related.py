"""What the rows are called that records tell of and point to: as far as the person may see them, one statement a
model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from flask import current_app
from sqlalchemy import inspect, select

from admin_views.search import SPELLED
from app.extensions import Base, db
from app.models import BY_NAME, AuditRecord

MOST = 200
"""Records on a page; an export of more tells numbers."""

OF_TABLE = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
Names = Mapping[tuple[str, int | None], str]


def names(records: Iterable[AuditRecord]) -> Names:
    """Names by model and id of all that the records tell of and point to; what is gone or hidden is not in it."""
    asked: dict[str, set[int]] = defaultdict(set)
    for record in records:
        asked[record.model].add(record.object_id)
        for model, number in (("Student", record.student_id), ("User", record.user_id)):
            asked[model].update([number] if number else [])
        for column, pair in record.changes.items():
            if target := target_of(record.model, column):
                asked[target].update(_ids(pair))
    return {
        (model, row.id): str(row)
        for model, ids in asked.items()
        if ids and (options := _spelled(model)) is not None
        for row in db.session.scalars(select(BY_NAME[model]).where(BY_NAME[model].id.in_(ids)).options(*options))
    }


def target_of(model: str, column: str) -> str | None:
    """Which model a column of a record points to; None for one that holds a value."""
    mapper = inspect(BY_NAME[model], raiseerr=False) if model in BY_NAME else None
    if mapper is None:
        return None
    if column in mapper.relationships:  # rows of a link table
        return str(mapper.relationships[column].mapper.class_.__name__)
    keys = mapper.columns[column].foreign_keys if column in mapper.columns else ()
    return next((OF_TABLE[key.column.table].__name__ for key in keys), None)


def screen_of(model: str) -> Any:
    """The list of the model's rows, where the person may open it."""
    views = current_app.extensions["admin"][0]._views
    found = (view for view in views if getattr(view, "model_class", None) is BY_NAME.get(model))
    return next((view for view in found if view.is_accessible()), None)


def _spelled(model: str) -> Any:
    """What is loaded with the rows so that their names need no further statement; None without a screen."""
    kind = BY_NAME.get(model)
    if kind in SPELLED:
        return SPELLED[kind]
    screen = screen_of(model)
    return screen.loading() if screen is not None else None


def _ids(pair: list[Any]) -> set[int]:
    """The numbers in an old and a new value, each one or a list of them."""
    values = [each for value in pair for each in (value if isinstance(value, list) else [value])]
    return {value for value in values if isinstance(value, int)}
