"""What people are told of outside the diary: what happened, who wants to hear it, when and by what."""

from __future__ import annotations

from datetime import time

from flask_babel import lazy_gettext
from sqlalchemy import Index, String, Text, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Model
from app.models.access import Delivery, DeliveryChannel
from app.models.columns import Created, Key, Titled, reference, words
from app.models.people import Student, User


class NoticeKind(Titled):
    """What a person can be told of."""

    LOW_MARK = "low_mark", lazy_gettext("Mark below 3")
    MARK = "mark", lazy_gettext("Any other mark")
    ABSENCE = "absence", lazy_gettext("Absence or lateness")
    HOMEWORK = "homework", lazy_gettext("Homework")
    FINAL_MARK = "final_mark", lazy_gettext("Final mark")
    MESSAGE = "message", lazy_gettext("Message")
    NEWS = "news", lazy_gettext("News")
    REQUEST = "request", lazy_gettext("Notes of absence and corrections")
    SUPPORT = "support", lazy_gettext("Problems reported to the administration")
    REMINDER = "reminder", lazy_gettext("Reminders of what is overdue")
    WEEKLY = "weekly", lazy_gettext("Weekly list of what is overdue")


class Timing(Titled):
    """When a person is told."""

    NEVER = "never", lazy_gettext("never")
    AT_ONCE = "at_once", lazy_gettext("at once")
    EVENING = "evening", lazy_gettext("in the evening")


class Happening(Model):
    """Something that people may want to hear of, written in the transaction in which it happened.

    ``object_id`` is a row by ``kind``: mark, attendance, lesson (homework), final mark, message, news item, note or
    correction, support request or reply, reminder (``model`` tells which). The worker finds those concerned from
    ``at`` on and deletes the row.
    """

    __tablename__ = "happening"
    id: Mapped[Key]
    kind: Mapped[NoticeKind] = mapped_column(words(NoticeKind))
    model: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[int]
    student_id: Mapped[int | None]  # no key: nothing is held back by what is only to be told
    actor_id: Mapped[int | None]  # who did it is not told of it
    at: Mapped[Created] = mapped_column(index=True)


class Notification(Model):
    """What one person is to be told of by one channel; those due go together into one delivery."""

    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_waiting", "due_at", sqlite_where=text("delivery_id IS NULL"),
              postgresql_where=text("delivery_id IS NULL")),
    )  # fmt: skip
    id: Mapped[Key]
    user_id: Mapped[int] = reference("user")
    channel: Mapped[DeliveryChannel] = mapped_column(words(DeliveryChannel))
    kind: Mapped[NoticeKind] = mapped_column(words(NoticeKind))
    model: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[int]
    student_id: Mapped[int | None] = reference("student")
    due_at: Mapped[Created]
    created_at: Mapped[Created]
    delivery_id: Mapped[int | None] = reference("delivery")
    user: Mapped[User] = relationship()
    student: Mapped[Student | None] = relationship()
    delivery: Mapped[Delivery | None] = relationship()


class NotificationChoice(Model):
    """When a person wants to be told of a kind by a channel, where that is not the usual."""

    __tablename__ = "notification_choice"
    __table_args__ = (UniqueConstraint("user_id", "kind", "channel"),)
    id: Mapped[Key]
    user_id: Mapped[int] = reference("user", index=False)
    kind: Mapped[NoticeKind] = mapped_column(words(NoticeKind))
    channel: Mapped[DeliveryChannel] = mapped_column(words(DeliveryChannel))
    timing: Mapped[Timing] = mapped_column(words(Timing))
    user: Mapped[User] = relationship()


class QuietHours(Model):
    """When a member of staff is not told of messages, in the school's zone; past midnight if the end is earlier."""

    __tablename__ = "quiet_hours"
    id: Mapped[Key]
    user_id: Mapped[int] = reference("user", unique=True)
    starts_at: Mapped[time]
    ends_at: Mapped[time]
    weekends: Mapped[bool] = mapped_column(default=True, server_default=true())  # Saturday and Sunday are quiet
    user: Mapped[User] = relationship()


class PushSubscription(Model):
    """A browser that takes Web Push (RFC 8030): the address of its push service and its keys (RFC 8291)."""

    __tablename__ = "push_subscription"
    id: Mapped[Key]
    user_id: Mapped[int] = reference("user")
    endpoint: Mapped[str] = mapped_column(Text, unique=True)
    p256dh: Mapped[str] = mapped_column(String(120))
    auth: Mapped[str] = mapped_column(String(60))
    agent: Mapped[str] = mapped_column(String(200), default="", server_default="")
    created_at: Mapped[Created]
    user: Mapped[User] = relationship()
