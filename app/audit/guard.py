"""Nobody changes or deletes a record of the audit or a link of its chain, not even work without a person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from app.models import AuditRecord, AuditSeal

KEPT = (AuditRecord, AuditSeal)
TABLES = tuple(model.__table__ for model in KEPT)


class AuditIsKeptError(Exception):
    """Something tried to change or delete what the audit holds; nothing was written."""


@event.listens_for(Session, "before_flush")
def refuse_rows(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    """Refuse records that were changed or deleted as objects."""
    changed = [row for row in session.dirty if session.is_modified(row)]
    if any(isinstance(row, KEPT) for row in [*changed, *session.deleted]):
        raise AuditIsKeptError("records of the audit are neither changed nor deleted")


@event.listens_for(Session, "do_orm_execute")
def refuse_statements(state: ORMExecuteState) -> None:
    """Refuse UPDATE and DELETE statements that a session is given."""
    if (state.is_update or state.is_delete) and getattr(state.statement, "table", None) in TABLES:
        raise AuditIsKeptError("records of the audit are neither changed nor deleted")
