"""The list of a person's threads: the newest first, what is unread, with whom, about which student."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from app import policy
from app.collation import search_key
from app.models import Message, Thread, ThreadMember, User
from app.models.communication import ThreadKind
from app.policy.kept import kept

PAGE = 20
MAX_PAGE = 10_000
MOST_WORDS = 6
EXCERPT = 110


@dataclass(frozen=True)
class Line:
    """A thread of the list. ``people`` are the others in a conversation, or who announces; empty for the
    administration. ``about`` is the student, ``school_class`` whose parents an announcement is for."""

    id: int
    subject: str
    kind: ThreadKind
    is_to_administration: bool
    is_own: bool
    people: list[str]
    about: str
    school_class: str
    last: str
    last_by: str
    last_is_own: bool
    last_at: datetime
    is_unread: bool


@dataclass(frozen=True)
class Inbox:
    """A page of threads; ``has_more`` when there are older ones."""

    lines: list[Line]
    page: int
    has_more: bool


@lru_cache(maxsize=64)
def unread_of(actor: policy.Actor) -> Any:
    """The question, made once for each standing: who the actor is may be left open."""
    rows = _threads(actor).with_only_columns(func.count(Thread.id))
    return kept(rows.where(_is_unread(actor)))


def inbox(session: Session, page: int = 0, typed: str = "") -> Inbox:
    """A page of the person's threads; those whose subjects or messages have every word of ``typed``.

    Two statements, however many threads there are.
    """
    actor = policy.actor_of(session)
    page = min(max(page, 0), MAX_PAGE)
    found = _threads(actor).options(
        joinedload(Thread.student), joinedload(Thread.school_class), contains_eager(Message.author)
    )
    for word in search_key(typed[:200]).split()[:MOST_WORDS]:
        said = select(Message.thread_id).where(Message.search_body.contains(word, autoescape=True)).correlate(None)
        found = found.where(or_(Thread.search_name.contains(word, autoescape=True), Thread.id.in_(said)))
    found = found.add_columns(_is_unread(actor)).order_by(Message.created_at.desc(), Message.id.desc())
    rows: Any = session.execute(found.offset(page * PAGE).limit(PAGE + 1)).all()
    people = _people(session, actor, [thread for thread, *_rest in rows])
    lines = [_line(actor, thread, last, bool(new), people[thread.id]) for thread, last, _mine, new in rows[:PAGE]]
    return Inbox(lines, page, len(rows) > PAGE)


def _threads(actor: policy.Actor) -> Select[Thread, Message, ThreadMember]:
    """Threads the person takes part in, each with its last message and the person's own membership."""
    said = aliased(Message)
    latest = select(func.max(said.id)).where(said.thread_id == Thread.id).correlate(Thread).scalar_subquery()
    return (
        select(Thread, Message, ThreadMember)
        .select_from(Thread)
        .join(Message, Message.id == latest)
        .join(User, User.id == Message.author_id)
        .outerjoin(ThreadMember, and_(ThreadMember.thread_id == Thread.id, ThreadMember.user_id == actor.user_id))
        .where(Thread.id.in_(policy.entered_threads(actor)))
    )


def _is_unread(actor: policy.Actor) -> Any:
    """The last message is somebody else's and later than what the person has read; where they never were, it waits
    for an answer of the administration."""
    read_at = ThreadMember.read_at
    return and_(
        Message.author_id != actor.user_id,
        or_(
            and_(ThreadMember.id.is_not(None), or_(read_at.is_(None), read_at < Message.created_at)),
            and_(ThreadMember.id.is_(None), User.is_deputy_director.is_(False)),
        ),
    )


def _people(session: Session, actor: policy.Actor, threads: list[Thread]) -> dict[int, list[str]]:
    """Names of the others in conversations; of who announces in an announcement."""
    spoken = [thread.id for thread in threads if thread.kind is ThreadKind.CONVERSATION]
    names: dict[int, list[str]] = defaultdict(list)
    members = (
        select(ThreadMember.thread_id, User)
        .join(ThreadMember.user)
        .where(ThreadMember.thread_id.in_(spoken), ThreadMember.user_id != actor.user_id)
        .order_by(User.sort_name, User.id)
    )
    for thread_id, user in session.execute(members):
        names[thread_id].append(user.full_name)
    return names


def _line(actor: policy.Actor, thread: Thread, last: Message, is_unread: bool, people: list[str]) -> Line:
    is_announced = thread.kind is ThreadKind.ANNOUNCEMENT
    return Line(
        id=thread.id,
        subject=thread.subject,
        kind=thread.kind,
        is_to_administration=thread.is_to_administration,
        is_own=thread.started_by_id == actor.user_id,
        people=[last.author.full_name] if is_announced else people,
        about=str(thread.student or ""),
        school_class=str(thread.school_class or ""),
        last=excerpt(last.body),
        last_by=last.author.short_name,
        last_is_own=last.author_id == actor.user_id,
        last_at=last.created_at,
        is_unread=is_unread,
    )


def excerpt(text: str) -> str:
    """The beginning of a message in one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else line[:EXCERPT].rstrip() + "…"
