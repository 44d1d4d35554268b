"""What an address or a form asks for: numbers and days; what is none is never asked of the database."""

from __future__ import annotations

import re
from datetime import date

from flask import request


def number(name: str) -> int | None:
    """A row's number; None without one and for what is none."""
    return as_number(request.values.get(name, ""))


def numbers(name: str) -> list[int]:
    """Rows' numbers, each once."""
    found = (as_number(value) for value in request.values.getlist(name))
    return list(dict.fromkeys(each for each in found if each is not None))


def as_number(text: str) -> int | None:
    """The same of a text."""
    return int(text) if re.fullmatch(r"[1-9]\d{0,8}", text, re.ASCII) else None


def day(name: str) -> date | None:
    """A day of these times as browsers send it; None without one and for what is none."""
    text = request.values.get(name, "")
    try:
        return date.fromisoformat(text) if re.fullmatch(r"20\d\d-\d\d-\d\d", text, re.ASCII) else None
    except ValueError:
        return None


def line(name: str, longest: int) -> str:
    """One line of text without control characters, cut to ``longest``."""
    text = "".join(letter if letter.isprintable() else " " for letter in request.values.get(name, ""))
    return " ".join(text.encode("utf-8", "replace").decode().split())[:longest]
