"""What a running installation forgets: rows whose time is over, as app/personal_data/tables.py declares it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.extensions import Base
from app.personal_data.holdings import Retention
from app.personal_data.tables import HOLDINGS


def forget(session: Session, now: datetime) -> None:
    """Delete rows that have outlived their retention, those that refer to others first. Commits.

    ``session`` is one of ``policy.system()``.
    """
    models = {model.__table__: model for model in HOLDINGS}
    for table in reversed(Base.metadata.sorted_tables):
        _forget(session, models[table], HOLDINGS[models[table]].retention, now)
    session.commit()


def _forget(session: Session, model: type[Base], retention: Retention, now: datetime) -> None:
    if retention.after is None or retention.old is None:
        return
    old = retention.old(now - retention.after)
    if "stored" not in model.__table__.c:
        session.execute(delete(model).where(old).execution_options(synchronize_session=False))
        return
    for row in session.scalars(select(model).where(old)):  # as objects: their files go along
        session.delete(row)
    session.flush()
