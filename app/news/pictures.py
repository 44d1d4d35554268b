"""Pictures of news: checked by what they are, made anew without what a camera writes into them, kept as files.

A file has a random name; the column ``NewsItem.picture`` holds it. Whatever writes the column, the
file of a picture that is gone goes after the commit, and that of one that never came at the rollback.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import LazyString, lazy_gettext
from PIL import Image, ImageOps
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from app.models import NewsItem

MAX_SIDE = 1600  # pixels of what is kept
MAX_PIXELS = 50_000_000  # of what is taken; more is no photo of a school event
SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}
COME, GONE = "pictures that came", "pictures that go"  # what a session notes until it ends
TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


class PictureError(Exception):
    """The file cannot be taken; nothing was kept. ``message`` says what to do."""

    def __init__(self, message: LazyString) -> None:
        super().__init__(message)
        self.message = message


NO_PICTURE = lazy_gettext("This is not a picture that can be shown. Choose a file of the kind JPEG, PNG or WebP.")
TOO_LARGE = lazy_gettext("The picture has too many pixels. Make it smaller, 1600 pixels wide is enough.")


@dataclass(frozen=True)
class Picture:
    """A picture that can be shown to anybody; ``suffix`` tells its format."""

    content: bytes
    suffix: str

    @property
    def media_type(self) -> str:
        """«image/png»."""
        return TYPES[self.suffix]


def read(content: bytes) -> Picture:
    """The picture in ``content``, upright, at most 1600 pixels a side, without EXIF. Raises PictureError."""
    try:
        return _made_anew(content)
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise PictureError(TOO_LARGE) from error
    except Exception as error:  # decoders fed with anything raise anything
        raise PictureError(NO_PICTURE) from error


def _made_anew(content: bytes) -> Picture:
    with Image.open(BytesIO(content), formats=tuple(SUFFIXES)) as source:
        if source.width * source.height > MAX_PIXELS:
            raise PictureError(TOO_LARGE)
        kind = str(source.format)
        source.draft("RGB", (MAX_SIDE, MAX_SIDE))  # a large JPEG is decoded small
        image = ImageOps.exif_transpose(source)
    image = image.convert("RGBA" if image.has_transparency_data and kind != "JPEG" else "RGB")
    image.thumbnail((MAX_SIDE, MAX_SIDE))
    image.info = {}  # savers copy comments and profiles from here
    result = BytesIO()
    image.save(result, kind, quality=85, optimize=True)
    return Picture(result.getvalue(), SUFFIXES[kind])


def keep(session: Session, picture: Picture) -> str:
    """Write the file; give back its name, for the column. It goes again when ``session`` rolls back."""
    name = secrets.token_hex(16) + picture.suffix
    folder().mkdir(parents=True, exist_ok=True)
    _names(session, COME).add(name)
    with open(folder() / name, "xb") as file:
        file.write(picture.content)
        file.flush()
        os.fsync(file.fileno())
    return name


def folder() -> Path:
    """Where the files are."""
    return Path(current_app.instance_path) / "uploads" / "news"


@event.listens_for(NewsItem.picture, "set", active_history=True)
def _load_what_it_replaces(*_arguments: Any) -> None:
    """Nothing more: listening so, the old name is known when a new one is set."""


@event.listens_for(Session, "before_flush")
def _note_what_goes(session: Session, *_arguments: Any) -> None:
    for row in session.dirty:
        if isinstance(row, NewsItem):
            gone = inspect(row).attrs.picture.history.deleted or ()
            _names(session, GONE).update(name for name in gone if name)
    _names(session, GONE).update(row.picture for row in session.deleted if isinstance(row, NewsItem) and row.picture)


@event.listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    _remove(session.info.pop(GONE, ()))
    session.info.pop(COME, None)


@event.listens_for(Session, "after_rollback")
def _rolled_back(session: Session) -> None:
    _remove(session.info.pop(COME, ()))
    session.info.pop(GONE, None)


def _names(session: Session, which: str) -> set[str]:
    names: set[str] = session.info.setdefault(which, set())
    return names


def _remove(names: Iterable[str]) -> None:
    for name in names:
        (folder() / name).unlink(missing_ok=True)
