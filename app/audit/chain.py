"""How records of the audit are linked: what a link is made of, and where the chain stands.

    digest = SHA-256 of the record as canonical JSON
    hash   = SHA-256 of the hash of the link before, followed by digest

Both in 64 hexadecimal digits; before the first link stand 64 zeros. So whoever changes a record, takes one out or puts
one in has to make every later link anew, and cannot make the hash of a printed head come out again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from app.models import AuditRecord, AuditSeal
from app.policy.scopes import table_of

START = "0" * 64
SEALED = (
    "id", "at", "actor_id", "address", "source", "unit", "action", "model", "object_id", "student_id", "user_id",
    "lesson_id", "changes", "summary",
)  # fmt: skip
"""Columns of a record that are sealed: all but that it was erased."""


@dataclass(frozen=True)
class Head:
    """The last link: its number, hash and moment; how many records came after it. Number 0: nothing is sealed."""

    number: int
    hash: str
    sealed_at: datetime | None
    waiting: int

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


def digest(record: Mapping[str, Any]) -> str:
    """What is sealed of a record: of the values of its columns, however the database writes them."""
    said = {name: record[name] for name in SEALED}
    said["at"] = record["at"].astimezone(UTC).isoformat(timespec="microseconds")
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def link(before: str, record_digest: str) -> str:
    """The hash of the link that follows one with the hash ``before``."""
    return hashlib.sha256((before + record_digest).encode()).hexdigest()


def end(connection: Connection) -> tuple[int, str, int]:
    """Number and hash of the last link, and the id of the record it seals."""
    seal = table_of(AuditSeal)
    last = connection.execute(select(seal).order_by(seal.c.id.desc()).limit(1)).first()
    return (last.id, last.hash, last.record_id) if last else (0, START, 0)


def head(connection: Connection) -> Head:
    """Where the chain stands."""
    seal, record = table_of(AuditSeal), table_of(AuditRecord)
    number, its_hash, sealed_to = end(connection)
    sealed_at = connection.scalar(select(seal.c.sealed_at).where(seal.c.id == number))
    waiting = connection.scalar(select(func.count()).where(record.c.id > sealed_to)) or 0
    return Head(number, its_hash, sealed_at, waiting)
