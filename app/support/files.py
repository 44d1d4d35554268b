"""Screenshots of support requests: kept under random names, given to those who see the request."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.attachments import Upload
from app.models import SupportFile, SupportRequest
from app.stored_files import shelf

MOST = 5  # screenshots of a request

_shelf = shelf("support", SupportFile.stored)


def attach(session: Session, request: SupportRequest, uploads: Sequence[Upload]) -> None:
    """Add screenshots to a request that is about to be written; they go again when the session rolls back."""
    for upload in uploads:
        stored = _shelf.keep(session, upload.content, upload.suffix)
        request.files.append(SupportFile(name=upload.name, stored=stored, size=len(upload.content)))


def file(session: Session, number: int) -> SupportFile | None:
    """A screenshot that the session's person may see."""
    return session.scalars(select(SupportFile).where(SupportFile.id == number)).one_or_none()


def path(file: SupportFile) -> Path:
    """Where it is."""
    return _shelf.folder() / file.stored
