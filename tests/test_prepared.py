"""PostgreSQL plans a statement once and not at each request: what has only read ends without a ROLLBACK."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app import policy
from app.extensions import begin_reading, db
from app.models import Subject

PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%subject%'")
OFTEN = 8  # psycopg prepares at the sixth time


def read() -> int:
    with policy.system() as session:
        begin_reading(session)
        return session.scalars(select(func.count(Subject.id))).one()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_is_asked_often_stays_prepared(app: Flask) -> None:
    for _time in range(OFTEN):
        read()
    with db.engine.connect() as connection:
        assert connection.scalar(PREPARED) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_page_waits_for_no_compiler_and_no_workers(app: Flask) -> None:
    with db.engine.connect() as connection:
        assert connection.scalar(text("SHOW jit")) == "off"
        assert connection.scalar(text("SHOW max_parallel_workers_per_gather")) == "0"


def test_what_was_written_is_rolled_back(app: Flask) -> None:
    before = read()
    with policy.system() as session:
        session.scalars(select(Subject)).all()
        session.add(Subject(name="Риторика"))
        session.flush()
        session.scalars(select(Subject)).all()
    assert read() == before
    with db.engine.connect() as connection:
        connection.execute(text("INSERT INTO subject (name, search_name) VALUES ('Риторика', 'риторика')"))
    assert read() == before


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_went_past_the_statements_is_rolled_back_too(app: Flask) -> None:
    before = read()
    with db.engine.connect() as connection:
        connection.execute(select(Subject.id)).all()
        cursor = connection.connection.cursor()
        with cursor, cursor.copy("COPY subject (name, search_name) FROM STDIN") as copy:
            copy.write_row(("Риторика", "риторика"))
    assert read() == before
