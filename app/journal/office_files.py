"""Documents of office programs (docx, xlsx, pptx, odt, ods, odp): which one it is, and that nothing in it is alive."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

from flask_babel import LazyString, lazy_gettext

MAX_PARTS = 5_000
MAX_UNPACKED = 150 * 1024 * 1024
MAX_INDEX = 4 * 1024 * 1024  # of a part that is read whole here
PIECE = 1024 * 1024

OPEN_XML = "application/vnd.openxmlformats-officedocument."
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
TYPES = {
    ".docx": f"{OPEN_XML}wordprocessingml.document",
    ".xlsx": f"{OPEN_XML}spreadsheetml.sheet",
    ".pptx": f"{OPEN_XML}presentationml.presentation",
    ".odt": f"{OPEN_DOCUMENT}text",
    ".ods": f"{OPEN_DOCUMENT}spreadsheet",
    ".odp": f"{OPEN_DOCUMENT}presentation",
}
MAIN_PARTS = {"word/document.xml": ".docx", "xl/workbook.xml": ".xlsx", "ppt/presentation.xml": ".pptx"}
MACROS = re.compile(r"(^|/)(vbaproject\.bin|vbadata\.xml|macrosheets/.*|activex/.*)$|^(basic|scripts)/.", re.IGNORECASE)
ALIVE = re.compile(rb"macroEnabled|vbaProject|ms-office\.activeX|excel\.(int)?macrosheet", re.IGNORECASE)
# A template that the program fetches when the document is opened.
REMOTE = re.compile(rb"<[^>]*/(attachedTemplate|frame)\"[^>]*>", re.IGNORECASE)
ADDRESS = re.compile(rb"Target\s*=\s*[\"'](https?:|ftp:|\\\\|//)", re.IGNORECASE)

NO_DOCUMENT = lazy_gettext(
    "This archive is no document. Take the files out of it, or save the document as .docx, .xlsx, .pptx, .odt, .ods, "
    ".odp or PDF."
)
WITH_MACROS = lazy_gettext(
    "The document has macros or loads something from elsewhere. Save it without them (.docx, .xlsx, .pptx) or as PDF."
)
TOO_LARGE = lazy_gettext("The document is too large unpacked. Make its pictures smaller or save it as PDF.")


class UnsafeError(Exception):
    """The archive is no document that can be given to families; ``message`` says what to do."""

    def __init__(self, message: LazyString) -> None:
        super().__init__(message)
        self.message = message


def suffix_of(content: bytes) -> str:
    """«.docx» for the document in ``content``. Raises UnsafeError."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            _check_parts(package)
            suffix = _kind(package)
            _check_links(package)
            _unpack(package)
    except UnsafeError:
        raise
    except Exception as error:  # zipfile raises a dozen kinds for a damaged or encrypted archive
        raise UnsafeError(NO_DOCUMENT) from error
    return suffix


def _check_parts(package: zipfile.ZipFile) -> None:
    parts = package.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise UnsafeError(TOO_LARGE)
    if len({part.filename.lower() for part in parts}) < len(parts):
        raise UnsafeError(NO_DOCUMENT)  # of two parts of a name each program reads another
    if any(MACROS.search(part.filename.replace("\\", "/")) for part in parts):
        raise UnsafeError(WITH_MACROS)


def _kind(package: zipfile.ZipFile) -> str:
    names = set(package.namelist())
    if "mimetype" in names and "content.xml" in names:
        said = _whole(package, "mimetype").decode("ascii").strip()
        kind = next((suffix for suffix, media in TYPES.items() if media == said), None)
    elif "[Content_Types].xml" in names:
        kinds = [suffix for part, suffix in MAIN_PARTS.items() if part in names]
        types = _whole(package, "[Content_Types].xml")
        if ALIVE.search(types) or b"\0" in types:  # UTF-16 would hide the words
            raise UnsafeError(WITH_MACROS)
        kind = kinds[0] if len(kinds) == 1 and f"{TYPES[kinds[0]]}.main+xml".encode() in types else None
    else:
        kind = None
    if kind is None:
        raise UnsafeError(NO_DOCUMENT)
    return kind


def _check_links(package: zipfile.ZipFile) -> None:
    for name in package.namelist():
        if name.endswith("settings.xml.rels"):
            links = _whole(package, name)
            if b"\0" in links or any(ADDRESS.search(link.group()) for link in REMOTE.finditer(links)):
                raise UnsafeError(WITH_MACROS)


def _whole(package: zipfile.ZipFile, name: str) -> bytes:
    if package.getinfo(name).file_size > MAX_INDEX:
        raise UnsafeError(TOO_LARGE)
    return package.read(name)


def _unpack(package: zipfile.ZipFile) -> None:
    """Read every part once: a damaged one, or one that is longer than it says, is refused here and not at home."""
    left = MAX_UNPACKED
    for part in package.infolist():
        with package.open(part) as stream:
            while piece := stream.read(PIECE):
                left -= len(piece)
                if left < 0:
                    raise UnsafeError(TOO_LARGE)
