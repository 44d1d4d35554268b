"""When a digest goes and when staff are left in peace: around midnight, clock changes, weekends."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.notification import NoticeKind
from app.notifications.quiet import UsualHours, quiet_until
from app.notifications.rules import LONGEST, Rules

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
SETTINGS = {
    "NOTIFICATION_DELAY": 120, "DIGEST_HOUR": 19, "QUIET_HOURS": "20:00-07:00", "SMS_NOTICES": "absence low_mark",
    "TIMEZONE": "Europe/Moscow",
}  # fmt: skip
NIGHT = UsualHours(time(20), time(7))
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES = st.integers(0, 2 * 365 * 24 * 60)
CLOCK = st.builds(time, st.integers(0, 23), st.integers(0, 59))


def at(text: str, zone: ZoneInfo = MOSCOW) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def rules(**settings: object) -> Rules:
    return Rules.of(SETTINGS | settings)


@pytest.mark.parametrize(
    ("happened", "told"),
    [
        ("2026-10-01 00:00", "2026-10-01 19:00"),
        ("2026-10-01 18:54", "2026-10-01 19:00"),
        ("2026-10-01 18:55", "2026-10-02 19:00"),  # may still be waited for at seven: a day has one digest
        ("2026-10-01 23:59", "2026-10-02 19:00"),
        ("2026-12-31 23:59", "2027-01-01 19:00"),
        ("2026-10-03 12:00", "2026-10-03 19:00"),  # a Saturday
    ],
)
def test_the_digest_goes_in_the_evening_of_the_schools_day(happened: str, told: str) -> None:
    assert rules().evening(at(happened)) == at(told)


@pytest.mark.parametrize(
    ("hour", "happened", "told"),
    [
        (0, "2026-10-01 23:53", "2026-10-02 00:00"),
        (0, "2026-10-01 23:59", "2026-10-03 00:00"),
        (23, "2026-10-01 23:30", "2026-10-02 23:00"),
    ],
)
def test_a_digest_at_midnight_belongs_to_the_day_before(hour: int, happened: str, told: str) -> None:
    assert rules(DIGEST_HOUR=hour).evening(at(happened)) == at(told)


@pytest.mark.parametrize(
    ("hour", "happened", "told"),
    [
        (19, "2026-03-28 20:00", "2026-03-29 17:00+00:00"),  # the night that is an hour shorter
        (19, "2026-10-24 20:00", "2026-10-25 18:00+00:00"),  # the night that is an hour longer
        (2, "2026-03-28 12:00", "2026-03-29 01:00+00:00"),  # two o'clock does not exist: told at three
        (2, "2026-10-24 12:00", "2026-10-25 00:00+00:00"),  # two o'clock comes twice: told the first time
        (2, "2026-10-25 02:30", "2026-10-26 01:00+00:00"),  # and not the second
    ],
)
def test_the_digest_keeps_its_hour_when_the_clocks_change(hour: int, happened: str, told: str) -> None:
    digest = rules(DIGEST_HOUR=hour, TIMEZONE="Europe/Berlin").evening(at(happened, BERLIN))
    assert digest == datetime.fromisoformat(told)


@given(MINUTES, st.integers(0, 23), st.sampled_from([MOSCOW, BERLIN]))
def test_a_day_has_one_digest_and_it_comes_within_a_day(minutes: int, hour: int, zone: ZoneInfo) -> None:
    school = rules(DIGEST_HOUR=hour, TIMEZONE=zone.key)
    happened = NEW_YEAR + timedelta(minutes=minutes)
    digest = school.evening(happened)
    settled = happened + LONGEST * school.delay
    assert settled <= digest <= settled + timedelta(hours=25)
    again = school.evening(digest)
    assert again.astimezone(zone).date() == digest.astimezone(zone).date() + timedelta(1)


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        ("2026-10-01 12:00", None),
        ("2026-10-01 19:59", None),
        ("2026-10-01 20:00", "2026-10-02 07:00"),
        ("2026-10-02 00:00", "2026-10-02 07:00"),
        ("2026-10-02 07:00", None),
        ("2026-10-02 20:30", "2026-10-05 07:00"),  # Friday evening: until Monday
        ("2026-10-03 12:00", "2026-10-05 07:00"),
        ("2026-10-04 23:59", "2026-10-05 07:00"),
    ],
)
def test_staff_are_left_in_peace_at_night_and_at_weekends(moment: str, until: str | None) -> None:
    assert quiet_until(NIGHT, at(moment), MOSCOW) == (at(until) if until else None)


def test_other_hours() -> None:
    noon = UsualHours(time(12), time(14), weekends=False)
    assert quiet_until(noon, at("2026-10-03 13:00"), MOSCOW) == at("2026-10-03 14:00")
    assert quiet_until(noon, at("2026-10-03 15:00"), MOSCOW) is None
    assert quiet_until(UsualHours(time(0), time(0)), at("2026-10-01 23:00"), MOSCOW) is None
    assert quiet_until(UsualHours(time(0), time(0)), at("2026-10-04 23:00"), MOSCOW) == at("2026-10-05 00:00")
    assert quiet_until(None, at("2026-10-04 23:00"), MOSCOW) is None


def test_quiet_hours_end_by_the_clock_on_the_wall_when_it_changes() -> None:
    every_day = UsualHours(time(20), time(7), weekends=False)
    spring, autumn = at("2026-03-28 21:00", BERLIN), at("2026-10-24 21:00", BERLIN)
    assert quiet_until(every_day, spring, BERLIN) == datetime(2026, 3, 29, 5, tzinfo=UTC)
    assert quiet_until(every_day, autumn, BERLIN) == datetime(2026, 10, 25, 6, tzinfo=UTC)
    twice = UsualHours(time(1), time(2, 30), weekends=False)
    second = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)  # 02:15 for the second time
    assert quiet_until(twice, second, BERLIN) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@given(MINUTES, CLOCK, CLOCK, st.booleans(), st.sampled_from([MOSCOW, BERLIN]))
def test_after_the_quiet_time_it_is_quiet_no_more(
    minutes: int, starts: time, ends: time, weekends: bool, zone: ZoneInfo
) -> None:
    hours, asked = UsualHours(starts, ends, weekends), NEW_YEAR + timedelta(minutes=minutes)
    until = quiet_until(hours, asked, zone)
    assert until is None or (until > asked and quiet_until(hours, until, zone) is None)


@pytest.mark.parametrize(
    "wrong", [{"DIGEST_HOUR": 24}, {"QUIET_HOURS": "evening"}, {"SMS_NOTICES": "marks"}, {"QUIET_HOURS": "20:00"}]
)
def test_a_setting_that_cannot_be_is_refused_with_its_name(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        rules(**wrong)


def test_settings_that_can_be() -> None:
    assert rules().sms_kinds == {NoticeKind.ABSENCE, NoticeKind.LOW_MARK}
    assert rules(SMS_NOTICES="").sms_kinds == frozenset()
    assert rules(QUIET_HOURS="").quiet == UsualHours(time(0), time(0))
