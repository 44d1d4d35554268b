"""Files that people send along: taken by what they are, and given back so that nothing in them runs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from flask import Response, send_file
from flask_babel import LazyString, format_decimal, gettext, lazy_gettext
from werkzeug.datastructures import FileStorage

from app.journal import office_files
from app.news import pictures

NAME = 200
PICTURE_SIDE = 2400  # pixels: a page of an exercise book stays readable
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .doc, .xls, .ppt, and the envelope of an encrypted .docx
MARKUP = re.compile(r"\s*<(!|\?|html|head|body|svg|script|iframe|xml)", re.IGNORECASE)
MEDIA = pictures.TYPES | office_files.TYPES | {".pdf": "application/pdf", ".txt": "text/plain; charset=utf-8"}
"""Media types by the end of the stored name; nothing else is kept."""
SHOWN = frozenset(pictures.TYPES)
"""What a browser may show by itself; everything else is saved to the reader's disk."""

WRONG = lazy_gettext(
    "Files of this kind are not taken. Take PDF, pictures (JPEG, PNG, WebP), .docx, .xlsx, .pptx, .odt, .ods, .odp, "
    "or plain text (.txt in UTF-8)."
)
OLD = lazy_gettext(
    "This is a file of an old format (.doc, .xls, .ppt) or one with a password. Save it without a password as .docx, "
    ".xlsx, .pptx or PDF."
)
DAMAGED = lazy_gettext("The file is damaged or not complete. Open it, save it again and take that.")
EMPTY = lazy_gettext("The file is empty.")

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


class FileError(Exception):
    """The file cannot be taken; nothing of it was kept. ``message`` says why and what to do."""

    def __init__(self, message: LazyString | str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Upload:
    """A file that can be kept: the name people read, its content, and the end of its stored name («.pdf»)."""

    name: str
    content: bytes
    suffix: str


def read(given: str, content: bytes, limit: int) -> Upload:
    """The file ``content`` that somebody's disk calls ``given``, judged by its content alone; ``limit`` in bytes.

    Raises FileError.
    """
    if not content.strip(b"\0 \t\r\n"):
        raise FileError(EMPTY)
    if len(content) > limit:
        raise FileError(gettext("The file is larger than %(size)s MB. Make it smaller or divide it.",
                                size=limit >> 20))  # fmt: skip
    for begins, kind in _KINDS:
        if content.startswith(begins):
            content, suffix = kind(content)
            return Upload(_shown_name(given, suffix), content, suffix)
    return Upload(_shown_name(given, ".txt"), _text(content), ".txt")


def read_picture(given: str, content: bytes) -> Upload:
    """The same where only a picture is wanted (a screenshot). Raises FileError."""
    if not content:
        raise FileError(EMPTY)
    content, suffix = _picture(content)
    return Upload(_shown_name(given, suffix), content, suffix)


def judged(
    given: Iterable[FileStorage], most: int, too_many: str, longest: int, take: Callable[[str, bytes], Upload]
) -> tuple[list[Upload], str]:
    """What can be kept of the files of a form, and what is wrong with the last one that cannot: with more than ``most``
    none is read. ``take`` judges a name and its content, of which a byte more than ``longest`` is read."""
    given, uploads, problem = list(given), list[Upload](), ""
    if len(given) > most:
        return [], too_many
    for each in given:
        name = each.filename or ""
        try:
            uploads.append(take(name, each.stream.read(longest + 1)))
        except FileError as error:
            problem = gettext("«%(name)s» is not taken. %(why)s", name=name[:80], why=error.message)
    return uploads, problem


def _picture(content: bytes) -> tuple[bytes, str]:
    try:
        picture = pictures.read(content, PICTURE_SIDE)
    except pictures.PictureError as error:
        raise FileError(error.message) from error
    return picture.content, picture.suffix


def _office(content: bytes) -> tuple[bytes, str]:
    try:
        return content, office_files.suffix_of(content)
    except office_files.UnsafeError as error:
        raise FileError(error.message) from error


def _pdf(content: bytes) -> tuple[bytes, str]:
    if b"%%EOF" not in content[-2048:]:
        raise FileError(DAMAGED)
    return content, ".pdf"


def _refused(message: LazyString) -> Callable[[bytes], tuple[bytes, str]]:
    def refuse(_content: bytes) -> tuple[bytes, str]:
        raise FileError(message)

    return refuse


_KINDS: tuple[tuple[bytes, Callable[[bytes], tuple[bytes, str]]], ...] = (
    (b"%PDF-", _pdf),
    (b"PK\x03\x04", _office),
    (OLE, _refused(OLD)),
    (b"\xff\xd8\xff", _picture),
    (b"\x89PNG\r\n\x1a\n", _picture),
    (b"RIFF", _picture),
)


def _text(content: bytes) -> bytes:
    """Plain text in UTF-8; a web page or a drawing in disguise is none."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(WRONG) from error
    if MARKUP.match(text) or any(unicodedata.category(sign) == "Cc" and sign not in "\t\r\n\f" for sign in text):
        raise FileError(WRONG)
    return content


def _shown_name(given: str, suffix: str) -> str:
    """The name without folders and signs that mislead or that a disk does not take, with the end it should have."""
    name = PurePath(given.replace("\\", "/")).name
    name = unicodedata.normalize("NFC", "".join(sign for sign in name if sign.isprintable()))
    name = " ".join(re.sub(r'[<>:"|?*/]', "_", name).split()).strip(". ")
    stem, dot, end = name.rpartition(".")
    fits = {suffix} | ({".jpeg"} if suffix == ".jpg" else set())
    if dot and f".{end.lower()}" in fits:
        name, suffix = stem, f".{end}"
    return (name.strip(". ")[: NAME - len(suffix)] or gettext("file")) + suffix


def media_type(stored: str) -> str:
    """«application/pdf» of a stored name."""
    return MEDIA[Path(stored).suffix]


def is_shown(stored: str) -> bool:
    """Whether a browser may show it by itself."""
    return Path(stored).suffix in SHOWN


def answer(path: Path, name: str, save: bool) -> Response:
    """The file as ``name``: pictures are shown unless ``save``, everything else goes to the reader's disk."""
    given = send_file(
        path,
        mimetype=media_type(path.name),
        as_attachment=save or not is_shown(path.name),
        download_name=name,
    )
    given.headers.update(HEADERS)
    return given


def size_words(size: int) -> str:
    """«12 KB», «3.4 MB» of a number of bytes."""
    if size < 1 << 20:
        return str(gettext("%(size)s KB", size=format_decimal((size + 1023) >> 10, "#,##0")))
    return str(gettext("%(size)s MB", size=format_decimal(size / (1 << 20), "#,##0.#")))
