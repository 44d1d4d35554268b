"""How the pages of the diary write days, hours and figures; every template of the diary knows them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from functools import lru_cache
from typing import Any

from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from flask_babel import format_datetime, get_locale, gettext

from app.diary.frame import blueprint

MOST = 4096
"""What is held at once of what was written before: days of some years, hours, averages."""


def moment(value: datetime) -> str:
    """«23 нояб. 2026, 16:30» in the school's zone."""
    return str(format_datetime(value, "d MMM y, HH:mm"))


def hours(first: time, last: time) -> str:
    """«8:30–9:15»."""
    return "–".join(str(format_time(each, "H:mm", locale=get_locale())) for each in (first, last))


def room(name: str) -> str:
    """«каб. 12»; a room with a name is called by it."""
    return str(gettext("room %(room)s", room=name)) if name[0].isdigit() else name


def homework_done(subject: str) -> str:
    """What the tick of a homework is called."""
    return str(gettext("Homework is done: %(subject)s", subject=subject))


@lru_cache
def _of(language: str) -> dict[str, Callable[..., str]]:
    """The words of a language; what was written once is kept: a page writes the same hours and days many times."""

    def written(form: Callable[..., str], pattern: str) -> Callable[..., str]:
        return lru_cache(MOST)(lambda value: str(form(value, pattern, locale=language)))

    return {
        "day": written(format_date, "EEE, d MMM"),  # «пн, 23 нояб.»
        "long_day": written(format_date, "EEEE, d MMMM"),  # «понедельник, 23 ноября»
        "short_day": written(format_date, "d MMM"),  # «23 нояб.»
        "weekday": written(format_date, "EEE"),  # «пн»
        "weekday_name": written(format_date, "EEEE"),  # «понедельник»
        "hours": lru_cache(MOST)(hours),
        "room": lru_cache(MOST)(room),
        "homework_done": lru_cache(MOST)(homework_done),
        "figure": written(lambda hundredths, *how, **where: format_decimal(hundredths / 100, *how, **where), "0.00"),
        "moment": moment,
    }  # fmt: skip


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return _of(str(get_locale()))
