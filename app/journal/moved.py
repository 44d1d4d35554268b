"""A lesson that stayed behind when it was moved: how its reason says where it is held now."""

from __future__ import annotations

import re
from datetime import date

from app.models import Lesson

MOVED = re.compile(r"→ (\d\d)\.(\d\d)\.(\d{4})")


def moved_to(day: date) -> str:
    """The reason of a lesson that stays behind: «→ 28.11.2026», the same in every language."""
    return f"→ {day:%d.%m.%Y}"


def is_moved(lesson: Lesson) -> bool:
    """Whether the lesson stayed behind when it was moved."""
    return day_moved_to(lesson) is not None


def day_moved_to(lesson: Lesson) -> date | None:
    """Where the lesson is held instead of where it stayed behind; None for every other."""
    found = MOVED.fullmatch(lesson.cancel_reason) if lesson.is_cancelled else None
    try:
        return date(*map(int, reversed(found.groups()))) if found else None
    except ValueError:  # typed by hand: no day of the calendar
        return None
