"""Where to go after sign-in: only to an address of this site."""

from __future__ import annotations

from urllib.parse import urlsplit

HOME = "/admin/"
_LONGEST = 2000


def local_path(target: str | None) -> str | None:
    """``target`` if it is a path here; None for everything a browser could take for another site.

    Browsers read a backslash as a slash and drop tabs and line breaks, so none of them is accepted.
    """
    if not target or len(target) > _LONGEST or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or any(ord(letter) <= 0x20 or 0x7F <= ord(letter) < 0xA0 for letter in target):
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else target
