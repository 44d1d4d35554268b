"""Files sent with a message: kept under random names, given to the readers of the thread only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flask import current_app
from sqlalchemy.orm import Session

from app.attachments import Upload
from app.models import Message, MessageFile
from app.stored_files import shelf

MOST = 5  # files of a message

_shelf = shelf("messages", MessageFile.stored)


def limit() -> int:
    """The largest file that is taken, in bytes (setting MESSAGE_FILE_MB)."""
    return int(current_app.config["MESSAGE_FILE_MB"]) << 20


def attach(session: Session, message: Message, uploads: Sequence[Upload]) -> None:
    """Add files to a message that is about to be written; they go again when the session rolls back."""
    for upload in uploads:
        stored = _shelf.keep(session, upload.content, upload.suffix)
        message.files.append(MessageFile(name=upload.name, stored=stored, size=len(upload.content)))


def path(file: MessageFile) -> Path:
    """Where the file is."""
    return _shelf.folder() / file.stored
