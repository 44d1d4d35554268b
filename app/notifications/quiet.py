"""When a member of staff is left in peace: quiet hours in the school's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SATURDAY = 5


class Hours(Protocol):
    """Quiet hours, past midnight if the end is earlier; a row of QuietHours is such."""

    @property
    def starts_at(self) -> time: ...  # noqa: D102
    @property
    def ends_at(self) -> time: ...  # noqa: D102
    @property
    def weekends(self) -> bool: ...  # noqa: D102


@dataclass(frozen=True)
class UsualHours:
    """Quiet hours that are no row: those of the school."""

    starts_at: time
    ends_at: time
    weekends: bool = True


def quiet_until(hours: Hours | None, moment: datetime, zone: ZoneInfo) -> datetime | None:
    """When the quiet time in which ``moment`` lies ends, in UTC; None when it lies in none.

    With equal start and end only weekends are quiet. Quiet times that touch are one: Friday evening ends on Monday.
    """
    if hours is None:
        return None
    until = None
    for _step in range(8):  # a week of quiet days at most
        ends = _end(hours, until or moment, zone)
        if ends is None:
            break
        until = ends
    return until


def _end(hours: Hours, moment: datetime, zone: ZoneInfo) -> datetime | None:
    """The end of the one night or quiet day that ``moment`` lies in."""
    local = moment.astimezone(zone)
    day, clock = local.date(), local.time()
    tomorrow = day + timedelta(1)
    if hours.weekends and local.weekday() >= SATURDAY:
        return _after(moment, tomorrow, time(0), zone)
    if hours.starts_at <= hours.ends_at:
        return _after(moment, day, hours.ends_at, zone) if hours.starts_at <= clock < hours.ends_at else None
    if clock >= hours.starts_at:
        return _after(moment, tomorrow, hours.ends_at, zone)
    return _after(moment, day, hours.ends_at, zone) if clock < hours.ends_at else None


def _after(moment: datetime, day: date, clock: time, zone: ZoneInfo) -> datetime:
    """That time of the day in UTC; in the night when it comes twice the one that is after ``moment``."""
    first = datetime.combine(day, clock, zone).astimezone(UTC)
    return first if first > moment else datetime.combine(day, clock.replace(fold=1), zone).astimezone(UTC)
