"""Seals what the audit has recorded: one link of the chain for each record, in the order of their ids.

A record is sealed only when no transaction can still bring one with a smaller id. SQLite has one writer, and whoever
seals is it. PostgreSQL gives out ids before the commit, so the table is locked for a moment against who writes: then
what is there is all there is up to the last id. Ids that were given out for nothing are gaps, which is normal.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, func, insert, select, text
from sqlalchemy.exc import OperationalError

from app.audit.chain import digest, end, link
from app.models import AuditRecord, AuditSeal
from app.policy.scopes import table_of

BATCH = 1000
PATIENCE = 250  # milliseconds to wait for who writes; meanwhile others wait for us


def seal(engine: Engine, most: int | None = None) -> int:
    """Seal the records that wait, at most about ``most``, each batch in a transaction of its own; how many.

    Ends early when somebody else seals, or the database is busy: the next time goes on.
    """
    done = 0
    try:
        finished = _finished(engine)
        while most is None or done < most:
            with engine.begin() as connection:
                sealed = _seal_batch(connection, finished)
            if sealed == 0:
                break
            done += sealed
    except OperationalError:
        return done
    return done


def _finished(engine: Engine) -> int:
    """The last id up to which every record is there that ever will be."""
    record = table_of(AuditRecord)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SET LOCAL lock_timeout = {PATIENCE}"))
            connection.execute(text("LOCK TABLE audit_record IN SHARE MODE"))
        return connection.scalar(select(func.max(record.c.id))) or 0


def _seal_batch(connection: Connection, finished: int) -> int:
    if connection.dialect.name == "postgresql":  # one seals at a time; who only reads does not wait
        connection.execute(text("LOCK TABLE audit_seal IN EXCLUSIVE MODE NOWAIT"))
    number, last, sealed_to = end(connection)
    record = table_of(AuditRecord)
    waiting = select(record).where(record.c.id > sealed_to, record.c.id <= finished)
    rows = connection.execute(waiting.order_by(record.c.id).limit(BATCH)).mappings().all()
    links, now = [], datetime.now(UTC)
    for row in rows:
        number, made = number + 1, digest(dict(row))
        last = link(last, made)
        links.append({"id": number, "record_id": row["id"], "digest": made, "hash": last, "sealed_at": now})
    if links:
        connection.execute(insert(table_of(AuditSeal)), links)
    return len(links)
