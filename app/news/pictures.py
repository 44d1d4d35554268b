"""Pictures of news: checked by what they are, made anew without what a camera writes into them, kept as files.

A file has a random name; the column ``NewsItem.picture`` holds it (see ``app.stored_files``).
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from flask_babel import LazyString, lazy_gettext
from sqlalchemy.orm import Session

from app.models import NewsItem
from app.stored_files import shelf

MAX_BYTES = 10 * 1024 * 1024
MAX_SIDE = 1600  # pixels of what is kept
MAX_PIXELS = 50_000_000  # of what is taken; more is no photo of a school event
SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}
TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


class PictureError(Exception):
    """The file cannot be taken; nothing was kept. ``message`` says what to do."""

    def __init__(self, message: LazyString) -> None:
        super().__init__(message)
        self.message = message


NO_PICTURE = lazy_gettext("This is not a picture that can be shown. Choose a file of the kind JPEG, PNG or WebP.")
TOO_HEAVY = lazy_gettext(
    "The picture is larger than %(size)s MB. Make it smaller, 1600 pixels wide is enough.", size=MAX_BYTES >> 20
)
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


def read(content: bytes, side: int = MAX_SIDE) -> Picture:
    """The picture in ``content``, upright, at most ``side`` pixels a side, without EXIF. Raises PictureError."""
    if len(content) > MAX_BYTES:
        raise PictureError(TOO_HEAVY)
    from PIL import Image  # with its decoders only where somebody sends a picture

    try:
        return _made_anew(content, side)
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise PictureError(TOO_LARGE) from error
    except Exception as error:  # decoders fed with anything raise anything
        raise PictureError(NO_PICTURE) from error


def _made_anew(content: bytes, side: int) -> Picture:
    from PIL import Image, ImageOps

    with Image.open(BytesIO(content), formats=tuple(SUFFIXES)) as source:
        if source.width * source.height > MAX_PIXELS:
            raise PictureError(TOO_LARGE)
        kind = str(source.format)
        source.draft("RGB", (side, side))  # a large JPEG is decoded small
        image = ImageOps.exif_transpose(source)
    image = image.convert("RGBA" if image.has_transparency_data and kind != "JPEG" else "RGB")
    image.thumbnail((side, side))
    image.info = {}  # savers copy comments and profiles from here
    result = BytesIO()
    image.save(result, kind, quality=85, optimize=True)
    return Picture(result.getvalue(), SUFFIXES[kind])


def keep(session: Session, picture: Picture) -> str:
    """Write the file; give back its name, for the column. It goes again when ``session`` rolls back."""
    return _shelf.keep(session, picture.content, picture.suffix)


def folder() -> Path:
    """Where the files are."""
    return _shelf.folder()


_shelf = shelf("news", NewsItem.picture)
