"""The migrations are the only way the schema changes, and they build what the models say."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import func, inspect, select

from app.extensions import db
from app.models import Lesson, Mark, Work
from tests.school import School


def test_they_build_exactly_the_tables_of_the_models(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_they_can_be_taken_back(app: Flask) -> None:
    downgrade(revision="base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]


def test_they_keep_the_rows_of_a_school(app: Flask, school: School) -> None:
    db.session.add(Mark(work=school.work, student=school.student, value=5))
    db.session.commit()
    db.session.remove()
    downgrade(revision="0001")
    upgrade()
    with db.engine.connect() as connection:
        for model in (Lesson, Work, Mark):
            assert connection.scalar(select(func.count()).select_from(model)) == 1


def test_no_index_is_the_beginning_of_another(app: Flask) -> None:
    """It would cost space and every write, and answer nothing that the longer one does not."""
    shown = inspect(db.engine)
    for table in shown.get_table_names():
        unique = [tuple(each["column_names"]) for each in shown.get_unique_constraints(table)]
        plain = [
            tuple(each["column_names"])
            for each in shown.get_indexes(table)
            if not (each["unique"] or any(name.endswith("_where") for name in each.get("dialect_options", ())))
        ]
        longer = {columns[:n] for columns in {*unique, *plain} for n in range(1, len(columns))}
        assert not {*plain} & {*longer, *unique}, table


def test_the_commands_of_flask_migrate_are_there(app: Flask) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["db", "heads"]).exit_code == 0
    assert "downgrade" in runner.invoke(args=["db", "--help"]).output
