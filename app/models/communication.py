"""What people tell each other: news, threads, support requests."""

from __future__ import annotations

from flask_babel import lazy_gettext
from sqlalchemy import String, Text, UniqueConstraint, event, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.collation import search_key
from app.extensions import Model
from app.models.columns import Created, Key, Moment, Titled, reference, words
from app.models.people import SchoolClass, User


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
    author_id: Mapped[int | None] = reference("user")
    created_at: Mapped[Created]
    author: Mapped[User | None] = relationship()
    classes: Mapped[list[SchoolClass]] = relationship(secondary="news_item_class")

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
    news_item_id: Mapped[int] = reference("news_item")
    school_class_id: Mapped[int] = reference("school_class")


class Thread(Model):
    """A conversation; one to the administration is open to every deputy director."""

    __tablename__ = "thread"
    id: Mapped[Key]
    subject: Mapped[str] = mapped_column(String(200))
    is_to_administration: Mapped[bool] = mapped_column(default=False, server_default=false())
    started_by_id: Mapped[int] = reference("user")
    created_at: Mapped[Created]
    started_by: Mapped[User] = relationship()


class ThreadMember(Model):
    """Somebody who reads and writes in a thread."""

    __tablename__ = "thread_member"
    __table_args__ = (UniqueConstraint("thread_id", "user_id"),)
    id: Mapped[Key]
    thread_id: Mapped[int] = reference("thread")
    user_id: Mapped[int] = reference("user")
    read_at: Mapped[Moment | None]


class Message(Model):
    """One message of a thread."""

    __tablename__ = "message"
    id: Mapped[Key]
    thread_id: Mapped[int] = reference("thread")
    author_id: Mapped[int] = reference("user")
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Created]
    thread: Mapped[Thread] = relationship()
    author: Mapped[User] = relationship()


class SupportState(Titled):
    """Where a support request stands."""

    OPEN = "open", lazy_gettext("Open")
    IN_WORK = "in_work", lazy_gettext("In work")
    SOLVED = "solved", lazy_gettext("Solved")


class SupportRequest(Model):
    """A problem that a class teacher reports to the deputy director."""

    __tablename__ = "support_request"
    id: Mapped[Key]
    author_id: Mapped[int] = reference("user")
    page: Mapped[str] = mapped_column(String(300), default="", server_default="")
    body: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text, default="", server_default="")
    state: Mapped[SupportState] = mapped_column(words(SupportState), default=SupportState.OPEN)
    created_at: Mapped[Created]
    solved_at: Mapped[Moment | None]
    author: Mapped[User] = relationship()
