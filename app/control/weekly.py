"""The weekly list: on Monday morning whoever has something overdue is told so, once, however many workers run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from app import policy
from app.control.figures import survey, watch
from app.control.rules import RULES
from app.extensions import begin_reading, begin_writing
from app.models import AcademicYear, Happening, Holiday, Reminder, User
from app.models.notification import NoticeKind

REMINDING = 7_469_002
"""The number of PostgreSQL's lock: whoever holds it writes the weekly reminders."""


@dataclass
class Weekly:
    """Writes the reminders of a week; ``done`` is the last Monday that this process has seen to.

    ``hour`` of the school's day is when it begins. ``of`` raises ValueError for what is no hour.
    """

    hour: int
    zone: ZoneInfo
    done: date | None = field(default=None)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Weekly:
        """Of the application's settings."""
        hour = int(settings["WEEKLY_HOUR"])
        if not 0 <= hour <= 23:
            raise ValueError("WEEKLY_HOUR is an hour from 0 to 23")
        return cls(hour, ZoneInfo(settings["TIMEZONE"]))

    def remind(self, now: datetime) -> int:
        """Remind everybody concerned when it is time; how many. Opens sessions of its own."""
        at = now.astimezone(self.zone)
        monday = at.date()
        if monday.isoweekday() != 1 or at.hour < self.hour or self.done == monday:
            return 0
        with policy.system() as session:
            begin_reading(session)
            concerned = _concerned(session, self.zone, monday, now) if _is_school(session, monday) else set()
        since = datetime.combine(monday, time(), self.zone).astimezone(UTC)
        written = _write(concerned, since, now) if concerned else 0
        if written is None:  # another worker is at it; look again
            return 0
        self.done = monday
        return written


def _is_school(session: Session, day: date) -> bool:
    """A day of a school year outside the holidays."""
    year = select(AcademicYear.id).where(AcademicYear.starts_on <= day, AcademicYear.ends_on >= day)
    holiday = select(Holiday.id).where(Holiday.starts_on <= day, Holiday.ends_on >= day)
    return session.scalars(year).first() is not None and session.scalars(holiday).first() is None


def _concerned(session: Session, zone: ZoneInfo, today: date, now: datetime) -> set[int]:
    """Active members of staff whom open cases are up to."""
    looked_at = watch(session, None, zone, today=today, now=now)
    keys = [key for key, rule in RULES.items() if rule.reminds]
    found = {user_id for some in survey(session, looked_at, keys).open.values() for user_id in some}
    works_here = User.is_active, User.is_staff | User.is_deputy_director
    return set(session.scalars(select(User.id).where(User.id.in_(found), *works_here)))


def _write(concerned: set[int], since: datetime, now: datetime) -> int | None:
    """The reminders of those who have had none since Monday began; None when somebody else writes them."""
    with policy.system() as session:
        begin_writing(session)
        if session.get_bind().dialect.name == "postgresql" and not session.scalar(
            text("SELECT pg_try_advisory_xact_lock(:number)"), {"number": REMINDING}
        ):
            return None
        told = set(
            session.scalars(select(Reminder.user_id).where(Reminder.rule.is_(None), Reminder.created_at >= since))
        )
        rows = [Reminder(user_id=user_id, created_at=now) for user_id in sorted(concerned - told)]
        session.add_all(rows)
        session.flush()
        if rows:
            session.execute(insert(Happening), [_happened(row.id, now) for row in rows])
        session.commit()
        return len(rows)


def _happened(reminder_id: int, now: datetime) -> dict[str, Any]:
    return {"kind": NoticeKind.WEEKLY, "model": Reminder.__name__, "object_id": reminder_id, "at": now}
