"""What people tell each other: news, conversations, support requests."""

from __future__ import annotations

from flask_babel import lazy_gettext
from sqlalchemy import String, Text, UniqueConstraint, event, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.collation import search_key
from app.extensions import Model
from app.models.columns import Created, Key, Moment, Titled, reference, words
from app.models.people import SchoolClass, Student, User


class Audience(Titled):
    """Whom a news item is addressed to."""

    ALL = "all", lazy_gettext("Everyone")
    STAFF = "staff", lazy_gettext("Staff")
    GUARDIANS = "guardians", lazy_gettext("Parents")
    CLASSES = "classes", lazy_gettext("Chosen classes")


class NewsItem(Model):
    """A news item of «Новости школы»; visible from published_at on, a draft without it."""

    __tablename__ = "news_item"
    id: Mapped[Key]
    title: Mapped[str] = mapped_column(String(200))
    search_name: Mapped[str] = mapped_column(
        String(200), default=lambda context: search_key(context.get_current_parameters()["title"])
    )
    body: Mapped[str] = mapped_column(Text)  # Markdown
    picture: Mapped[str | None] = mapped_column(String(200))
    audience: Mapped[Audience] = mapped_column(words(Audience), default=Audience.ALL)
    published_at: Mapped[Moment | None] = mapped_column(index=True)
    is_pinned: Mapped[bool] = mapped_column(default=False, server_default=false())
    archived_at: Mapped[Moment | None]  # from then on it stands in the archive only
    author_id: Mapped[int | None] = reference("user")
    created_at: Mapped[Created]
    author: Mapped[User | None] = relationship()
    classes: Mapped[list[SchoolClass]] = relationship(secondary="news_item_class")
    readings: Mapped[list[NewsReading]] = relationship(cascade="all, delete-orphan")  # go along with the item

    def __str__(self) -> str:
        return self.title


@event.listens_for(NewsItem, "before_update")
def _keep_title_key(_mapper: object, _connection: object, item: NewsItem) -> None:
    item.search_name = search_key(item.title)


class NewsItemClass(Model):
    """A class that a news item with the audience «chosen classes» is addressed to."""

    __tablename__ = "news_item_class"
    __table_args__ = (UniqueConstraint("news_item_id", "school_class_id"),)
    id: Mapped[Key]
    news_item_id: Mapped[int] = reference("news_item", index=False)
    school_class_id: Mapped[int] = reference("school_class")


class NewsReading(Model):
    """That a person has opened a news item; shown to those who publish in numbers."""

    __tablename__ = "news_reading"
    __table_args__ = (UniqueConstraint("news_item_id", "user_id"),)
    id: Mapped[Key]
    news_item_id: Mapped[int] = reference("news_item", index=False)
    user_id: Mapped[int] = reference("user")
    at: Mapped[Created]


class ThreadKind(Titled):
    """A conversation of few, or an announcement to the parents of a class, who answer the author alone."""

    CONVERSATION = "conversation", lazy_gettext("Conversation")
    ANNOUNCEMENT = "announcement", lazy_gettext("Announcement")


class Thread(Model):
    """What is written under one subject; one to the administration is open to every deputy director.

    ``student`` is whom it is about, ``school_class`` whose parents an announcement is for.
    """

    __tablename__ = "thread"
    id: Mapped[Key]
    kind: Mapped[ThreadKind] = mapped_column(
        words(ThreadKind), default=ThreadKind.CONVERSATION, server_default=ThreadKind.CONVERSATION.value
    )
    subject: Mapped[str] = mapped_column(String(200))
    search_name: Mapped[str] = mapped_column(
        String(200), default=lambda context: search_key(context.get_current_parameters()["subject"]), server_default=""
    )
    is_to_administration: Mapped[bool] = mapped_column(default=False, server_default=false())
    started_by_id: Mapped[int] = reference("user")
    student_id: Mapped[int | None] = reference("student")
    school_class_id: Mapped[int | None] = reference("school_class")
    created_at: Mapped[Created]
    started_by: Mapped[User] = relationship()
    student: Mapped[Student | None] = relationship()
    school_class: Mapped[SchoolClass | None] = relationship()
    members: Mapped[list[ThreadMember]] = relationship(back_populates="thread")
    messages: Mapped[list[Message]] = relationship(back_populates="thread", order_by="Message.id")


class ThreadMember(Model):
    """Somebody who reads a thread and, in a conversation, writes in it."""

    __tablename__ = "thread_member"
    __table_args__ = (UniqueConstraint("thread_id", "user_id"),)
    id: Mapped[Key]
    thread_id: Mapped[int] = reference("thread", index=False)
    user_id: Mapped[int] = reference("user")
    read_at: Mapped[Moment | None]
    thread: Mapped[Thread] = relationship(back_populates="members")
    user: Mapped[User] = relationship()


class Message(Model):
    """One message of a thread."""

    __tablename__ = "message"
    id: Mapped[Key]
    thread_id: Mapped[int] = reference("thread")
    author_id: Mapped[int] = reference("user")
    body: Mapped[str] = mapped_column(Text)
    search_body: Mapped[str] = mapped_column(
        Text, default=lambda context: search_key(context.get_current_parameters()["body"]), server_default=""
    )
    created_at: Mapped[Created]
    thread: Mapped[Thread] = relationship(back_populates="messages")
    author: Mapped[User] = relationship()
    files: Mapped[list[MessageFile]] = relationship(back_populates="message", order_by="MessageFile.id")


class MessageFile(Model):
    """A file sent with a message; ``stored`` is its name on disk, ``name`` the one people read."""

    __tablename__ = "message_file"
    id: Mapped[Key]
    message_id: Mapped[int] = reference("message")
    name: Mapped[str] = mapped_column(String(200))
    stored: Mapped[str] = mapped_column(String(80), unique=True)
    size: Mapped[int]  # bytes
    message: Mapped[Message] = relationship(back_populates="files")

    def __str__(self) -> str:
        return self.name


class ThreadReport(Model):
    """A member asks the administration to look at a thread. Who opens it reads it until it is closed, on record."""

    __tablename__ = "thread_report"
    id: Mapped[Key]
    thread_id: Mapped[int] = reference("thread")
    reported_by_id: Mapped[int] = reference("user")
    reason: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[Created]
    opened_by_id: Mapped[int | None] = reference("user")
    opened_at: Mapped[Moment | None]
    closed_at: Mapped[Moment | None]
    outcome: Mapped[str] = mapped_column(String(500), default="", server_default="")
    thread: Mapped[Thread] = relationship()
    reported_by: Mapped[User] = relationship(foreign_keys="ThreadReport.reported_by_id")
    opened_by: Mapped[User | None] = relationship(foreign_keys="ThreadReport.opened_by_id")


class SupportState(Titled):
    """Where a support request stands."""

    OPEN = "open", lazy_gettext("Open")
    IN_WORK = "in_work", lazy_gettext("In work")
    SOLVED = "solved", lazy_gettext("Solved")


class SupportRequest(Model):
    """A problem that a class teacher reports to the deputy director: on which ``page``, what happened.

    How long it took: ``created_at`` to ``taken_at`` (somebody looks at it), ``answered_at`` (the first reply of the
    administration), ``solved_at``.
    """

    __tablename__ = "support_request"
    id: Mapped[Key]
    author_id: Mapped[int] = reference("user")
    page: Mapped[str] = mapped_column(String(300), default="", server_default="")  # a path of this site
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[SupportState] = mapped_column(words(SupportState), default=SupportState.OPEN)
    created_at: Mapped[Created] = mapped_column(index=True)
    taken_by_id: Mapped[int | None] = reference("user")
    taken_at: Mapped[Moment | None]
    answered_at: Mapped[Moment | None]
    solved_at: Mapped[Moment | None]
    author: Mapped[User] = relationship(foreign_keys="SupportRequest.author_id")
    taken_by: Mapped[User | None] = relationship(foreign_keys="SupportRequest.taken_by_id")
    replies: Mapped[list[SupportReply]] = relationship(back_populates="request", order_by="SupportReply.id")
    files: Mapped[list[SupportFile]] = relationship(back_populates="request", order_by="SupportFile.id")


class SupportReply(Model):
    """What is said about a support request, by the administration or by its author."""

    __tablename__ = "support_reply"
    id: Mapped[Key]
    request_id: Mapped[int] = reference("support_request")
    author_id: Mapped[int] = reference("user")
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Created]
    request: Mapped[SupportRequest] = relationship(back_populates="replies")
    author: Mapped[User] = relationship()


class SupportFile(Model):
    """A screenshot of a support request; ``stored`` is its name on disk, ``name`` the one people read."""

    __tablename__ = "support_file"
    id: Mapped[Key]
    request_id: Mapped[int] = reference("support_request")
    name: Mapped[str] = mapped_column(String(200))
    stored: Mapped[str] = mapped_column(String(80), unique=True)
    size: Mapped[int]  # bytes
    request: Mapped[SupportRequest] = relationship(back_populates="files")

    def __str__(self) -> str:
        return self.name
