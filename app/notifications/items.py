"""What notifications say, as their receiver sees it now: read in a session of that person, so that nothing else can be.

What has changed since is said as it is; what is gone, read already, or no longer the person's is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.strategy_options import _AbstractLoad

from app import clock, policy
from app.control import reminders
from app.models import (
    AbsenceNote,
    Attendance,
    Correction,
    FinalMark,
    Lesson,
    Mark,
    Message,
    NewsItem,
    Notification,
    Student,
    StudentHomework,
    SupportReply,
    SupportRequest,
    TeachingAssignment,
    Thread,
    ThreadMember,
    User,
    Work,
)
from app.models.access import DeliveryChannel
from app.models.communication import SupportState, ThreadKind
from app.models.diary import RequestState
from app.models.journal import WorkKind
from app.models.notification import NoticeKind, Timing
from app.notifications import addresses, choices
from app.notifications.concerned import LOW
from app.notifications.happenings import ANSWERED, MISSED
from app.notifications.rules import Rules

HOMEWORK_SHOWN = 300  # characters; the rest is in the diary


@dataclass(frozen=True)
class Item:
    """One thing told: in one line, where more of it stands, and of which child (0: of none)."""

    kind: NoticeKind
    text: str
    path: str
    student_id: int = 0


@dataclass(frozen=True)
class Told:
    """Everything that one message tells; ``names`` are the full names of its children, in their order."""

    items: list[Item]
    names: dict[int, str]
    given_names: dict[int, str]

    def of(self, student_id: int) -> list[Item]:
        """What is told of one child, or of none (0)."""
        return [item for item in self.items if item.student_id == student_id]


Reader = Callable[[Session, Collection[int]], Iterable[tuple[int, NoticeKind, str, str]]]
"""Of the rows with these ids that the person sees: id, kind as it is now, line, path (with «{student}»); a row may have
several lines."""


def told(session: Session, notifications: Sequence[Notification], rules: Rules) -> Told:
    """What the notifications of one person and channel say now; ``session`` is bound to that person."""
    actor = policy.actor_of(session)
    wanted = choices.chosen_by(session, [actor.user_id]).get(actor.user_id, {})
    own = select(Student).where(Student.id.in_(policy.children(actor))).order_by(Student.sort_name, Student.id)
    children = {student.id: student for student in session.scalars(own)}
    of_model: dict[str, list[Notification]] = defaultdict(list)
    for notification in notifications:
        of_model[notification.model].append(notification)
    items: dict[tuple[str, int, int, int], Item] = {}
    for model in READERS:
        ids = {notification.object_id for notification in of_model[model]}
        rows: dict[int, list[Sequence[Any]]] = defaultdict(list)
        for number, *line in READERS[model](session, ids) if ids else ():
            rows[number].append(line)
        for notification in of_model[model]:
            for place, row in enumerate(rows[notification.object_id]):
                item = _item(notification, row, children)
                if item and _is_wanted(item, notification.channel, wanted, rules):
                    items[model, notification.object_id, item.student_id, place] = item
    told_of = {item.student_id for item in items.values()}
    shown = [student for number, student in children.items() if number in told_of]
    return Told(list(items.values()), {one.id: str(one) for one in shown}, {one.id: one.given_name for one in shown})


def _item(notification: Notification, row: Sequence[Any], children: Mapping[int, Student]) -> Item | None:
    kind, line, path = row
    if notification.model not in ABOUT_A_CHILD:
        return Item(kind, line, path)
    if notification.student_id not in children:
        return None
    return Item(kind, line, path.format(student=notification.student_id), notification.student_id or 0)


def _is_wanted(item: Item, channel: DeliveryChannel, wanted: choices.Chosen, rules: Rules) -> bool:
    return choices.timing(wanted, item.kind, channel, rules) is not Timing.NEVER


def _day(day: date) -> str:
    return str(format_date(day, "d MMMM"))


def _named(lesson: _AbstractLoad) -> _AbstractLoad:
    """The lesson comes with its subject."""
    return lesson.joinedload(Lesson.assignment).joinedload(TeachingAssignment.subject)


def _marks(session: Session, ids: Collection[int]) -> Iterable[tuple[int, NoticeKind, str, str]]:
    rows = select(Mark).options(_named(joinedload(Mark.work).joinedload(Work.lesson))).where(Mark.id.in_(ids))
    for mark in session.scalars(rows.order_by(Mark.id)):
        lesson, work = mark.work.lesson, mark.work
        about = work.title or ("" if work.kind is WorkKind.ANSWER else str(work.kind))
        line = _("%(subject)s, %(day)s: mark %(mark)s", subject=lesson.assignment.subject, day=_day(lesson.date),
                 mark=mark.value)  # fmt: skip
        kind = NoticeKind.LOW_MARK if mark.value < LOW else NoticeKind.MARK
        yield mark.id, kind, f"{line} ({about})" if about else line, addresses.MARKS


def _absences(session: Session, ids: Collection[int]) -> Iterable[tuple[int, NoticeKind, str, str]]:
    rows = select(Attendance).options(_named(joinedload(Attendance.lesson))).where(Attendance.id.in_(ids))
    for row in session.scalars(rows.order_by(Attendance.id)):
        if row.status in MISSED:
            lesson = row.lesson
            line = _("%(subject)s, %(day)s, lesson %(number)s: %(status)s", subject=lesson.assignment.subject,
                     day=_day(lesson.date), number=lesson.number, status=str(row.status).lower())  # fmt: skip
            yield row.id, NoticeKind.ABSENCE, line, addresses.ATTENDANCE


def _homework_line(lesson: Lesson, text: str) -> str:
    short = " ".join(text.split())
    if len(short) > HOMEWORK_SHOWN:
        short = short[: HOMEWORK_SHOWN - 1].rstrip() + "…"
    return str(_("%(subject)s, %(day)s, homework: %(text)s", subject=lesson.assignment.subject,
                 day=_day(lesson.date), text=short))  # fmt: skip


def _homework(session: Session, ids: Collection[int]) -> Iterable[tuple[int, NoticeKind, str, str]]:
    given = (Lesson.id.in_(ids), Lesson.homework != "", Lesson.is_cancelled.is_(False))
    rows = select(Lesson).where(*given).options(joinedload(Lesson.assignment).joinedload(TeachingAssignment.subject))
    for lesson in session.scalars(rows.order_by(Lesson.date, Lesson.number)):
        yield lesson.id, NoticeKind.HOMEWORK, _homework_line(lesson, lesson.homework), addresses.week(lesson.date)


def _own_homework(session: Session, ids: Collection[int]) -> Iterable[tuple[int, NoticeKind, str, str]]:
    rows = select(StudentHomework).options(_named(joinedload(StudentHomework.lesson)))
    for row in session.scalars(rows.where(StudentHomework.id.in_(ids)).order_by(StudentHomework.id)):
        yield row.id, NoticeKind.HOMEWORK, _homework_line(row.lesson, row.text), addresses.week(row.lesson.date)


def _final_marks(session: Session, ids: Collection[int]) -> Iterable[tuple[int, NoticeKind, str, str]]:
    rows = select(FinalMark).where(FinalMark.id.in_(ids)).order_by(FinalMark.id)
    for row in session.scalars(rows.options(joinedload(FinalMark.subject), joinedload(FinalMark.term))):
        line = _("%(subject)s, %(term)s: %(mark)s", subject=row.subject, term=row.term or row.kind, mark=row.value)
        yield row.id, NoticeKind.FINAL_MARK, line, addresses.FINAL_MARKS


def _messages(session: Session, ids: Collection[int]) -> Iterable[tuple[int, NoticeKind, str, str]]:
    """Those that the person has not read yet."""
    actor = policy.actor_of(session)
    rows = (
        select(Message, Thread, User)
        .join(Message.thread)
        .join(Message.author)
        .where(Message.id.in_(ids))
        .order_by(Message.id)
    )
    found = session.execute(rows).all()
    mine = select(ThreadMember.thread_id, ThreadMember.read_at).where(
        ThreadMember.user_id == actor.user_id, ThreadMember.thread_id.in_({thread.id for _row, thread, _user in found})
    )
    read = {thread_id: at for thread_id, at in session.execute(mine) if at is not None}
    for message, thread, author in found:
        if thread.id in read and read[thread.id] >= message.created_at:
            continue
        if thread.kind is ThreadKind.ANNOUNCEMENT:
            line = _("Announcement from %(name)s: %(subject)s", name=author.short_name, subject=thread.subject)
        else:
            line = _("Message from %(name)s: %(subject)s", name=author.short_name, subject=thread.subject)
        yield message.id, NoticeKind.MESSAGE, line, addresses.thread(thread.id, is_family=actor.reads_diary)


def _news(session: Session, ids: Collection[int]) -> Iterable[tuple[int, NoticeKind, str, str]]:
    actor = policy.actor_of(session)
    for item in session.scalars(select(NewsItem).where(NewsItem.id.in_(ids)).order_by(NewsItem.published_at)):
        if item.published_at is not None and item.published_at <= actor.now and item.archived_at is None:
            path = addresses.news(item.id, is_family=actor.reads_diary)
            yield item.id, NoticeKind.NEWS, _("News: %(title)s", title=item.title), path


def _span(note: AbsenceNote) -> str:
    first, last = _day(note.starts_on), _day(note.ends_on)
    return first if note.starts_on == note.ends_on else f"{first} – {last}"


def _notes(session: Session, ids: Collection[int]) -> Iterable[tuple[int, NoticeKind, str, str]]:
    rows = select(AbsenceNote).where(AbsenceNote.id.in_(ids)).order_by(AbsenceNote.id)
    for note in session.scalars(rows.options(joinedload(AbsenceNote.student))):
        line = _("Absence of %(name)s, %(days)s", name=note.student, days=_span(note))
        yield from _request(session, note, line, addresses.NOTES)


def _corrections(session: Session, ids: Collection[int]) -> Iterable[tuple[int, NoticeKind, str, str]]:
    rows = select(Correction).where(Correction.id.in_(ids)).order_by(Correction.id)
    for correction in session.scalars(rows.options(joinedload(Correction.student))):
        line = _("Correction of data of %(name)s: %(field)s", name=correction.student, field=correction.field)
        yield from _request(session, correction, line, addresses.OWN_DATA)


def _request(
    session: Session, request: AbsenceNote | Correction, line: str, path: str
) -> Iterable[tuple[int, NoticeKind, str, str]]:
    """For its author the answer; for the class teacher that there is something to answer."""
    actor = policy.actor_of(session)
    if request.author_id == actor.user_id and request.state in ANSWERED:
        answer = f". {request.answer}" if request.answer else ""
        of_child = path.format(student=request.student_id)
        yield request.id, NoticeKind.REQUEST, f"{line}: {str(request.state).lower()}{answer}", of_child
    elif request.author_id != actor.user_id and request.state is RequestState.SENT and actor.leads:
        asked = _("please answer")
        yield request.id, NoticeKind.REQUEST, f"{line}: {asked}", addresses.REQUESTS


def _support(session: Session, ids: Collection[int]) -> Iterable[tuple[int, NoticeKind, str, str]]:
    """For its author that a problem is solved; for the administration that one waits. Not what it says."""
    actor = policy.actor_of(session)
    rows = select(SupportRequest).where(SupportRequest.id.in_(ids)).order_by(SupportRequest.id)
    for row in session.scalars(rows.options(joinedload(SupportRequest.author))):
        day = _day(row.created_at.astimezone(clock.zone()).date())
        if row.author_id == actor.user_id and row.state is SupportState.SOLVED:
            line = _("The problem that you reported on %(day)s is solved", day=day)
        elif row.author_id != actor.user_id and row.state is SupportState.OPEN:
            line = _("%(name)s reports a problem", name=row.author.short_name)
        else:
            continue
        yield row.id, NoticeKind.SUPPORT, line, addresses.support(row.id)


def _support_replies(session: Session, ids: Collection[int]) -> Iterable[tuple[int, NoticeKind, str, str]]:
    rows = (
        select(SupportReply)
        .where(SupportReply.id.in_(ids))
        .options(joinedload(SupportReply.author), joinedload(SupportReply.request))
        .order_by(SupportReply.id)
    )
    for row in session.scalars(rows):
        day = _day(row.request.created_at.astimezone(clock.zone()).date())
        line = _("%(name)s replies about the problem of %(day)s", name=row.author.short_name, day=day)
        yield row.id, NoticeKind.SUPPORT, line, addresses.support(row.request_id)


READERS: dict[str, Reader] = {
    "Mark": _marks,
    "Attendance": _absences,
    "FinalMark": _final_marks,
    "Lesson": _homework,
    "StudentHomework": _own_homework,
    "Message": _messages,
    "AbsenceNote": _notes,
    "Correction": _corrections,
    "SupportRequest": _support,
    "SupportReply": _support_replies,
    "NewsItem": _news,
    "Reminder": reminders.lines,
}
"""In the order in which a message tells."""
ABOUT_A_CHILD = frozenset({"Mark", "Attendance", "FinalMark", "Lesson", "StudentHomework"})
