"""What the school has settled about notices: how long a mistake can be corrected, when the evening is, which SMS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.models.notification import NoticeKind
from app.notifications.quiet import UsualHours

LONGEST = 3
"""How many times the delay is waited at most while somebody goes on writing about the same student."""


@dataclass(frozen=True)
class Rules:
    """The settings of notices, see ``app.config``. ``of`` raises ValueError for what cannot be."""

    delay: timedelta
    digest_hour: int
    quiet: UsualHours
    sms_kinds: frozenset[NoticeKind]
    zone: ZoneInfo

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Rules:
        """Of the application's settings."""
        hour = int(settings["DIGEST_HOUR"])
        if not 0 <= hour <= 23:
            raise ValueError("DIGEST_HOUR is an hour from 0 to 23")
        words = str(settings["SMS_NOTICES"]).replace(",", " ").split()
        unknown = sorted(set(words) - {kind.value for kind in NoticeKind})
        if unknown:
            raise ValueError(f"SMS_NOTICES knows no {', '.join(unknown)}: {', '.join(k.value for k in NoticeKind)}")
        return cls(
            timedelta(seconds=int(settings["NOTIFICATION_DELAY"])),
            hour,
            _hours(str(settings["QUIET_HOURS"])),
            frozenset(kind for kind in NoticeKind if kind.value in words),
            ZoneInfo(settings["TIMEZONE"]),
        )

    def evening(self, at: datetime) -> datetime:
        """When the digest with what happened at ``at`` goes, in UTC.

        What can still be waited for at the digest's hour goes with the next one, so that a day has one digest.
        """
        settled = at + LONGEST * self.delay
        day = settled.astimezone(self.zone).date()
        for later in range(3):
            digest = datetime.combine(day + timedelta(later), time(self.digest_hour), self.zone).astimezone(UTC)
            if digest >= settled:
                return digest
        raise AssertionError("no evening in three days")


def _hours(text: str) -> UsualHours:
    """«20:00-07:00»; empty for no hours but weekends."""
    if not text.strip():
        return UsualHours(time(0), time(0))
    try:
        starts, ends = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError:
        raise ValueError("QUIET_HOURS is written like 20:00-07:00") from None
    return UsualHours(starts, ends)
