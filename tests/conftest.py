"""Applications on a fresh, migrated database: SQLite in a temporary folder, and PostgreSQL."""

from __future__ import annotations

import gc
import shutil
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask_migrate import upgrade
from jinja2 import BytecodeCache, FileSystemBytecodeCache

from app import clock as times
from app import create_app, policy
from app.extensions import db
from tests.demo import demo_school
from tests.postgres_server import PostgresServer
from tests.school import School, small_school
from tests.school_panel import Panel
from tests.sooner import keep_addresses, keep_statements
from tests.telephone import Clock
from tests.visitor import Visitor


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test process."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def postgres(postgres_server: PostgresServer) -> str:
    """Its address."""
    return postgres_server.url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated, empty database, of either kind: a copy of a file, or the one of this test process, emptied."""
    if request.param == "sqlite":
        copy = tmp_path / "journal.sqlite"
        shutil.copyfile(request.getfixturevalue("migrated_file"), copy)
        return f"sqlite:///{copy}"
    used: UsedDatabase = request.getfixturevalue("used_database")
    return used.emptied()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables."""
    file = tmp_path_factory.mktemp("migrated") / "journal.sqlite"
    migrate(f"sqlite:///{file}", file.parent)
    return file


class UsedDatabase:
    """A PostgreSQL database that one test after the other gets; making one takes longer than most tests."""

    def __init__(self, server: str, folder: Path) -> None:
        self.server, self.folder, self.url = server, folder, ""

    def emptied(self) -> str:
        """Its address, without rows and with all numbers beginning at 1; a new one when a test left it unusable."""
        if not self.url or not self._empty():
            self.url = new_database(self.server)
            migrate(self.url, self.folder)
        return self.url

    def _empty(self) -> bool:
        try:
            with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
                connection.execute("SET lock_timeout = '3s'")
                connection.execute("SET session_replication_role = replica")  # foreign keys wait for nobody
                for table in db.metadata.tables:
                    if connection.execute(f'DELETE FROM "{table}"').rowcount:
                        connection.execute(f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), 1, false)")
        except psycopg.Error:
            return False
        return True


@pytest.fixture(scope="session")
def used_database(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> UsedDatabase:
    """The PostgreSQL database of this test process."""
    return UsedDatabase(postgres, tmp_path_factory.mktemp("used"))


def migrate(url: str, folder: Path) -> None:
    """Run all migrations on an empty database."""
    application = create_app({"SQLALCHEMY_DATABASE_URI": url, "TESTING": True, "SECRET_KEY": "test key"}, folder)
    with application.app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()


def empty_database(request: pytest.FixtureRequest, folder: Path) -> str:
    """The address of a new database without tables, of the kind that the fixture is asked for."""
    if request.param == "sqlite":
        return f"sqlite:///{folder / 'journal.sqlite'}"
    return new_database(request.getfixturevalue("postgres"))


def new_database(server: str) -> str:
    """The address of a new PostgreSQL database."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return server.replace("/postgres?", f"/{name}?").replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """Templates are compiled once, not once for every application of a test."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(database_url: str, tmp_path: Path, compiled_templates: BytecodeCache) -> Iterator[Flask]:
    """The application on a migrated, empty database, inside its context."""
    settings = {"SQLALCHEMY_DATABASE_URI": database_url, "TESTING": True, "LOCALE": "en", "SECRET_KEY": "test key"}
    application = create_app(settings, instance=tmp_path / "instance")
    application.jinja_env.bytecode_cache = compiled_templates
    application.test_client_class = Visitor
    with application.app_context():
        keep_statements(db.engine)
        policy.act_as(db.session(), policy.SYSTEM)
        db.session().expire_on_commit = False  # rows stay readable without a lock on SQLite
        yield application
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time of the application: it stands until a test moves it."""
    standing = Clock()
    monkeypatch.setattr(times, "now", standing)
    return standing


@pytest.fixture
def school(app: Flask) -> School:
    """The smallest school, written."""
    return small_school()


@pytest.fixture
def panel(app: Flask) -> Panel:
    """The panel without the sign-in."""
    return Panel(app)


@pytest.fixture(scope="session")
def demo_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application on the small demo school (SQLite); tests look at it and change nothing."""
    return demo_school(tmp_path_factory.mktemp("demo"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the large tests looked at and found, added up over all processes."""
    found = Counter[str]()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "call":
                for name, number in report.user_properties:
                    if not isinstance(number, str):  # a line of docs/reliability.md
                        found[name] += number
    for name, number in sorted(found.items()):
        terminalreporter.write_line(f"{name}: {number}")


def pytest_sessionstart() -> None:
    """What is imported stays: the collector of rubbish need not look through it again and again."""
    keep_addresses()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
