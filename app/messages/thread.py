"""One thread as its reader sees it: what was said, who has read it, whether and to whom one can answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session, joinedload, selectinload

from app import policy
from app.extensions import begin_writing
from app.messages import addressees, reports
from app.messages.quiet import quiet_until
from app.models import Message, MessageFile, QuietHours, Thread, ThreadMember, ThreadReport, User
from app.models.communication import ThreadKind
from app.notifications.rules import Rules

PAGE = 50  # messages


@dataclass(frozen=True)
class Said:
    """A message. ``readers`` of ``others`` have read it, where it is the reader's own in a conversation."""

    id: int
    author: str
    is_own: bool
    is_new: bool
    body: str
    at: datetime
    files: list[MessageFile]
    readers: int
    others: int


@dataclass(frozen=True)
class Receipts:
    """How many of those an announcement is for have opened it."""

    read: int
    total: int


@dataclass(frozen=True)
class Opened:
    """A thread. ``people`` are the others in a conversation, or who announces; ``receipts`` are for an announcement's
    author alone; ``earlier`` is the message to page back from, None at the beginning; ``answer_to`` is the author of an
    announcement that can be answered in private; ``report`` is the one the person reads it for, who then only reads.
    """

    thread: Thread
    people: list[str]
    messages: list[Said]
    earlier: int | None
    takes_part: bool
    can_write: bool
    answer_to: int | None
    receipts: Receipts | None
    reported: list[policy.Reported]
    report: ThreadReport | None
    quiet: datetime | None

    @property
    def is_announcement(self) -> bool:
        """Whether it is one."""
        return self.thread.kind is ThreadKind.ANNOUNCEMENT


@dataclass(frozen=True)
class Mark:
    """Up to when the person had read a thread before this visit; ``moment`` is None when never."""

    moment: datetime | None
    takes_part: bool


def mark_read(session: Session, thread_id: int) -> Mark | None:
    """Note that the person has read the thread up to its last message, in a transaction of its own; None for a thread
    that is not theirs to read.

    What comes while they read stays unread. For a deputy director a thread to the administration is noted likewise;
    nothing is noted of a thread that is read for a report.
    """
    actor = policy.actor_of(session)
    session.commit()  # what was read so far may be older than what is written now
    found = _standing(session, actor, thread_id)
    if found is None:
        return None
    thread, mine, last = found
    takes_part = mine is not None or thread.is_to_administration
    before = mine.read_at if mine is not None else None
    if last is None or not takes_part or (before is not None and before >= last):
        return Mark(before, takes_part)
    session.commit()
    try:
        _note(session, actor, thread_id, last)
    except (IntegrityError, OperationalError):  # noted in another window at this moment, or the database is busy
        session.rollback()
    return Mark(before, takes_part)


def _note(session: Session, actor: policy.Actor, thread_id: int, last: datetime) -> None:
    begin_writing(session)
    mine = session.scalar(_membership(actor, thread_id))
    if mine is None:
        session.add(ThreadMember(thread_id=thread_id, user_id=actor.user_id, read_at=last))
    elif mine.read_at is None or mine.read_at < last:
        mine.read_at = last
    session.commit()


def _standing(
    session: Session, actor: policy.Actor, thread_id: int
) -> tuple[Thread, ThreadMember | None, datetime | None] | None:
    last = select(func.max(Message.created_at)).where(Message.thread_id == Thread.id).scalar_subquery()
    mine = and_(ThreadMember.thread_id == Thread.id, ThreadMember.user_id == actor.user_id)
    found = session.execute(
        select(Thread, ThreadMember, last).outerjoin(ThreadMember, mine).where(Thread.id == thread_id)
    ).one_or_none()
    return found and (found[0], found[1], found[2])


def _membership(actor: policy.Actor, thread_id: int) -> Select[ThreadMember]:
    return select(ThreadMember).where(ThreadMember.thread_id == thread_id, ThreadMember.user_id == actor.user_id)


def opened(session: Session, thread_id: int, mark: Mark, rules: Rules, before: int | None = None) -> Opened:
    """The thread with its newest messages, or those before the message ``before``; ``mark`` is of ``mark_read``.

    A constant number of statements.
    """
    actor = policy.actor_of(session)
    thread, is_written = session.execute(
        select(Thread, Thread.id.in_(policy.written_threads(actor)))
        .options(joinedload(Thread.student), joinedload(Thread.school_class), joinedload(Thread.started_by))
        .where(Thread.id == thread_id)
    ).one()
    is_announced, is_own = thread.kind is ThreadKind.ANNOUNCEMENT, thread.started_by_id == actor.user_id
    others = [] if is_announced else _others(session, actor, thread_id)
    rows = _messages(session, thread_id, before)
    can_write = mark.takes_part and bool(is_written)
    answers = mark.takes_part and is_announced and not is_own
    return Opened(
        thread=thread,
        people=[thread.started_by.full_name] if is_announced else [member.user.full_name for member in others],
        messages=[_said(actor, row, mark, others) for row in rows[-PAGE:]],
        earlier=rows[-PAGE].id if len(rows) > PAGE else None,
        takes_part=mark.takes_part,
        can_write=can_write,
        answer_to=(
            thread.started_by_id if answers and addressees.may_write_to(session, thread.started_by_id) else None
        ),
        receipts=_receipts(session, thread_id, actor.user_id) if is_announced and is_own else None,
        reported=policy.reports_of(session, thread_id),
        report=reports.opened_by(session, thread_id),
        quiet=quiet_of(session, [member.user for member in others], actor.now, rules) if can_write else None,
    )


def _others(session: Session, actor: policy.Actor, thread_id: int) -> list[ThreadMember]:
    """The other members of a conversation, by name."""
    rows = (
        select(ThreadMember)
        .join(ThreadMember.user)
        .options(joinedload(ThreadMember.user))
        .where(ThreadMember.thread_id == thread_id, ThreadMember.user_id != actor.user_id)
        .order_by(User.sort_name, User.id)
    )
    return list(session.scalars(rows))


def _messages(session: Session, thread_id: int, before: int | None) -> list[Message]:
    """One more than a page, the oldest first."""
    rows = (
        select(Message)
        .options(joinedload(Message.author), selectinload(Message.files))
        .where(Message.thread_id == thread_id)
        .order_by(Message.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        rows = rows.where(Message.id < before)
    return list(session.scalars(rows))[::-1]


def _said(actor: policy.Actor, row: Message, mark: Mark, others: list[ThreadMember]) -> Said:
    is_own = row.author_id == actor.user_id
    return Said(
        id=row.id,
        author=row.author.full_name,
        is_own=is_own,
        is_new=not is_own and mark.takes_part and (mark.moment is None or row.created_at > mark.moment),
        body=row.body,
        at=row.created_at,
        files=list(row.files),
        readers=sum(1 for each in others if each.read_at is not None and each.read_at >= row.created_at),
        others=len(others),
    )


def _receipts(session: Session, thread_id: int, author_id: int) -> Receipts:
    row = session.execute(
        select(func.count(ThreadMember.id), func.count(ThreadMember.read_at)).where(
            ThreadMember.thread_id == thread_id, ThreadMember.user_id != author_id
        )
    ).one()
    return Receipts(read=row[1], total=row[0])


def quiet_of(session: Session, users: list[User], now: datetime, rules: Rules) -> datetime | None:
    """Until when the staff among ``users`` are not told of messages; None when one of them is told now."""
    staff = [user.id for user in users if user.is_staff or user.is_deputy_director]
    if not staff:
        return None
    hours = {row.user_id: row for row in session.scalars(select(QuietHours).where(QuietHours.user_id.in_(staff)))}
    ends = [quiet_until(hours.get(number, rules.quiet), now, rules.zone) for number in staff]
    return min(end for end in ends if end) if all(ends) else None


def file(session: Session, file_id: int) -> MessageFile | None:
    """A file of a thread that the person reads."""
    return session.scalar(select(MessageFile).where(MessageFile.id == file_id))
