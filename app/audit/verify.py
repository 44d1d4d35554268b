"""Finds what was altered in the audit after it was written: the chain is made again and compared.

Found are a record that was changed, taken out or put in, a link that does not follow from the one before or is
missing, and, with a head that was printed, a chain that was made anew or shortened. Records that wait for their seal
are no fault, see ``chain.head``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Connection, exists, select

from app.audit.chain import START, digest, link
from app.audit.erasing import digests_left
from app.models import AuditRecord, AuditSeal, Erasure
from app.policy.scopes import table_of

SEAL, RECORD = table_of(AuditSeal), table_of(AuditRecord)
AT_ONCE = 1000  # rows held in memory


def faults(connection: Connection, head: str | None = None) -> list[str]:
    """A sentence for each fault, none for an audit as it was written.

    ``head`` is one that was kept elsewhere, «NUMBER:HASH». Reads only; rows come a thousand at a time.
    """
    found = list(_of_links(connection))
    found += _put_in(connection)
    if head is not None:
        found += against(connection, head)
    return found


def _of_links(connection: Connection) -> Iterator[str]:
    erasures, left = set(connection.scalars(select(table_of(Erasure).c.at))), dict(digests_left(connection))
    columns = [SEAL.c[name].label(f"seal_{name}") for name in ("id", "record_id", "digest", "hash")]
    links = select(*columns, RECORD).outerjoin(RECORD, RECORD.c.id == SEAL.c.record_id).order_by(SEAL.c.id)
    number, before, record_id = 0, START, 0
    rows = connection.execute(links.execution_options(stream_results=True, yield_per=AT_ONCE)).mappings()
    for row in rows:
        if row["seal_id"] != number + 1:
            yield _("Links %(first)s to %(last)s of the chain are missing.", first=number + 1, last=row["seal_id"] - 1)
        elif row["seal_hash"] != link(before, row["seal_digest"]) or row["seal_record_id"] <= record_id:
            yield _("Link %(number)s of the chain does not follow from the one before it (record %(record)s).",
                    number=row["seal_id"], record=row["seal_record_id"])  # fmt: skip
        yield from _of_record(dict(row), erasures, left)
        number, before, record_id = row["seal_id"], row["seal_hash"], row["seal_record_id"]


def _of_record(row: dict[str, Any], erasures: set[datetime], left: dict[int, str]) -> Iterator[str]:
    number = row["seal_record_id"]
    if row["id"] is None:
        yield _("Record %(number)s is missing.", number=number)
    elif row["erased_at"] is None:
        if digest(row) != row["seal_digest"]:
            yield _("Record %(number)s was changed after it was sealed.", number=number)
    elif row["erased_at"] not in erasures:
        yield _("Record %(number)s is marked as erased, but nobody's data were erased then.", number=number)
    elif digest(row) != left.get(number):
        yield _("Record %(number)s is not what an erasure left of it.", number=number)


def _put_in(connection: Connection) -> list[str]:
    """Records without a link between those that have one."""
    last = select(SEAL.c.record_id).order_by(SEAL.c.record_id.desc()).limit(1).scalar_subquery()
    unsealed = ~exists().where(SEAL.c.record_id == RECORD.c.id)
    numbers = connection.scalars(select(RECORD.c.id).where(RECORD.c.id < last, unsealed).order_by(RECORD.c.id))
    return [_("Record %(number)s was added among records that were sealed before.", number=one) for one in numbers]


def against(connection: Connection, head: str) -> list[str]:
    """What a head that was kept says of the chain. Raises ValueError for what is no head."""
    if not re.fullmatch(r"\d{1,9}:[0-9a-f]{64}", head.strip()):
        raise ValueError(head)
    number, kept = head.strip().split(":")
    found = connection.scalar(select(SEAL.c.hash).where(SEAL.c.id == int(number))) if int(number) else START
    if found is None:
        return [_("The chain was shortened: link %(number)s, which was printed, is not there.", number=number)]
    if found != kept:
        return [_("The chain was made anew: link %(number)s is not the one that was printed.", number=number)]
    return []
