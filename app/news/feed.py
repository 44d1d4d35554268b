"""What is published, what waits, and for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, selectinload

from app.collation import search_key
from app.models import NewsItem
from app.models.columns import Titled

LATEST = 5
WAITING = 10
PER_PAGE = 10
MOST_WORDS = 6


class NewsState(Titled):
    """Where a news item stands."""

    DRAFT = "draft", lazy_gettext("Draft")
    SCHEDULED = "scheduled", lazy_gettext("Scheduled")
    PUBLISHED = "published", lazy_gettext("Published")
    ARCHIVED = "archived", lazy_gettext("In the archive")


def state_of(item: NewsItem, now: datetime) -> NewsState:
    """Where ``item`` stands at the moment ``now``."""
    if item.published_at is None:
        return NewsState.DRAFT
    if item.published_at > now:
        return NewsState.SCHEDULED
    return NewsState.ARCHIVED if item.archived_at is not None else NewsState.PUBLISHED


def in_state(state: NewsState, now: datetime) -> ColumnElement[bool]:
    """Items that stand so at the moment ``now``."""
    if state is NewsState.DRAFT:
        return NewsItem.published_at.is_(None)
    if state is NewsState.SCHEDULED:
        return NewsItem.published_at > now
    archived = NewsItem.archived_at.is_not(None)
    return and_(NewsItem.published_at <= now, archived if state is NewsState.ARCHIVED else ~archived)


def latest(session: Session, now: datetime, count: int = LATEST) -> list[NewsItem]:
    """The last published items that the session's person sees, pinned ones first."""
    return list(session.scalars(_published(now).limit(count)))


@dataclass(frozen=True)
class Page:
    """A page of the news; ``before`` and ``after`` are the numbers of the pages beside it."""

    items: Sequence[NewsItem]
    number: int
    has_more: bool

    @property
    def before(self) -> int | None:
        """The page with later news."""
        return self.number - 1 if self.number > 1 else None

    @property
    def after(self) -> int | None:
        """The page with earlier news."""
        return self.number + 1 if self.has_more else None


def page(session: Session, now: datetime, number: int, words: str = "") -> Page:
    """Page ``number`` (from 1) of the published items that the person sees, with all of ``words`` in their titles."""
    return page_of(session, _published(now), number, words)


def page_of(session: Session, items: Select[NewsItem], number: int, words: str) -> Page:
    """The same of any ``items``."""
    number = max(number, 1)
    found = items.where(
        *(NewsItem.search_name.contains(word, autoescape=True) for word in search_key(words).split()[:MOST_WORDS])
    )
    rows = session.scalars(found.offset((number - 1) * PER_PAGE).limit(PER_PAGE + 1)).all()
    return Page(rows[:PER_PAGE], number, len(rows) > PER_PAGE)


def published(session: Session, number: int, now: datetime) -> NewsItem | None:
    """A published item that the person sees, also one in the archive."""
    return session.scalars(select(NewsItem).where(NewsItem.id == number, NewsItem.published_at <= now)).one_or_none()


def _published(now: datetime) -> Select[NewsItem]:
    order: tuple[Any, ...] = (NewsItem.is_pinned.desc(), NewsItem.published_at.desc(), NewsItem.id.desc())
    return select(NewsItem).where(in_state(NewsState.PUBLISHED, now)).order_by(*order)


def _unpublished(now: datetime) -> Select[NewsItem]:
    unpublished = or_(in_state(NewsState.DRAFT, now), in_state(NewsState.SCHEDULED, now))
    order = (NewsItem.published_at.is_(None), NewsItem.published_at, NewsItem.id.desc())
    return select(NewsItem).where(unpublished).order_by(*order)


def latest_and_waiting(session: Session, now: datetime) -> tuple[list[NewsItem], list[NewsItem]]:
    """The last published items, pinned ones first; drafts and scheduled items, what is published first comes first.

    As far as the session's person sees them, in one statement.
    """
    parts = _published(now).limit(LATEST), _unpublished(now).limit(WAITING)
    among = (NewsItem.id.in_(part.with_only_columns(NewsItem.id).correlate(None)) for part in parts)
    rows = session.scalars(
        select(NewsItem).where(or_(*among)).order_by(NewsItem.published_at, NewsItem.id.desc())
    ).all()
    published = [item for item in rows if state_of(item, now) is NewsState.PUBLISHED]
    published.sort(key=lambda item: (item.is_pinned, item.published_at, item.id), reverse=True)
    others = [item for item in rows if state_of(item, now) is not NewsState.PUBLISHED]
    return published, sorted(others, key=lambda item: item.published_at is None)


def schedule(session: Session, now: datetime) -> tuple[list[NewsItem], list[NewsItem]]:
    """What is published by itself in the days to come, the first first; and the drafts, the newest first."""
    items = session.scalars(_unpublished(now).options(selectinload(NewsItem.classes))).all()
    scheduled = [item for item in items if item.published_at is not None]
    return scheduled, [item for item in items if item.published_at is None]


def publish(items: list[NewsItem], now: datetime) -> int:
    """Publish those of ``items`` that are not; give back how many. The caller commits."""
    unpublished = [item for item in items if state_of(item, now) in (NewsState.DRAFT, NewsState.SCHEDULED)]
    for item in unpublished:
        item.published_at, item.archived_at = now, None
    return len(unpublished)


def archive(items: list[NewsItem], now: datetime) -> int:
    """Put those of ``items`` that are published into the archive; give back how many. The caller commits."""
    published = [item for item in items if state_of(item, now) is NewsState.PUBLISHED]
    for item in published:
        item.archived_at = now
    return len(published)


def unarchive(items: list[NewsItem]) -> int:
    """Bring those of ``items`` that are in the archive back among the news. The caller commits."""
    archived = [item for item in items if item.archived_at is not None]
    for item in archived:
        item.archived_at = None
    return len(archived)
