"""A class list between its upload and the decision: kept until it is applied, a day at most."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from app.imports.applying import Result, apply
from app.imports.corrections import corrections
from app.imports.reading import read
from app.models import StudentImport
from app.policy import Actor

KEPT = timedelta(days=1)


def keep(session: Session, actor: Actor, file_name: str, content: bytes) -> StudentImport:
    """Keep a file that can be read, for its author; the caller commits. Older files are forgotten."""
    _forget(session, actor.now)
    upload = StudentImport(author_id=actor.user_id, file_name=file_name, content=content, created_at=actor.now)
    session.add(upload)
    session.flush()
    return upload


def find(session: Session, actor: Actor, number: int, *, to_apply: bool = False) -> StudentImport | None:
    """The person's own upload; ``to_apply`` locks it, so that two confirmations take turns."""
    own = select(StudentImport).where(StudentImport.id == number, StudentImport.author_id == actor.user_id)
    return session.scalars(own.with_for_update() if to_apply else own).one_or_none()


def confirm(session: Session, actor: Actor, upload: StudentImport) -> Result:
    """Apply the list as the journal stands now; the caller commits.

    Of the file nothing stays but the rows to correct, as a spreadsheet. Raises ApplyingError.
    """
    if upload.content is None or upload.applied_at is not None:
        raise ValueError("the list is applied or forgotten")
    table = read(upload.content, upload.file_name)
    result = apply(session, table, actor.today, actor.now)
    upload.applied_at = actor.now
    upload.content = corrections(table, result.plan) if any(result.plan.to_correct()) else None
    return result


def _forget(session: Session, now: datetime) -> None:
    old = (
        select(StudentImport)
        .where(StudentImport.content.is_not(None), StudentImport.created_at < now - KEPT)
        .options(defer(StudentImport.content))
    )
    for upload in session.scalars(old):
        upload.content = None
