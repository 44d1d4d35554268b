"""The one way a record of the audit is changed: its values go with the person they told of."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.models import AuditRecord
from app.policy.scopes import table_of

ERASED = "***"
MOST = 500  # ids in a statement


def erase(session: Session, ids: Collection[int], erased_at: datetime) -> None:
    """Take the values and the name out of records; which columns were changed, by whom and when, stays.

    ``erased_at`` is the moment (``at``) of the Erasure that demands it: without one, verify.py takes the record for
    a forged one. The digest in the chain stays that of the record as it was. The caller commits.
    """
    record, connection, numbers = table_of(AuditRecord), session.connection(), sorted(ids)
    for start in range(0, len(numbers), MOST):
        some = numbers[start : start + MOST]
        told = select(record.c.id, record.c.changes).where(record.c.id.in_(some))
        for number, changes in connection.execute(told).all():
            emptied = {name: [ERASED, ERASED] for name in changes}
            values = {"changes": emptied, "summary": "", "erased_at": erased_at}
            connection.execute(update(record).where(record.c.id == number).values(values))
