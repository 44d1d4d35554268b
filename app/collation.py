"""Russian search and order that are the same on SQLite and PostgreSQL.

SQLite folds case in ASCII only and sorts Ё before А, so names are searched and sorted by
keys of their own instead of by the raw text.
"""

from __future__ import annotations

import unicodedata


def search_key(*parts: str | None) -> str:
    """The parts in lower case, ё as е, joined by single spaces: «Семёнов Пётр» gives «семенов петр»."""
    text = unicodedata.normalize("NFC", " ".join(part for part in parts if part))
    return " ".join(text.casefold().replace("ё", "е").split())


def sort_key(*parts: str | None) -> str:
    """A key whose code-point order is the Russian alphabet: ё stands as е, then decides a tie."""
    key = search_key(*parts)
    text = unicodedata.normalize("NFC", " ".join(part for part in parts if part)).casefold()
    tiebreak = "".join("1" if letter == "ё" else "0" for letter in text if letter in "её")
    return f"{key}|{tiebreak}"
