"""The database: there, of a kind that works, migrated, with a deputy director, a worker and a backup."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask_babel import gettext as _
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from app import clock, demo, health, policy
from app.control import records
from app.delivery import outbox, pulse
from app.doctor.finding import Finding, fail, ok, warn
from app.models import SecondFactor, User

OLDEST_SQLITE, OLDEST_POSTGRESQL = (3, 35, 0), 130000
CLOCKS_DIFFER = timedelta(seconds=5)
LONG = timedelta(minutes=5)


def database(app: Flask) -> Iterator[Finding]:
    """All that is asked of the database; one finding only when it does not answer."""
    try:
        state = health.database_state()
        with health.reading() as connection:
            yield from _kind(connection)
            yield from _migrated(state)
            if state == "not migrated":
                return
            yield from _clock(connection)
            yield from _locks(connection)
            yield from _worker(connection)
            yield from _backup(connection)
    except SQLAlchemyError as error:
        yield fail("database", _("The database does not answer (%(kind)s).", kind=type(error).__name__),
                   _("Is it running, is DATABASE_URL right, and was «flask --app wsgi db upgrade» run?"))  # fmt: skip
        return
    yield from _people(app)
    yield from _counts()


def _counts() -> Iterator[Finding]:
    """The kept counts of the control are what the rows say."""
    now = datetime.now(UTC)
    with policy.system() as session:
        wrong = records.wrong_counts(session, clock.day_of(now), now, clock.zone())
    if wrong:
        yield fail("counts", _("Counts of the control do not agree with the rows: %(rules)s.", rules=", ".join(wrong)),
                   _("Tell whoever made the program. Empty the table rule_count: it is filled again by the worker.")
                   )  # fmt: skip
    else:
        yield ok("counts", _("The counts of the control agree with the rows."))


def _migrated(state: str) -> Iterator[Finding]:
    if state == "not migrated":
        yield fail("migrations", _("The database is older than the program."), _("Run: flask --app wsgi db upgrade"))
    elif state == "read only":
        yield fail("migrations", _("The database cannot be written."),
                   _("Give the account of the journal the right to write, and look for a full disk."))  # fmt: skip
    else:
        yield ok("migrations", _("The database is migrated and can be written."))


def _kind(connection: Connection) -> Iterator[Finding]:
    if connection.dialect.name == "postgresql":
        number = int(connection.scalar(text("SHOW server_version_num")) or 0)
        if number < OLDEST_POSTGRESQL:
            yield fail("database", _("PostgreSQL is too old."), _("Use PostgreSQL 13 or newer."))
        else:
            yield ok("database", f"PostgreSQL {number // 10000}.{number % 10000}")
        return
    version = tuple(int(part) for part in str(connection.scalar(text("SELECT sqlite_version()"))).split("."))
    mode = connection.scalar(text("PRAGMA journal_mode"))
    keys = connection.scalar(text("PRAGMA foreign_keys"))
    if version < OLDEST_SQLITE or mode != "wal" or not keys:
        yield fail("database", _("SQLite does not work as it must (version, write-ahead log or foreign keys)."),
                   _("Use SQLite 3.35 or newer, and a local disk: a network folder cannot hold its log."))  # fmt: skip
    else:
        yield ok("database", "SQLite " + ".".join(map(str, version)))


def _clock(connection: Connection) -> Iterator[Finding]:
    if connection.dialect.name != "postgresql":
        return
    theirs = connection.scalar(text("SELECT clock_timestamp()"))
    if theirs is not None and abs(theirs - datetime.now(UTC)) > CLOCKS_DIFFER:
        yield fail("clock-of-database", _("The clocks of this machine and of the database differ."),
                   _("Let both ask a time server (chrony or systemd-timesyncd)."))  # fmt: skip
    else:
        yield ok("clock-of-database", _("The clock of the database agrees."))


def _locks(connection: Connection) -> Iterator[Finding]:
    """A transaction that somebody left open keeps others waiting."""
    if connection.dialect.name != "postgresql":
        return
    held = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND state LIKE 'idle in transaction%' AND xact_start < clock_timestamp() - :long"
    )
    if number := connection.scalar(held, {"long": LONG}):
        yield warn("locks", _("Transactions left open for more than five minutes: %(number)s.", number=str(number)),
                   _("Look in pg_stat_activity whose they are, and end them."))  # fmt: skip
    else:
        yield ok("locks", _("No transaction was left open."))


def _worker(connection: Connection) -> Iterator[Finding]:
    now, seen_at = datetime.now(UTC), pulse.latest(connection)
    queue = outbox.backlog(connection, now)
    if seen_at is None or now - seen_at > pulse.SILENT:
        yield fail("worker", _("No message worker is at work; messages waiting: %(number)s.",
                               number=str(queue["length"])),
                   _("Start one: flask --app wsgi deliver (flask serve has its own)."))  # fmt: skip
    elif queue["oldest_due_seconds"] > health.STUCK.total_seconds():
        yield warn("worker", _("Messages have been waiting for more than 15 minutes: %(number)s.",
                               number=str(queue["length"])),
                   _("Look at «Deliveries» in the panel for the reason."))  # fmt: skip
    else:
        yield ok("worker", _("A message worker is at work; messages waiting: %(number)s.", number=str(queue["length"])))


def _backup(connection: Connection) -> Iterator[Finding]:
    made_at = health.last_backup(connection)
    if made_at is None:
        yield warn("backup", _("No backup has been made yet."), _("Make one and look whether it can be restored."))
    elif datetime.now(UTC) - made_at > health.BACKUP_LASTS:
        yield warn("backup", _("The last backup is of %(day)s.", day=made_at.date().isoformat()),
                   _("Look at the list of backups for the reason, and make one now."))  # fmt: skip
    else:
        yield ok("backup", _("The last backup is of %(day)s.", day=made_at.date().isoformat()))


def _people(app: Flask) -> Iterator[Finding]:
    with policy.system() as session:
        deputies = select(User.id).where(User.is_deputy_director, User.is_active)
        number = session.scalar(select(func.count()).select_from(deputies.subquery())) or 0
        safe = session.scalar(
            select(func.count(SecondFactor.id)).where(
                SecondFactor.user_id.in_(deputies), SecondFactor.confirmed_at.is_not(None)
            )
        )
        is_demo = demo.is_demo(session)
    if not number:
        yield fail("deputy", _("There is no deputy director: nobody can give access."),
                   _("Run: flask --app wsgi create-deputy LOGIN"))  # fmt: skip
    elif safe != number:
        advice = _("Let each set it up under «My access». SECOND_FACTOR_FOR_DEPUTIES=1 demands it.")
        yield warn("deputy", _("Deputy directors without a second factor: %(number)s of %(all)s.",
                               number=str(number - (safe or 0)), all=str(number)), advice)  # fmt: skip
    else:
        yield ok("deputy", _("Every deputy director has a second factor."))
    if is_demo and str(app.config["PUBLIC_URL"]).startswith("https://"):
        yield fail("demo", _("This is the demo school: anybody can sign in with passwords that everybody knows."),
                   _("Begin with an empty database."))  # fmt: skip
    elif is_demo:
        yield warn("demo", _("This is the demo school."), _("Begin with an empty database for a real school."))
    else:
        yield ok("demo", _("No demo school."))
