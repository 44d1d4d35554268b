"""News that are no longer news: by years and months, with the search of the others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.models import NewsItem
from app.news.feed import NewsState, Page, in_state, page_of


@dataclass(frozen=True)
class Span:
    """A year or a month of the archive; ``key`` stands in addresses («2026», «2026-10»), ``day`` is its first."""

    key: str
    day: date
    items: int
    months: Sequence[Span] = ()


def span_of(key: str) -> tuple[date, date] | None:
    """First day of a year or month, and of the one after it; None for what is none."""
    if re.fullmatch(r"20\d\d", key, re.ASCII):
        return date(int(key), 1, 1), date(int(key) + 1, 1, 1)
    if re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", key, re.ASCII):
        year, month = int(key[:4]), int(key[5:])
        return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
    return None


def spans(session: Session, now: datetime, zone: ZoneInfo) -> list[Span]:
    """The years with archived items that the person sees, and their months, the latest first."""
    published = select(NewsItem.published_at).where(in_state(NewsState.ARCHIVED, now))
    days = [moment.astimezone(zone).date() for moment in session.scalars(published) if moment is not None]
    counts = Counter((day.year, day.month) for day in days)
    found = []
    for year in sorted({day.year for day in days}, reverse=True):
        months = [
            Span(f"{year}-{month:02}", date(year, month, 1), counts[year, month])
            for month in range(12, 0, -1)
            if counts[year, month]
        ]
        found.append(Span(str(year), date(year, 1, 1), sum(each.items for each in months), months))
    return found


def page(session: Session, now: datetime, zone: ZoneInfo, when: str, words: str, number: int) -> Page:
    """Page ``number`` of the archived items that the person sees, of the span ``when`` (empty: all), by ``words``."""
    items = select(NewsItem).where(in_state(NewsState.ARCHIVED, now)).options(selectinload(NewsItem.classes))
    if (span := span_of(when)) is not None:
        first, after = (datetime.combine(day, time(), zone).astimezone(UTC) for day in span)
        items = items.where(NewsItem.published_at >= first, NewsItem.published_at < after)
    return page_of(session, items.order_by(NewsItem.published_at.desc(), NewsItem.id.desc()), number, words)
