"""Flask extensions: created here, bound to the application in create_app()."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, has_request_context, request
from flask_babel import Babel
from flask_compress import Compress
from flask_login import LoginManager
from flask_mail import Mail
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from psycopg import Error as DriverError
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, MetaData, event
from sqlalchemy.orm import DeclarativeBase, Session


class Base(DeclarativeBase):
    """The declarative base; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


ONLY_READ = "only_read"  # in what is known of a connection: whether its transaction has
PATIENCE = {
    "connect_timeout": 5, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}  # fmt: skip
"""What libpq is told, in seconds; the last in milliseconds. https://www.postgresql.org/docs/15/libpq-connect.html"""

db = SQLAlchemy(model_class=Base)
if TYPE_CHECKING:  # db.Model is made at run time, where mypy cannot follow.
    Model = Base
else:
    Model = db.Model
login = LoginManager()
mail = Mail()
csrf = CSRFProtect()
babel = Babel()
compress = Compress()


class Migrations:
    """What Flask-Migrate finds in ``app.extensions``: it and Alembic take 11 MB, which only who migrates needs."""

    directory = Path(__file__).resolve().parent.parent / "migrations"

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __getattr__(self, name: str) -> Any:
        from flask_migrate import Migrate

        Migrate(self._app, db, directory=str(self.directory))  # takes its place
        return getattr(self._app.extensions["migrate"], name)


@event.listens_for(Engine, "do_connect")
def _do_not_wait_for_ever(dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
    """A PostgreSQL that is gone without a word is noticed: libpq itself would wait for minutes or hours."""
    if dialect.name == "postgresql":
        for name, seconds in PATIENCE.items():
            parameters.setdefault(name, seconds)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Make SQLite durable, concurrent and strict; other databases are left alone."""
    if not isinstance(connection, sqlite3.Connection):
        return
    # The driver's implicit BEGIN is switched off: _begin starts transactions.
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "busy_timeout = 10000", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "connect")
def _prepare_postgresql(connection: Any, _record: Any) -> None:
    """Do without PostgreSQL's just-in-time compiler and parallel workers: for statements of many parts, as rights make
    them, that run for five milliseconds, the first takes a second, and to start the second fifteen milliseconds.
    https://www.postgresql.org/docs/15/jit-decision.html, https://www.postgresql.org/docs/15/how-parallel-query-works.html
    """
    if type(connection).__module__.startswith("psycopg"):
        connection.autocommit = True
        connection.execute("SET jit = off; SET max_parallel_workers_per_gather = 0")
        connection.autocommit = False


@event.listens_for(Engine, "begin")
def _begin(connection: Any) -> None:
    """Take SQLite's write lock at the start: a later upgrade of a read lock fails or loses updates.

    What only reads begins deferred, so that readers wait for nobody: a request that asks for a page, and
    what says so; see begin_writing and begin_reading.
    """
    asks = has_request_context() and request.method in {"GET", "HEAD", "OPTIONS"}
    writes = connection.get_execution_options().get("writes", not asks)
    connection.info[ONLY_READ] = not writes
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@event.listens_for(Engine, "before_cursor_execute")
def _note(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    if not statement.startswith("SELECT"):
        connection.info[ONLY_READ] = False


@event.listens_for(Engine, "rollback")
def _end_reading(connection: Any) -> None:
    """On PostgreSQL, commit what was begun to read and has only read: a ROLLBACK makes psycopg forget which statements
    are prepared, and planning them anew takes longer than to run them.
    https://www.psycopg.org/psycopg3/docs/advanced/prepare.html
    """
    if connection.dialect.name != "postgresql" or connection.invalidated or not connection.info.get(ONLY_READ):
        return
    driver = connection.connection.dbapi_connection
    if driver.info.transaction_status == TransactionStatus.INTRANS:
        with suppress(DriverError):  # the rollback itself tells that the database is away
            driver.commit()


def begin_writing(session: Session) -> None:
    """Begin a transaction that will write, also within a request that otherwise only reads."""
    session.connection(execution_options={"writes": True})


def begin_reading(session: Session) -> None:
    """Begin a transaction that will only read, also within a request that otherwise writes."""
    session.connection(execution_options={"writes": False})


@contextmanager
def in_a_hurry(session: Session) -> Iterator[None]:
    """Wait a quarter of a second for SQLite's one writer instead of ten seconds.

    Begins the transaction, so that not even its beginning waits: the first write takes the lock.
    """
    if session.get_bind().dialect.name != "sqlite":
        yield
        return
    connection = session.connection(execution_options={"writes": False})
    patient = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
    connection.exec_driver_sql("PRAGMA busy_timeout = 250")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {patient}")
