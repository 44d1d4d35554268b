"""Files of a homework: kept under random names, gone with their row."""

from __future__ import annotations

from pathlib import Path

from flask import current_app
from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import attachments
from app.attachments import Upload
from app.models import HomeworkFile, Lesson
from app.people.refusal import Refusal
from app.stored_files import shelf

MOST = 20  # files of a lesson

_shelf = shelf("homework", HomeworkFile.stored)


def limit() -> int:
    """The largest file that is taken, in bytes (setting HOMEWORK_FILE_MB)."""
    return int(current_app.config["HOMEWORK_FILE_MB"]) << 20


def read(given: str, content: bytes) -> Upload:
    """The file that somebody's disk calls ``given``. Raises attachments.FileError."""
    return attachments.read(given, content, limit())


def keep(session: Session, lesson: Lesson, upload: Upload) -> HomeworkFile:
    """Add the file to the homework of ``lesson``; it goes again when the session rolls back. The caller commits.

    Raises Refusal when the lesson has as many as it may.
    """
    there = session.scalar(select(func.count()).select_from(HomeworkFile).where(HomeworkFile.lesson_id == lesson.id))
    if (there or 0) >= MOST:
        raise Refusal(gettext("A lesson has at most %(most)s files. Delete some first.", most=MOST))
    stored = _shelf.keep(session, upload.content, upload.suffix)
    file = HomeworkFile(lesson_id=lesson.id, name=upload.name, stored=stored, size=len(upload.content))
    session.add(file)
    session.flush()
    return file


def path(file: HomeworkFile) -> Path:
    """Where the file is."""
    return _shelf.folder() / file.stored
