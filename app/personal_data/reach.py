"""Which rows of a table lead to a person: by a foreign key, or by several one after the other."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, select

from app.extensions import Base
from app.models import Student, User
from app.personal_data.holdings import Step
from app.personal_data.tables import HOLDINGS
from app.policy.scopes import table_of


def leads_to(table: Table, path: str) -> str:
    """The table at the end of ``path`` («mark_id.student_id»)."""
    for name in path.split("."):
        table = _target(table, name)
    return table.name


def rows_of(table: Table, path: str, number: int) -> ColumnElement[bool]:
    """Rows from which ``path`` leads to the row ``number`` of the table at its end."""
    name, _dot, rest = path.partition(".")
    if not rest:
        return table.c[name] == number
    target = _target(table, name)
    return table.c[name].in_(select(target.c.id).where(rows_of(target, rest, number)))


def ways(model: type[Base], person: type[User] | type[Student]) -> list[str]:
    """Every way from the table to a person: its foreign keys, and the longer ones that an erasure takes."""
    table = table_of(model)
    direct = [column.name for column in table.c if column.foreign_keys]
    longer = [step.by for step in HOLDINGS[model].erasure if "." in step.by]
    return [path for path in (*direct, *longer) if leads_to(table, path) == person.__tablename__]


def steps(person: type[User] | type[Student]) -> list[tuple[type[Base], Step]]:
    """The steps of an erasure with the models they write, those that refer to others first."""
    models = {table_of(model): model for model in HOLDINGS}
    return [
        (models[table], step)
        for table in reversed(Base.metadata.sorted_tables)
        for step in HOLDINGS[models[table]].erasure
        if leads_to(table, step.by) == person.__tablename__
    ]


def _target(table: Table, name: str) -> Table:
    return next(iter(table.c[name].foreign_keys)).column.table
