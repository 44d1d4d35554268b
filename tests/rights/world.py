"""Two of everything, so that each right has a row of its own and a row of somebody else's.

5А is led by ``ct`` and taught by ``t``; ``sub`` substitutes in one of its lessons; ``ended`` taught it
once. 5Б is led by ``ct2`` and taught by ``t2``. a1, a2, b1 are students with guardians ga1, ga2, gb1;
a3 left 5А, and their marks stand in its journal; a1 has access of their own, as sa1.
Every text is a word that stands nowhere else, so that a page that shows it gives it away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import (
    AbsenceNote,
    AcademicYear,
    Attendance,
    AuditRecord,
    AuditSeal,
    BackupRun,
    BellTime,
    CalendarFeed,
    Consent,
    Correction,
    Credential,
    DataAccess,
    Delivery,
    DiaryVisit,
    EditReceipt,
    Enrollment,
    Erasure,
    ExcusedPeriod,
    FinalMark,
    Guardianship,
    Handover,
    Happening,
    Holiday,
    HomeworkDone,
    HomeworkFile,
    Lesson,
    Mark,
    Message,
    MessageFile,
    NewsItem,
    NewsReading,
    Notification,
    NotificationChoice,
    PlannedTopic,
    PushSubscription,
    QuietHours,
    RecoveryCode,
    Reminder,
    RollCall,
    RuleCount,
    RuleRecord,
    RuleSetting,
    RuleTouch,
    SchoolClass,
    SchoolText,
    SecondFactor,
    SignIn,
    StaffNote,
    Student,
    StudentHomework,
    StudentImport,
    StudyGroup,
    StudyGroupMember,
    Subject,
    SupportFile,
    SupportReply,
    SupportRequest,
    TeachingAssignment,
    Term,
    Thread,
    ThreadMember,
    ThreadReport,
    TimetableSlot,
    Undoing,
    User,
    UserSession,
    Work,
    WorkerPulse,
    YearChange,
)
from app.models.access import DeliveryChannel, DeliveryState
from app.models.communication import Audience, ThreadKind
from app.models.diary import CorrectedField, RequestState, TextKind
from app.models.journal import AttendanceStatus, FinalMarkKind, FinalMarkValue
from app.models.notification import NoticeKind, Timing
from app.models.people import TermKind

NOW = datetime(2026, 10, 7, 9, tzinfo=UTC)
TODAY = date(2026, 10, 7)
SEPTEMBER = date(2026, 9, 1)
JUNE, AUGUST = date(2026, 6, 1), date(2026, 8, 31)  # when a2 was in 5Б
LEFT = date(2026, 9, 20)  # the last day of who left

ACTORS = ("dep", "ct", "t", "sub", "ended", "ga1", "sa1", "nobody")


@dataclass
class Talk:
    """Who is in a thread, and which deputy director has opened it for a report."""

    members: set[str]
    author: str  # of an announcement, whose members see only themselves; else empty
    to_administration: bool
    opened_by: str


@dataclass
class World:
    """Rows by the names the rights are told with; ``rows`` holds all of them."""

    users: dict[str, User] = field(default_factory=dict)
    students: dict[str, Student] = field(default_factory=dict)
    named: dict[str, Any] = field(default_factory=dict)
    lessons: dict[int, Lesson] = field(default_factory=dict)
    threads: dict[int, Talk] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))  # of lessons: nobody is in two at once


def build(session: Session) -> World:
    """Write the world; ``session`` is one of the system."""
    world = World()
    words = (f"слово{number}я" for number in count(1))
    _people(session, world)
    _classes(session, world)
    for letter in "ab":
        _journal(session, world, letter, words)
    _news(session, world, words)
    _talk(session, world, words)
    _access(session, world, words)
    _families(session, world, words)
    _told(session, world)
    _control(session, world, words)
    session.commit()
    world.lessons = {lesson.id: lesson for lesson in session.scalars(select(Lesson))}
    return world


def _people(session: Session, world: World) -> None:
    staff = ("dep", "dep2", "ct", "ct2", "t", "t2", "sub", "ended")
    for number, name in enumerate((*staff, "ga1", "ga2", "gb1", "sa1", "nobody")):
        user = User(
            family_name=f"Фамилия{name}я",
            given_name="Анна",
            login=f"login-{name}-x",
            email=f"mail-{name}-x@example.org",
            phone=f"+7900111{number:04}",
            is_staff=name in staff,
            is_deputy_director=name in ("dep", "dep2"),
        )
        assert user.account is not None
        user.account.password_hash = f"hash-of-{name}"
        world.users[name] = user
    for number, name in enumerate(("a1", "a2", "b1", "a3")):
        world.students[name] = Student(
            family_name=f"Ученик{name}я",
            given_name="Пётр",
            birth_date=date(2015, 3, 2 + number),
            phone=f"+7900222{number:04}",
            email=f"child-{name}-x@example.org",
            address=f"улица-{name}я",
        )
        if guardian := world.users.get(f"g{name}"):
            session.add(Guardianship(user=guardian, student=world.students[name]))
        world.students[name].user = world.users.get(f"s{name}")
    session.add_all([*world.users.values(), *world.students.values()])


def _classes(session: Session, world: World) -> None:
    year = AcademicYear(name="2026/2027", starts_on=SEPTEMBER, ends_on=date(2027, 8, 31))
    term = Term(academic_year=year, kind=TermKind.QUARTER, number=1, starts_on=SEPTEMBER, ends_on=date(2026, 10, 25))
    world.named |= {"year": year, "term": term, "subject": Subject(name="Алгебра")}
    holiday = Holiday(academic_year=year, name="Осенние", starts_on=date(2026, 10, 26), ends_on=date(2026, 11, 1))
    session.add_all([*world.named.values(), holiday])
    session.add(BellTime(number=1, starts_at=time(8, 30), ends_at=time(9, 15)))
    for letter, leader, students in (("a", "ct", ("a1", "a2")), ("b", "ct2", ("b1",))):
        school_class = SchoolClass(
            academic_year=year, grade=5, letter="А" if letter == "a" else "Б", class_teacher=world.users[leader]
        )
        session.add(school_class)
        session.flush()
        part = StudyGroup(school_class_id=school_class.id, name=f"часть-{letter}я")
        session.add(part)
        world.named[f"class_{letter}"], world.named[f"part_{letter}"] = school_class, part
        world.named[f"group_{letter}"] = session.scalars(
            select(StudyGroup).where(StudyGroup.school_class_id == school_class.id, StudyGroup.is_whole_class)
        ).one()
        for name in students:
            session.add(Enrollment(student=world.students[name], school_class=school_class, starts_on=SEPTEMBER))
        session.flush()
        session.add(StudyGroupMember(study_group=part, student=world.students[students[0]], starts_on=SEPTEMBER))
    moved = world.students["a2"]
    session.add(Enrollment(student=moved, school_class=world.named["class_b"], starts_on=JUNE, ends_on=AUGUST))
    gone, here = world.students["a3"], {"starts_on": SEPTEMBER, "ends_on": LEFT}
    session.add(Enrollment(student=gone, school_class=world.named["class_a"], **here))
    session.flush()
    session.add(StudyGroupMember(study_group=world.named["part_a"], student=gone, **here))


def _journal(session: Session, world: World, letter: str, words: Any) -> None:
    teacher = world.users["t" if letter == "a" else "t2"]
    whole, part = world.named[f"group_{letter}"], world.named[f"part_{letter}"]
    kept = [(whole, teacher, None), (part, teacher, None)]
    if letter == "a":
        kept.append((whole, world.users["ended"], TODAY - timedelta(days=1)))
    for group, who, until in kept:
        assignment = TeachingAssignment(
            teacher=who, subject=world.named["subject"], study_group=group, starts_on=SEPTEMBER, ends_on=until
        )
        number = next(world.numbers)
        session.add(TimetableSlot(assignment=assignment, weekday=3, number=number, room="", valid_from=SEPTEMBER))
        session.add(PlannedTopic(assignment=assignment, position=1, topic=next(words)))
        substitutes = [world.users["sub"], None] if who is world.users["t"] and group is whole else [None]
        for substitute in substitutes:
            _lesson(session, world, assignment, TODAY - timedelta(days=2), substitute, words)
        if letter == "a" and group is whole:
            _lesson(session, world, assignment, LEFT, None, words)
        for name in {"a": ("a1", "a3"), "b": ("b1", "a2")}[letter] if who is teacher and group is whole else ():
            session.add(
                FinalMark(
                    student=world.students[name],
                    subject=world.named["subject"],
                    academic_year=world.named["year"],
                    assignment=assignment,
                    kind=FinalMarkKind.YEAR,
                    value=FinalMarkValue.FIVE,
                )
            )


def _lesson(session: Session, world: World, assignment: Any, day: date, substitute: Any, words: Any) -> None:
    lesson = Lesson(
        assignment=assignment, date=day, number=next(world.numbers), topic=next(words), homework=next(words),
        substitute=substitute,
    )  # fmt: skip
    work = Work(lesson=lesson, title=next(words))
    session.add_all([work, RollCall(lesson=lesson)])
    session.add(HomeworkFile(lesson=lesson, name=next(words), stored=next(words), size=1))
    session.flush()
    whole = assignment.study_group.is_whole_class
    letter = "a" if assignment.study_group.school_class is world.named["class_a"] else "b"
    names = [f"{letter}1", *(name for name in ("a2", "a3") if whole and letter == "a")]
    for name in names if day <= LEFT else [name for name in names if name != "a3"]:
        student = world.students[name]
        mark = Mark(work=work, student=student, value=4, comment=next(words), note=StaffNote(text=next(words)))
        session.add_all([mark, StudentHomework(lesson=lesson, student=student, text=next(words))])
        session.add(Attendance(lesson=lesson, student=student, status=AttendanceStatus.ILL, reason=next(words)))


def _news(session: Session, world: World, words: Any) -> None:
    yesterday = NOW - timedelta(days=1)
    for audience in Audience:
        for letter in "ab" if audience is Audience.CLASSES else "a":
            item = NewsItem(title=next(words), body=next(words), audience=audience, published_at=yesterday)
            if audience is Audience.CLASSES:
                item.classes.append(world.named[f"class_{letter}"])
            session.add(item)
            world.named[f"news_{audience.value}_{letter}"] = item
    session.add(NewsItem(title=next(words), body=next(words)))
    session.add(NewsItem(title=next(words), body=next(words), published_at=NOW + timedelta(days=1)))


TALKS = (  # members, the first of whom starts it; an announcement; to the administration; for a report opened by
    (("ga1", "t"), False, False, "dep2"),
    (("gb1", "t2"), False, False, "dep2"),
    (("ga2", "t2"), False, False, "dep"),
    (("gb1", "ended"), False, False, ""),
    (("gb1",), False, True, ""),
    (("ct", "ga1", "ga2"), True, False, ""),
)


def _talk(session: Session, world: World, words: Any) -> None:
    for members, announced, to_administration, opened_by in TALKS:
        started_by = world.users[members[0]]
        thread = Thread(
            subject=next(words), started_by=started_by, is_to_administration=to_administration,
            kind=ThreadKind.ANNOUNCEMENT if announced else ThreadKind.CONVERSATION,
        )  # fmt: skip
        message = Message(thread=thread, author=started_by, body=next(words))
        session.add_all([message, MessageFile(message=message, name=next(words), stored=next(words), size=1)])
        session.flush()
        session.add_all(ThreadMember(thread_id=thread.id, user_id=world.users[name].id) for name in members)
        if opened_by:
            session.add(
                ThreadReport(
                    thread=thread, reported_by=started_by, reason=next(words), outcome=next(words),
                    opened_by=world.users[opened_by], opened_at=NOW,
                )
            )  # fmt: skip
        author = members[0] if announced else ""
        world.threads[thread.id] = Talk(set(members), author, to_administration, opened_by)
    for name in ("ct", "ct2"):
        asked = SupportRequest(author=world.users[name], body=next(words))
        session.add(SupportFile(request=asked, name=next(words), stored=next(words), size=1))
        session.add_all(
            SupportReply(request=asked, author=world.users[who], body=next(words)) for who in (name, "dep", "dep2")
        )


def _access(session: Session, world: World, words: Any) -> None:
    for name in ("ga1", "gb1", "t"):
        user = world.users[name]
        session.flush()
        session.add(Credential(user=user, version=1, code_hash=f"code-of-{name}", expires_at=NOW + timedelta(days=7)))
        session.add(
            Delivery(user=user, channel=DeliveryChannel.SMS, address=user.phone or "", state=DeliveryState.SENT)
        )
        session.add(EditReceipt(user_id=user.id, key=f"key-of-{name}", result={}))
        session.add(UserSession(user=user, token_hash=f"token-of-{name}", address=f"2001:db8::{user.id:04}"))
        session.add(SignIn(user=user, account_hash=f"account-of-{name}", address="192.0.2.1", succeeded=True))
        session.add(AuditRecord(actor=user, action="change", model="Account", object_id=user.id, changes={}))
        session.add(DataAccess(user=user, day=TODAY, model="Student", what="card", address=f"198.51.100.{user.id}"))
    session.add(AuditSeal(record_id=1, digest="d" * 64, hash="e" * 64))
    session.add(Erasure(model="User", object_id=0, reason=next(words), erased_by=world.users["dep2"]))
    session.add(BackupRun(slot="2026-11-28T02", file="journal.zip"))
    session.add(Undoing(record_id=1, object_id=1, user=world.users["dep2"]))
    session.add(WorkerPulse(name="host:1", started_at=NOW, seen_at=NOW))
    student = world.users["sa1"]
    session.add(Credential(user=student, version=1, code_hash="code-of-sa1", expires_at=NOW + timedelta(days=7)))
    session.add(StudentImport(author=world.users["dep"], file_name="список.xlsx", content=b""))


def _families(session: Session, world: World, words: Any) -> None:
    """What the guardians of a1 and b1, and a1, have added to the diary."""
    about = SchoolText(kind=TextKind.ABOUT, version=1, body="О дневнике", author=world.users["dep"])
    consent = SchoolText(kind=TextKind.CONSENT, version=1, body="Согласие", author=world.users["dep"])
    session.add_all([about, consent])
    for guardian, name in (("ga1", "a1"), ("gb1", "b1"), ("sa1", "a1")):
        user, student = world.users[guardian], world.students[name]
        lesson = session.scalars(
            select(Lesson).join(StudentHomework).where(StudentHomework.student_id == student.id).order_by(Lesson.id)
        ).first()
        if guardian != "sa1":
            session.add(HomeworkDone(lesson=lesson, student=student, done_by_id=user.id))
            for state in RequestState:
                note = AbsenceNote(
                    student=student, author=user, starts_on=TODAY, ends_on=TODAY, state=state,
                    status=AttendanceStatus.ILL, reason=next(words), answer=next(words),
                )  # fmt: skip
                session.add(note)
        session.add(
            Correction(student=student, author=user, field=CorrectedField.ADDRESS, was=next(words), value=next(words))
        )
        session.add(Consent(user=user, text=consent))
        session.add(CalendarFeed(user=user, student=student, token_hash=f"token-of-calendar-{guardian}"))
        session.add(DiaryVisit(user=user, student=student, week=TODAY - timedelta(days=TODAY.weekday())))


def _told(session: Session, world: World) -> None:
    """What people want to be told of, and what waits to be told."""
    session.add(Happening(kind=NoticeKind.NEWS, model="NewsItem", object_id=1))
    for name in ("ga1", "gb1", "t"):
        user = world.users[name]
        kind, channel = NoticeKind.NEWS, DeliveryChannel.EMAIL
        session.add(NotificationChoice(user=user, kind=kind, channel=channel, timing=Timing.NEVER))
        session.add(Notification(user=user, kind=kind, channel=channel, model="NewsItem", object_id=1, due_at=NOW))
        session.add(PushSubscription(user=user, endpoint=f"endpoint-of-{name}", p256dh="key-of-", auth="auth-of-"))
    for name in ("t", "t2"):
        session.add(QuietHours(user=world.users[name], starts_at=time(20), ends_at=time(7)))


def _control(session: Session, world: World, words: Any) -> None:
    """What is watched, what does not count, who was reminded; the second factor; news read; a journal handed over."""
    session.add(RuleSetting(rule="topics", days=1))
    teachers, classes = [world.users["t"], world.users["t2"]], [world.named["class_a"], world.named["class_b"]]
    days = {"starts_on": SEPTEMBER, "ends_on": LEFT}
    session.add(ExcusedPeriod(reason=next(words), **days))
    session.add_all(ExcusedPeriod(teacher=teacher, reason=next(words), **days) for teacher in teachers)
    session.add_all(ExcusedPeriod(school_class=each, reason=next(words), **days) for each in classes)
    session.add(RuleRecord(rule="staff", week=SEPTEMBER, due=3, kept=2))
    session.add(RuleCount(rule="topics", part="2026-09-01", basis="", day=SEPTEMBER, states=1))
    session.add(RuleTouch(kind="lesson", part="2026-09-01"))
    session.add_all(RuleRecord(rule="data", week=SEPTEMBER, school_class=each, due=2, kept=1) for each in classes)
    for name in ("t", "t2", "ga1", "gb1"):
        user = world.users[name]
        session.add(Reminder(user=user, rule="topics", sent_by=world.users["dep" if name == "t" else "dep2"]))
        session.add(SecondFactor(user=user))
        session.add(RecoveryCode(user=user, code_hash=f"code-of-recovery-{name}"))
        session.add(NewsReading(news_item_id=world.named["news_all_a"].id, user_id=user.id))
    for letter, teacher in zip("ab", teachers, strict=True):
        held = session.scalars(select(TeachingAssignment).where(TeachingAssignment.teacher_id == teacher.id)).first()
        session.add(Handover(assignment=held, from_teacher=world.users[f"ct{'2' if letter == 'b' else ''}"],
                             to_teacher=teacher, since=SEPTEMBER))  # fmt: skip
    year = AcademicYear(name="2027/2028", starts_on=date(2027, 9, 1), ends_on=date(2028, 8, 31))
    session.add(YearChange(from_year=world.named["year"], to_year=year, made_by=world.users["dep2"], made={}, ended={}))
