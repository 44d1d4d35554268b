"""Until when a member of staff is not to be disturbed: evenings, nights, weekends, and the change of the clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.messages.quiet import quiet_until

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")


@dataclass
class Hours:
    starts_at: time = time(20)
    ends_at: time = time(8)
    weekends: bool = True


def at(text: str, zone: ZoneInfo = MOSCOW, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        ("2026-11-24T12:00", None),
        ("2026-11-24T19:59:59", None),
        ("2026-11-24T20:00", "2026-11-25T08:00"),  # Tuesday evening
        ("2026-11-24T23:59:59", "2026-11-25T08:00"),
        ("2026-11-25T00:00", "2026-11-25T08:00"),
        ("2026-11-25T07:59", "2026-11-25T08:00"),
        ("2026-11-25T08:00", None),
        ("2026-11-27T21:00", "2026-11-30T08:00"),  # Friday evening: the weekend follows, and the night to Monday
        ("2026-11-28T12:00", "2026-11-30T08:00"),
        ("2026-11-29T23:00", "2026-11-30T08:00"),
    ],
)
def test_evenings_nights_and_weekends(moment: str, until: str | None) -> None:
    assert quiet_until(Hours(), at(moment), MOSCOW) == (at(until) if until else None)


def test_without_quiet_weekends_saturday_is_a_day_like_others() -> None:
    hours = Hours(weekends=False)
    assert quiet_until(hours, at("2026-11-28T12:00"), MOSCOW) is None
    assert quiet_until(hours, at("2026-11-28T21:00"), MOSCOW) == at("2026-11-29T08:00")


def test_hours_of_one_day_end_on_it() -> None:
    hours = Hours(time(13), time(15))
    assert quiet_until(hours, at("2026-11-24T12:59"), MOSCOW) is None
    assert quiet_until(hours, at("2026-11-24T13:00"), MOSCOW) == at("2026-11-24T15:00")
    assert quiet_until(hours, at("2026-11-24T15:00"), MOSCOW) is None


def test_equal_start_and_end_leave_the_weekend_only() -> None:
    hours = Hours(time(8), time(8))
    assert quiet_until(hours, at("2026-11-24T08:00"), MOSCOW) is None
    assert quiet_until(hours, at("2026-11-28T08:00"), MOSCOW) == at("2026-11-30T00:00")


def test_who_has_chosen_none_is_always_told() -> None:
    assert quiet_until(None, at("2026-11-28T03:00"), MOSCOW) is None


def test_the_moment_may_come_in_any_zone() -> None:
    assert quiet_until(Hours(), datetime.fromisoformat("2026-11-24T18:00+00:00"), MOSCOW) == at("2026-11-25T08:00")


@pytest.mark.parametrize(
    ("moment", "until", "hours"),
    [
        ("2026-03-28T22:00", "2026-03-29T08:00", 9),  # one hour is left out
        ("2026-10-24T22:00", "2026-10-25T08:00", 11),  # one comes twice
    ],
)
def test_the_night_of_the_change_of_clocks_ends_by_the_clock(moment: str, until: str, hours: int) -> None:
    end = quiet_until(Hours(weekends=False), at(moment, BERLIN), BERLIN)
    assert end == at(until, BERLIN)
    assert end is not None
    assert end.timestamp() - at(moment, BERLIN).timestamp() == timedelta(hours=hours).total_seconds()


def test_an_end_that_the_clock_leaves_out_comes_when_it_goes_on() -> None:
    hours = Hours(time(22), time(2, 30), weekends=False)
    assert quiet_until(hours, at("2026-03-28T23:00", BERLIN), BERLIN) == at("2026-03-29T03:30", BERLIN)


def test_an_end_that_the_clock_shows_twice_is_always_ahead() -> None:
    hours = Hours(time(22), time(2, 30), weekends=False)
    first = quiet_until(hours, at("2026-10-25T02:10", BERLIN), BERLIN)
    second = quiet_until(hours, at("2026-10-25T02:10", BERLIN, fold=1), BERLIN)
    assert first is not None
    assert second is not None
    assert first.timestamp() > at("2026-10-25T02:10", BERLIN).timestamp()
    assert second.timestamp() > at("2026-10-25T02:10", BERLIN, fold=1).timestamp()


def test_whatever_the_hours_the_end_is_ahead_and_not_quiet() -> None:
    for starts in range(0, 24, 5):
        for ends in range(0, 24, 5):
            hours = Hours(time(starts), time(ends))
            for step in range(0, 24 * 9, 5):
                moment = at("2026-11-23T00:30") + timedelta(hours=step)
                end = quiet_until(hours, moment, MOSCOW)
                if end is not None:
                    assert end > moment
                    assert quiet_until(hours, end, MOSCOW) is None
