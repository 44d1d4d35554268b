"""The calendar of a student as iCalendar (RFC 5545): lessons with their times, rooms and topics, and the homework for
them; and the secret address it has."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import policy
from app.journal.calendar import Span
from app.journal.child.days import ChildLesson, read
from app.models import CalendarFeed
from app.models.columns import EPOCH

if TYPE_CHECKING:  # 3 MB: loaded where a file is made
    from icalendar import Event

BACK, AHEAD = timedelta(weeks=2), timedelta(weeks=4)
REFRESHED = timedelta(hours=2)
FORM = 1
"""Of the file: another number when ``calendar`` writes the same lessons in another way."""


# The address


def token_of(secret_key: str, user_id: int, student_id: int, version: int) -> str:
    """The secret part of an address: 160 bits in small letters and digits; derived, so that it is kept nowhere."""
    digest = hmac.digest(secret_key.encode(), f"calendar:{user_id}:{student_id}:{version}".encode(), "sha256")
    return base64.b32encode(digest[:20]).decode().lower()


def token_hash(token: str) -> str:
    """What is kept of it, 64 hexadecimal digits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def feed_of(session: Session, student_id: int) -> CalendarFeed | None:
    """The address that the session's person has for a student's calendar."""
    own = (CalendarFeed.user_id == policy.actor_of(session).user_id, CalendarFeed.student_id == student_id)
    return session.scalars(select(CalendarFeed).where(*own)).one_or_none()


def renew(session: Session, student_id: int, secret_key: str) -> CalendarFeed:
    """Make the address, or a new one in place of the old, which leads nowhere from then on. Commits nothing."""
    feed, actor = feed_of(session, student_id), policy.actor_of(session)
    version = feed.version + 1 if feed else 1
    if feed is None:
        feed = CalendarFeed(user_id=actor.user_id, student_id=student_id)
        session.add(feed)
    feed.version, feed.created_at = version, actor.now
    feed.token_hash = token_hash(token_of(secret_key, actor.user_id, student_id, version))
    session.flush()
    return feed


# The calendar


def entries(session: Session, student_id: int, today: date) -> list[ChildLesson]:
    """The student's lessons of two weeks back and four ahead, with the homework for them; a few statements."""
    days = read(session, student_id, Span(today - BACK, today + AHEAD), ())
    return [lesson for day in days for lesson in day.lessons]


def _changed(entry: ChildLesson) -> datetime:
    """When the lesson or its homework was last written, as their versions tell; 2020 where that never was."""
    version = max([entry.line.version, *(homework.version for homework in entry.due)])
    return datetime.fromtimestamp(EPOCH + version // 1_000_000, UTC)


def validator(title: str, found: Sequence[ChildLesson], student_id: int, zone: ZoneInfo, host: str) -> str:
    """What changes when the file would: everything that ``calendar`` is made of, and the words of the language.

    Telephones ask every few hours; the file takes many times as long to make as its lessons to read.
    """
    words = [_said(entry) for entry in found], _("Cancelled: %(subject)s", subject=""), _("room %(room)s", room="")
    known = FORM, title, student_id, zone.key, host, words, list(found)
    return hashlib.blake2b(repr(known).encode(), digest_size=16).hexdigest()


def calendar(title: str, found: Sequence[ChildLesson], student_id: int, zone: ZoneInfo, host: str) -> bytes:
    """The file; the same as long as nothing of it changes. ``host`` makes its names those of this installation."""
    from icalendar import Calendar, vDuration, vText

    whole = Calendar()
    whole.add("prodid", "-//School journal//Diary//RU")
    whole.add("version", "2.0")
    whole.add("method", "PUBLISH")
    whole.add("x-wr-calname", vText(title))  # a word that icalendar does not know is not made safe by it
    whole.add("x-wr-timezone", zone.key)
    whole.add("refresh-interval", vDuration(REFRESHED), parameters={"VALUE": "DURATION"})
    whole.add("x-published-ttl", vDuration(REFRESHED))
    for entry in found:
        whole.add_component(_event(entry, student_id, zone, host))
    if any(entry.line.starts_at for entry in found):
        days = [entry.line.date for entry in found]
        whole.add_missing_timezones(
            first_date=min(days) - timedelta(days=366), last_date=max(days) + timedelta(days=366)
        )
    return bytes(whole.to_ical())


def _event(entry: ChildLesson, student_id: int, zone: ZoneInfo, host: str) -> Event:
    from icalendar import Event

    lesson, event = entry.line, Event()
    event.add("uid", f"lesson-{lesson.id}-{student_id}@{host}")
    event.add("dtstamp", _changed(entry))
    event.add("last-modified", _changed(entry))
    event.add("summary", _("Cancelled: %(subject)s", subject=lesson.subject) if lesson.is_cancelled else lesson.subject)
    event.add("status", "CANCELLED" if lesson.is_cancelled else "CONFIRMED")
    if lesson.starts_at and lesson.ends_at:
        event.add("dtstart", datetime.combine(lesson.date, lesson.starts_at, zone))
        event.add("dtend", datetime.combine(lesson.date, lesson.ends_at, zone))
    else:
        event.add("dtstart", lesson.date)
        event.add("dtend", lesson.date + timedelta(days=1))
    if lesson.room:
        event.add("location", _("room %(room)s", room=lesson.room))
    event.add("description", "\n".join(_said(entry)))
    event.add("transp", "TRANSPARENT" if lesson.is_cancelled else "OPAQUE")
    return event


def _said(entry: ChildLesson) -> list[str]:
    """What stands in an entry, line by line."""
    lesson = entry.line
    said = [_("Lesson %(number)s", number=lesson.number)]
    if lesson.cancel_reason:
        said.append(lesson.cancel_reason)
    if lesson.substitute:
        said.append(_("Substitute: %(name)s in place of %(teacher)s", name=lesson.substitute, teacher=lesson.teacher))
    elif lesson.teacher:
        said.append(_("Teacher: %(name)s", name=lesson.teacher))
    if lesson.topic:
        said.append(_("Topic: %(topic)s", topic=lesson.topic))
    due = (text for homework in entry.due for text in (homework.text, homework.own) if text)
    return said + [_("Homework for this lesson: %(text)s", text=text) for text in due]
