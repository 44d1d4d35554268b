"""Where more about a notice stands. A worker has no request to make addresses of, so the paths stand here."""

from __future__ import annotations

from datetime import date

MARKS, FINAL_MARKS = "/diary/{student}/marks/", "/diary/{student}/finals/"
ATTENDANCE, NOTES = "/diary/{student}/attendance/", "/diary/{student}/absence/"
OWN_DATA = "/diary/data/"
REQUESTS = "/admin/requests/"
FAMILY_SETTINGS, STAFF_SETTINGS = "/diary/notifications/", "/admin/notifications/"
FAMILY_START, STAFF_START = "/diary/", "/admin/"


def week(day: date) -> str:
    """The week of a day in a child's diary."""
    return "/diary/{student}/week/" + f"{day.isoformat()}/"


def thread(number: int, *, is_family: bool) -> str:
    """A conversation, in the diary or in the panel."""
    return f"/diary/messages/{number}/" if is_family else f"/admin/messages/{number}/"


def news(number: int, *, is_family: bool) -> str:
    """A news item, in the diary or in the panel."""
    return f"/diary/news/{number}/" if is_family else f"/admin/newsitem/details/?id={number}"


def support(number: int) -> str:
    """A problem that was reported."""
    return f"/admin/support/{number}/"


def settings(*, is_family: bool) -> str:
    """Where a person chooses what they are told of."""
    return FAMILY_SETTINGS if is_family else STAFF_SETTINGS


def start(*, is_family: bool) -> str:
    """Where a message of several things leads."""
    return FAMILY_START if is_family else STAFF_START
