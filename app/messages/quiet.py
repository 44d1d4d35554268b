"""When somebody on the staff is not to be disturbed, and until when."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SATURDAY = 5
LONGEST = 12  # stretches of quiet that touch: evenings and a weekend are four


class Hours(Protocol):
    """From when to when it is quiet each day, past midnight if the end is earlier; ``weekends`` whole days too."""

    starts_at: time
    ends_at: time
    weekends: bool


def quiet_until(hours: Hours | None, moment: datetime, zone: ZoneInfo) -> datetime | None:
    """When the quiet that reigns at the aware ``moment`` ends, in ``zone``; None when it is not quiet.

    Hours are those of the clock on the wall: in the night of a change to summer time they are an hour shorter.
    Equal start and end mean no quiet of the day, only that of the weekend.
    """
    if hours is None:
        return None
    at, until = moment.astimezone(zone), None
    for _stretch in range(LONGEST):
        end = _end(hours, at, zone)
        if end is None:
            break
        at = until = end
    return until


def _end(hours: Hours, at: datetime, zone: ZoneInfo) -> datetime | None:
    """The end of the stretch that ``at`` is in: the weekend, or the hours of this day or of the night before."""
    day, clock = at.date(), at.time()
    if hours.weekends and day.weekday() >= SATURDAY:
        return _moment(at, day + timedelta(days=7 - day.weekday()), time(), zone)
    over_midnight = hours.ends_at < hours.starts_at
    if over_midnight and clock >= hours.starts_at:
        return _moment(at, day + timedelta(days=1), hours.ends_at, zone)
    if clock < hours.ends_at and (over_midnight or clock >= hours.starts_at):
        return _moment(at, day, hours.ends_at, zone)
    return None


def _moment(after: datetime, day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The wall clock's ``clock`` on ``day``, the first time it shows it after ``after``."""
    wall = datetime.combine(day, clock, zone)
    first = wall.astimezone(UTC).astimezone(zone)  # what the clock skips in spring comes an hour later
    if first.astimezone(UTC) > after.astimezone(UTC):
        return first
    return wall.replace(fold=1)
