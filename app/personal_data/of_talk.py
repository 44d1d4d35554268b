"""Personal data in what people tell each other and are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, and_, exists, func, select

from app import models
from app.extensions import Base
from app.personal_data.holdings import Basis, Gone, Holding, Retention, Whose, days

YEARS_3 = timedelta(1095)
YEAR = timedelta(365)


def silent_threads(cutoff: datetime) -> ColumnElement[bool]:
    """Threads in which nothing was written since; what was reported is kept as proof."""
    said = select(func.max(models.Message.created_at)).where(models.Message.thread_id == models.Thread.id)
    last = func.coalesce(said.scalar_subquery(), models.Thread.created_at)
    return and_(last < cutoff, ~exists().where(models.ThreadReport.thread_id == models.Thread.id))


def _in_silent_threads(thread_id: Any) -> Callable[[datetime], ColumnElement[bool]]:
    return lambda cutoff: thread_id.in_(select(models.Thread.id).where(silent_threads(cutoff)))


def _of_silent_messages(cutoff: datetime) -> ColumnElement[bool]:
    silent = select(models.Thread.id).where(silent_threads(cutoff))
    return models.MessageFile.message_id.in_(select(models.Message.id).where(models.Message.thread_id.in_(silent)))


def _long_solved(cutoff: datetime) -> ColumnElement[bool]:
    solved = select(models.SupportRequest.id).where(models.SupportRequest.solved_at < cutoff)
    return models.SupportFile.request_id.in_(solved)


def _with_thread(old: Callable[[datetime], ColumnElement[bool]]) -> Retention:
    return Retention("3 years after the last message of the thread, unless it was reported", YEARS_3, old)


WITH_REQUEST = Retention("as long as the request is of use to the administration")

OF_TALK: dict[type[Base], Holding] = {
    models.NewsItem: Holding(
        _("News"), Whose.NOBODY, "news of the school", Basis.NONE, Retention("until it is deleted"),
        plain=("picture", "search_name"), texts=("title", "body"),
    ),
    models.NewsItemClass: Holding(_("Classes of news"), Whose.NOBODY, "whom news are for", Basis.NONE,
                                  Retention("with the news")),
    models.NewsReading: Holding(
        _("News read"), Whose.EVERYBODY, "whether news reach people", Basis.TASK, days(400, models.NewsReading.at),
        erasure=(Gone("user_id"),),
    ),
    models.Thread: Holding(
        _("Conversations"), Whose.EVERYBODY, "family and school write to each other", Basis.TASK,
        _with_thread(silent_threads), plain=("search_name",), texts=("subject",), rest="stays for the other side",
    ),
    models.ThreadMember: Holding(_("Members of conversations"), Whose.EVERYBODY, "who reads a conversation",
                                 Basis.TASK, _with_thread(_in_silent_threads(models.ThreadMember.thread_id)),
                                 rest="stays for the other side, without a name"),
    models.Message: Holding(
        _("Messages"), Whose.EVERYBODY, "family and school write to each other", Basis.TASK,
        _with_thread(_in_silent_threads(models.Message.thread_id)), texts=("body",), plain=("search_body",),
        rest="stays for the other side; the author has no name any more",
    ),
    models.MessageFile: Holding(
        _("Files of messages"), Whose.EVERYBODY, "family and school write to each other", Basis.TASK,
        _with_thread(_of_silent_messages), ("name",), plain=("stored",), erasure=(Gone("message_id.author_id"),),
    ),
    models.ThreadReport: Holding(
        _("Reported conversations"), Whose.EVERYBODY, "protection of who was offended", Basis.TASK,
        Retention("with the conversation, which is kept as proof"), texts=("reason", "outcome"),
    ),
    models.SupportRequest: Holding(
        _("Support requests"), Whose.STAFF, "help with the journal", Basis.WORK, WITH_REQUEST, plain=("page",),
        texts=("body",),
    ),
    models.SupportReply: Holding(_("Replies to support requests"), Whose.STAFF, "help with the journal", Basis.WORK,
                                 WITH_REQUEST, texts=("body",)),
    models.SupportFile: Holding(
        _("Pictures of support requests"), Whose.STAFF, "help with the journal", Basis.WORK,
        Retention("365 days after the request was solved", YEAR, _long_solved),
        ("name",), plain=("stored",), erasure=(Gone("request_id.author_id"),),
    ),
    models.Happening: Holding(
        _("What people are to be told"), Whose.STUDENTS, "notifications", Basis.TASK, days(60, models.Happening.at),
        plain=("model",),
    ),
    models.Notification: Holding(
        _("Notifications"), Whose.EVERYBODY, "notifications", Basis.TASK, days(60, models.Notification.created_at),
        plain=("model",),
        erasure=(Gone("user_id"), Gone("student_id")),
    ),
    models.NotificationChoice: Holding(_("Choice of notifications"), Whose.EVERYBODY, "notifications", Basis.TASK,
                                       Retention("with the account"), erasure=(Gone("user_id"),)),
    models.QuietHours: Holding(_("Quiet hours"), Whose.STAFF, "notifications", Basis.TASK,
                               Retention("with the account"), erasure=(Gone("user_id"),)),
    models.PushSubscription: Holding(
        _("Browsers that are notified"), Whose.EVERYBODY, "notifications", Basis.CONSENT,
        Retention("until the person or the service ends it"), ("endpoint", "p256dh", "auth", "agent"),
        erasure=(Gone("user_id"),),
    ),
    models.Reminder: Holding(
        _("Reminders"), Whose.STAFF, "what is overdue", Basis.WORK, days(400, models.Reminder.created_at),
        plain=("rule",), erasure=(Gone("user_id"),),
    ),
    models.CalendarFeed: Holding(
        _("Calendar addresses"), Whose.EVERYBODY, "the diary in a calendar", Basis.CONSENT,
        Retention("until the person ends it"), ("token_hash",), erasure=(Gone("user_id"), Gone("student_id")),
    ),
    models.DiaryVisit: Holding(
        _("Visits of the diary"), Whose.EVERYBODY, "clause 2.3: parents' use is watched", Basis.TASK,
        days(730, models.DiaryVisit.last_at), erasure=(Gone("user_id"), Gone("student_id")),
    ),
}  # fmt: skip
