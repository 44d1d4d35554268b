"""Support requests as a list, and how long they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from statistics import median

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.models import SupportReply, SupportRequest, User
from app.models.communication import SupportState

PER_PAGE = 30
PERIODS = (30, 90)  # days


class Which(Enum):
    """Which requests a list shows: not solved ones, all, or those in one state."""

    UNSOLVED = "unsolved"
    ALL = "all"
    OPEN = SupportState.OPEN.value
    IN_WORK = SupportState.IN_WORK.value
    SOLVED = SupportState.SOLVED.value

    def rows(self) -> list[ColumnElement[bool]]:
        """What the list is narrowed by."""
        if self is Which.ALL:
            return []
        if self is Which.UNSOLVED:
            return [SupportRequest.state != SupportState.SOLVED]
        state = next(each for each in SupportState if each.value == self.value)
        return [SupportRequest.state == state]


@dataclass(frozen=True)
class Page:
    """A page of requests; ``replies`` are counts by request."""

    requests: Sequence[SupportRequest]
    replies: dict[int, int]
    has_more: bool


def page(session: Session, which: Which, author_id: int | None, number: int) -> Page:
    """The requests that the person sees: what is not solved the oldest first, otherwise the newest first."""
    order = SupportRequest.id if which is Which.UNSOLVED else SupportRequest.id.desc()
    wanted = select(SupportRequest).where(*which.rows()).order_by(order)
    if author_id is not None:
        wanted = wanted.where(SupportRequest.author_id == author_id)
    people = (
        joinedload(SupportRequest.author),
        joinedload(SupportRequest.taken_by),
        selectinload(SupportRequest.files),
    )
    rows = session.scalars(wanted.options(*people).offset(number * PER_PAGE).limit(PER_PAGE + 1)).all()
    ids = [row.id for row in rows[:PER_PAGE]]
    counts = (
        select(SupportReply.request_id, func.count())
        .where(SupportReply.request_id.in_(ids))
        .group_by(SupportReply.request_id)
    )
    replies = {row[0]: row[1] for row in session.execute(counts)}
    return Page(rows[:PER_PAGE], replies, len(rows) > PER_PAGE)


def one(session: Session, number: int) -> SupportRequest | None:
    """A request that the person sees, with everything that belongs to it."""
    with_all = (
        joinedload(SupportRequest.author), joinedload(SupportRequest.taken_by), selectinload(SupportRequest.files),
        selectinload(SupportRequest.replies).joinedload(SupportReply.author),
    )  # fmt: skip
    return session.scalars(select(SupportRequest).where(SupportRequest.id == number).options(*with_all)).one_or_none()


def authors(session: Session) -> list[User]:
    """Who has reported something that the person sees."""
    asked = select(SupportRequest.author_id)
    return list(session.scalars(select(User).where(User.id.in_(asked)).order_by(User.sort_name, User.id)))


def waiting() -> Select[int]:
    """How many requests nobody looks at."""
    return select(func.count(SupportRequest.id)).where(SupportRequest.state == SupportState.OPEN)


@dataclass(frozen=True)
class Taken:
    """How long the requests of the last ``days`` took: medians of those answered and of those solved."""

    days: int
    requests: int
    solved: int
    to_answer: timedelta | None
    to_solution: timedelta | None


def durations(session: Session, now: datetime) -> list[Taken]:
    """For each of PERIODS; one statement."""
    moments = select(SupportRequest.created_at, SupportRequest.answered_at, SupportRequest.solved_at).where(
        SupportRequest.created_at > now - timedelta(max(PERIODS))
    )
    rows = [(created, answered, solved) for created, answered, solved in session.execute(moments)]
    return [_taken(days, [row for row in rows if row[0] > now - timedelta(days)]) for days in PERIODS]


def _taken(days: int, rows: Sequence[tuple[datetime, datetime | None, datetime | None]]) -> Taken:
    answers = [answered - created for created, answered, _solved in rows if answered is not None]
    solutions = [solved - created for created, _answered, solved in rows if solved is not None]
    return Taken(days, len(rows), len(solutions), _median(answers), _median(solutions))


def _median(spans: Sequence[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(span.total_seconds() for span in spans)) if spans else None


def excerpt(body: str, length: int = 120) -> str:
    """The first words, in one line."""
    line = " ".join(body.split())
    return line if len(line) <= length else line[:length].rsplit(" ", 1)[0] + "…"
