"""The one way a record of the audit is changed: what it says of a person goes with the person.

What is left of each record is itself recorded, by its digest, under the action «erase»; so it is sealed too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from app.audit.chain import digest
from app.audit.recording import add
from app.models import AuditRecord, Erasure
from app.policy.scopes import table_of

ACTION = "erase"
MOST = 500  # records in a statement, and told of by one record


def erase(session: Session, erasure: Erasure, left: Mapping[int, Mapping[str, Any]]) -> None:
    """Leave of records of the audit what ``left`` says: values of columns by the id of the record.

    ``erasure`` is the row, already written, that demands it. The digests in the chain stay those of the records as
    they were. The caller commits.
    """
    record, connection = table_of(AuditRecord), session.connection()
    those = sorted(left)
    for start in range(0, len(those), MOST):
        numbers = those[start : start + MOST]
        for number in numbers:
            values = {**left[number], "erased_at": erasure.at}
            connection.execute(update(record).where(record.c.id == number).values(values))
        rows = connection.execute(select(record).where(record.c.id.in_(numbers))).mappings()
        add(session, ACTION, erasure, {}, {str(row["id"]): digest(dict(row)) for row in rows})


def digests_left(connection: Connection) -> Iterator[tuple[int, str]]:
    """Ids of erased records and the digests of what was left of them; of one erased twice the last comes last."""
    record = table_of(AuditRecord)
    told = select(record.c.changes).where(record.c.action == ACTION).order_by(record.c.id)
    for changes in connection.scalars(told):
        yield from ((int(number), pair[1]) for number, pair in changes.items())
