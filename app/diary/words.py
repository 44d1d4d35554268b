"""How the pages of the diary write days, hours and figures; every template of the diary knows them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from flask_babel import format_date, format_datetime, format_decimal, format_time

from app.diary.frame import blueprint


def day(value: date) -> str:
    """«пн, 23 нояб.»."""
    return str(format_date(value, "EEE, d MMM"))


def long_day(value: date) -> str:
    """«понедельник, 23 ноября»."""
    return str(format_date(value, "EEEE, d MMMM"))


def short_day(value: date) -> str:
    """«23 нояб.»."""
    return str(format_date(value, "d MMM"))


def weekday(value: date) -> str:
    """«пн»."""
    return str(format_date(value, "EEE"))


def weekday_name(value: date) -> str:
    """«понедельник»."""
    return str(format_date(value, "EEEE"))


def moment(value: datetime) -> str:
    """«23 нояб. 2026, 16:30» in the school's zone."""
    return str(format_datetime(value, "d MMM y, HH:mm"))


def hour(value: time) -> str:
    """«8:30»."""
    return str(format_time(value, "H:mm", rebase=False))


def figure(hundredths: int) -> str:
    """An average: «4,50»."""
    return str(format_decimal(hundredths / 100, "0.00"))


WORDS: dict[str, Callable[..., str]] = {
    "day": day, "long_day": long_day, "short_day": short_day, "weekday": weekday, "weekday_name": weekday_name,
    "moment": moment, "hour": hour, "figure": figure,
}  # fmt: skip


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return WORDS
