"""Addresses in a text that people typed become links; nothing else of it becomes HTML."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from markupsafe import Markup, escape

ADDRESS = re.compile(r"https?://[^\s<>\"'`\\{}|^\u00ab\u00bb\u201c-\u201f]+", re.IGNORECASE)
LINK = Markup('<a href="{0}" rel="nofollow noopener noreferrer" target="_blank">{0}</a>')
PAIRS = {")": "(", "]": "["}


def with_links(text: str) -> Markup:
    """``text`` escaped, its http and https addresses as links that open apart and tell nobody where they were."""
    parts, at = [], 0
    for found in ADDRESS.finditer(text):
        address = _without_ending(found.group())
        if not _is_sound(address):
            continue
        parts += [escape(text[at : found.start()]), LINK.format(address)]
        at = found.start() + len(address)
    return Markup("").join([*parts, escape(text[at:])])


def _without_ending(address: str) -> str:
    """The address without the signs that end the sentence around it."""
    while address:
        last = address[-1]
        opening = PAIRS.get(last)
        if last not in ".,;:!?…*_~" and (opening is None or address.count(last) <= address.count(opening)):
            break
        address = address[:-1]
    return address


def _is_sound(address: str) -> bool:
    """A host, and no name and password in front of it that look like one."""
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and "@" not in parts.netloc and address.isprintable()
    except ValueError:
        return False
