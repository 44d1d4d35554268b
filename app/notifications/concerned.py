"""Whom a happening concerns: by the data of now, so that nobody hears of a child that is no longer theirs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, select, union
from sqlalchemy.orm import Session

from app.models import (
    AbsenceNote,
    Attendance,
    Correction,
    Enrollment,
    FinalMark,
    Guardianship,
    Happening,
    Lesson,
    Mark,
    Message,
    NewsItem,
    NotificationChoice,
    Reminder,
    SchoolClass,
    Student,
    StudentHomework,
    StudyGroup,
    StudyGroupMember,
    SupportReply,
    SupportRequest,
    TeachingAssignment,
    Thread,
    ThreadMember,
    User,
)
from app.models.communication import SupportState
from app.models.diary import RequestState
from app.models.notification import NoticeKind, Timing
from app.news import audience
from app.notifications.happenings import ANSWERED, MISSED
from app.people.placement import lasting

LOW = 3
"""A mark below it is a low one."""


@dataclass(frozen=True)
class Concern:
    """A person has to do with what happened ``at``; ``student_id`` is the child it is about."""

    user_id: int
    kind: NoticeKind
    model: str
    object_id: int
    student_id: int | None
    at: datetime


@dataclass(frozen=True)
class Day:
    """The moment and the school's day for which it is asked."""

    now: datetime
    today: date


Finder = Callable[[Session, Sequence[Happening], Day], Iterable[Concern]]


def concerned(session: Session, happenings: Sequence[Happening], now: datetime, today: date) -> list[Concern]:
    """Who has to do with the happenings, without those who did it; ``session`` is one of ``policy.system()``.

    What has gone meanwhile, or is not worth telling any more, concerns nobody. A constant number of statements a
    model.
    """
    of_model = defaultdict(list)
    actors = defaultdict(set)
    for happening in happenings:
        of_model[happening.model].append(happening)
        actors[happening.model, happening.object_id].add(happening.actor_id)
    found: dict[Concern, None] = {}
    for model, some in of_model.items():
        for concern in FINDERS[model](session, some, Day(now, today)):
            if concern.user_id not in actors[model, concern.object_id]:
                found[concern] = None
    return list(found)


def _rows(session: Session, model: type[Any], happenings: Sequence[Happening]) -> list[tuple[Happening, Any]]:
    """Each happening with its row as it is now; without those whose row is gone."""
    ids = {happening.object_id for happening in happenings}
    rows: dict[int, Any] = {row.id: row for row in session.scalars(select(model).where(model.id.in_(ids)))}
    return [(happening, rows[happening.object_id]) for happening in happenings if happening.object_id in rows]


def readers(session: Session, students: Collection[int]) -> dict[int, set[int]]:
    """Who reads the diary of each student: guardians, and the student with access."""
    found: dict[int, set[int]] = defaultdict(set)
    guardians = select(Guardianship.student_id, Guardianship.user_id).where(Guardianship.student_id.in_(students))
    themselves: Any = select(Student.id, Student.user_id).where(Student.id.in_(students), Student.user_id.is_not(None))
    for student_id, user_id in session.execute(union(guardians, themselves)):
        found[student_id].add(user_id)
    return found


def _of_student(
    model: type[Any], kind_of: Callable[[Any], NoticeKind | None], *, is_wanted: NoticeKind | None = None
) -> Finder:
    """Rows about one student, told to the readers of the diary; ``kind_of`` gives None for what is not told."""

    def find(session: Session, happenings: Sequence[Happening], _day: Day) -> Iterable[Concern]:
        if is_wanted is not None and not _is_chosen(session, is_wanted):
            return
        rows = _rows(session, model, happenings)
        people = readers(session, {row.student_id for _happening, row in rows})
        for happening, row in rows:
            if kind := kind_of(row):
                for user_id in people[row.student_id]:
                    yield Concern(user_id, kind, happening.model, row.id, row.student_id, happening.at)

    return find


def _is_chosen(session: Session, kind: NoticeKind) -> bool:
    """Whether anybody wants to hear of a kind that is told to nobody who has not chosen it."""
    wanted = (NotificationChoice.kind == kind, NotificationChoice.timing != Timing.NEVER)
    return session.scalars(select(NotificationChoice.id).where(*wanted).limit(1)).first() is not None


def _of_lesson(session: Session, happenings: Sequence[Happening], _day: Day) -> Iterable[Concern]:
    """Homework for all who are in the group on the day of the lesson."""
    if not _is_chosen(session, NoticeKind.HOMEWORK):
        return
    at = {happening.object_id: happening.at for happening in happenings}
    students = list(session.execute(union(*_taught_in(set(at)))))
    people = readers(session, {student_id for _lesson, student_id in students})
    for lesson_id, student_id in students:
        for user_id in people[student_id]:
            yield Concern(user_id, NoticeKind.HOMEWORK, "Lesson", lesson_id, student_id, at[lesson_id])


def _taught_in(lessons: set[int]) -> tuple[Any, Any]:
    """Lessons with homework and their students: whole classes, and parts of a class."""
    lesson = (
        select(Lesson.id)
        .join(TeachingAssignment, TeachingAssignment.id == Lesson.teaching_assignment_id)
        .join(StudyGroup, StudyGroup.id == TeachingAssignment.study_group_id)
        .where(Lesson.id.in_(lessons), Lesson.homework != "")
    )

    in_class = and_(Enrollment.school_class_id == StudyGroup.school_class_id, lasting(Enrollment, Lesson.date))
    in_part = and_(StudyGroupMember.study_group_id == StudyGroup.id, lasting(StudyGroupMember, Lesson.date))
    return (
        lesson.add_columns(Enrollment.student_id).join(Enrollment, in_class).where(StudyGroup.is_whole_class),
        lesson.add_columns(StudyGroupMember.student_id).join(StudyGroupMember, in_part),
    )


def _of_message(session: Session, happenings: Sequence[Happening], _day: Day) -> Iterable[Concern]:
    """Those who read the thread, without the author; to the administration every deputy director."""
    at = {happening.object_id: happening.at for happening in happenings}
    there = and_(Message.id.in_(at), ThreadMember.user_id != Message.author_id)
    members = (
        select(Message.id, ThreadMember.user_id, Thread.student_id)
        .join(Thread, Thread.id == Message.thread_id)
        .join(ThreadMember, ThreadMember.thread_id == Thread.id)
        .where(there)
    )
    deputies = (
        select(Message.id, User.id, Thread.student_id)
        .join(Thread, Thread.id == Message.thread_id)
        .join(User, and_(User.is_deputy_director, User.id != Message.author_id))
        .where(Message.id.in_(at), Thread.is_to_administration)
    )
    for message_id, user_id, student_id in session.execute(union(members, deputies)):
        yield Concern(user_id, NoticeKind.MESSAGE, "Message", message_id, student_id, at[message_id])


def _of_news(session: Session, happenings: Sequence[Happening], day: Day) -> Iterable[Concern]:
    """The audience of what is published as it was planned; what was put off has a happening of its own."""
    for happening, item in _rows(session, NewsItem, happenings):
        if item.published_at == happening.at and item.published_at <= day.now:
            for user_id in session.scalars(union(*audience.people(item, day.today))):
                yield Concern(user_id, NoticeKind.NEWS, "NewsItem", item.id, None, happening.at)


def _of_request(model: type[Any]) -> Finder:
    """A request that is sent, for the class teachers of the student; one that is answered, for its author."""

    def find(session: Session, happenings: Sequence[Happening], day: Day) -> Iterable[Concern]:
        rows = _rows(session, model, happenings)
        students = {row.student_id for _happening, row in rows if row.state is RequestState.SENT}
        leaders: dict[int, set[int]] = defaultdict(set)
        led: Any = (
            select(Enrollment.student_id, SchoolClass.class_teacher_id)
            .join(SchoolClass, SchoolClass.id == Enrollment.school_class_id)
            .where(Enrollment.student_id.in_(students), lasting(Enrollment, day.today))
            .where(SchoolClass.class_teacher_id.is_not(None))
        )
        for student_id, user_id in session.execute(led):
            leaders[student_id].add(user_id)
        for happening, row in rows:
            told = leaders[row.student_id] if row.state is RequestState.SENT else set()
            if row.state in ANSWERED:
                told = {row.author_id}
            for user_id in told:
                yield Concern(user_id, NoticeKind.REQUEST, happening.model, row.id, row.student_id, happening.at)

    return find


def _of_support(session: Session, happenings: Sequence[Happening], _day: Day) -> Iterable[Concern]:
    """A problem that is reported or there again, for the administration; one that is solved, for its author."""
    rows = _rows(session, SupportRequest, happenings)
    deputies = _administration(session)
    for happening, row in rows:
        told = deputies if row.state is SupportState.OPEN else set()
        if row.state is SupportState.SOLVED:
            told = {row.author_id}
        for user_id in told:
            yield Concern(user_id, NoticeKind.SUPPORT, happening.model, row.id, None, happening.at)


def _of_support_reply(session: Session, happenings: Sequence[Happening], _day: Day) -> Iterable[Concern]:
    """What the author of a request says, for the administration; what others say, for the author."""
    rows = _rows(session, SupportReply, happenings)
    asked = select(SupportRequest.id, SupportRequest.author_id).where(
        SupportRequest.id.in_({row.request_id for _happening, row in rows})
    )
    authors = {row.id: row.author_id for row in session.execute(asked)}
    deputies = _administration(session)
    for happening, row in rows:
        author_id = authors[row.request_id]
        for user_id in deputies if row.author_id == author_id else {author_id}:
            yield Concern(user_id, NoticeKind.SUPPORT, happening.model, row.id, None, happening.at)


def _administration(session: Session) -> set[int]:
    return set(session.scalars(select(User.id).where(User.is_deputy_director, User.is_active)))


def _of_reminder(session: Session, happenings: Sequence[Happening], _day: Day) -> Iterable[Concern]:
    """Whom it reminds; without a rule it is the weekly list."""
    for happening, row in _rows(session, Reminder, happenings):
        kind = NoticeKind.REMINDER if row.rule else NoticeKind.WEEKLY
        yield Concern(row.user_id, kind, happening.model, row.id, None, happening.at)


FINDERS: dict[str, Finder] = {
    "Mark": _of_student(Mark, lambda row: NoticeKind.LOW_MARK if row.value < LOW else NoticeKind.MARK),
    "Attendance": _of_student(Attendance, lambda row: NoticeKind.ABSENCE if row.status in MISSED else None),
    "FinalMark": _of_student(FinalMark, lambda _row: NoticeKind.FINAL_MARK),
    "StudentHomework": _of_student(StudentHomework, lambda _row: NoticeKind.HOMEWORK, is_wanted=NoticeKind.HOMEWORK),
    "Lesson": _of_lesson,
    "Message": _of_message,
    "NewsItem": _of_news,
    "AbsenceNote": _of_request(AbsenceNote),
    "Correction": _of_request(Correction),
    "SupportRequest": _of_support,
    "SupportReply": _of_support_reply,
    "Reminder": _of_reminder,
}
