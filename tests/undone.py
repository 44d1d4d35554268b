"""What tests of undo share: deletions by a person, each a transaction of its own, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import Base, db
from app.models import AuditRecord, User
from app.undo import changed, deleted
from tests.test_policy import session_of

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
TELLING = {"audit_record", "undoing", "happening", "rule_touch"}
UNTOLD = {"version"}


def done(who: User, act: Callable[[Session], Any]) -> Any:
    """What ``act`` gives back, after it was written as one transaction of the person."""
    with session_of(who) as session:
        result = act(session)
        session.commit()
    return result


def fresh(model: type[Any], number: int) -> Any:
    """A row as it stands in the database now."""
    row = db.session.get_one(model, number, populate_existing=True)
    db.session.commit()
    return row


def standing() -> set[str]:
    """Every row of the database with its values, without versions and without what tells of what was done."""
    db.session.commit()
    with Session(db.engine) as session:
        return {
            f"{table.name}: " + str({name: value for name, value in row.items() if name not in UNTOLD})
            for table in Base.metadata.sorted_tables
            if table.name not in TELLING
            for row in session.connection().execute(select(table)).mappings()
        }


def delete(who: User, *rows: Any) -> None:
    """Delete rows at once."""

    def act(session: Session) -> None:
        for row in rows:
            session.delete(session.get_one(type(row), row.id))

    done(who, act)


def last(model: str, action: str = "delete") -> int:
    """The id of the last record of a kind."""
    which = (AuditRecord.model == model, AuditRecord.action == action)
    return db.session.scalars(select(AuditRecord.id).where(*which).order_by(AuditRecord.id.desc())).first() or 0


def bring_back(who: User, record_id: int, *, whole: bool = False, now: datetime = NOW) -> dict[Any, int]:
    """Undo a deletion; give back the new ids by model and old id. Raises what stands in the way."""

    def act(session: Session) -> dict[Any, int]:
        plan = deleted.plan(session, session.get_one(AuditRecord, record_id), now, whole=whole)
        rows = deleted.bring_back(session, plan, now)
        return {old: row.id for old, row in rows.items()}

    return done(who, act)


def put_back(who: User, record_id: int, now: datetime = NOW) -> None:
    """Undo a change. Raises what stands in the way."""

    def act(session: Session) -> None:
        changed.put_back(session, changed.plan(session, session.get_one(AuditRecord, record_id), now), now)

    done(who, act)
