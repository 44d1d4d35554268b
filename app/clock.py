"""The school's day and hour: moments are UTC in the database, days are days in the school's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from flask import current_app


def zone() -> ZoneInfo:
    """The school's zone."""
    return ZoneInfo(current_app.config["TIMEZONE"])


def now() -> datetime:
    """The present moment; asked once at the edge (a request, a command) and passed in from there."""
    return datetime.now(UTC)


def day_of(moment: datetime) -> date:
    """The school day of an aware moment."""
    return moment.astimezone(zone()).date()


def start_of(day: date) -> datetime:
    """The moment the school's day begins."""
    return datetime.combine(day, time(), zone()).astimezone(UTC)
