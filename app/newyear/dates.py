"""Days a year later: the year begins and ends on the same date, terms and holidays on the same weekday near to it."""

from __future__ import annotations

import re
from datetime import date, timedelta


def a_year_later(day: date) -> date:
    """The same date; 28 February for the 29th."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def first_day(day: date) -> date:
    """The day a year later on which a year begins: the same date, or the Monday after it."""
    later = a_year_later(day)
    return later + timedelta(-later.weekday() % 7 if later.weekday() > 4 else 0)


def same_weekday(day: date) -> date:
    """The day of the same weekday that is nearest to the date a year later."""
    later = a_year_later(day)
    return later + timedelta((day.weekday() - later.weekday() + 3) % 7 - 3)


def next_name(name: str, starts_on: date) -> str:
    """«2026/2027» becomes «2027/2028»; a name without numbers is made of the first day."""
    numbers = re.findall(r"\d{4}", name)
    if not numbers:
        return f"{starts_on.year}/{starts_on.year + 1}"
    return re.sub(r"\d{4}", lambda found: str(int(found[0]) + 1), name)[:20]
