"""Random schools: nobody opens, lists, writes into or hears of what is not theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import policy
from app.extensions import Base, db
from app.models import (
    Attendance,
    FinalMark,
    Lesson,
    Mark,
    Message,
    Notification,
    NotificationChoice,
    StudentHomework,
    TeachingAssignment,
    Thread,
    ThreadMember,
    User,
    Work,
)
from app.models.access import DeliveryChannel
from app.models.journal import AttendanceStatus, FinalMarkValue
from app.models.notification import NoticeKind, Timing
from app.notifications import telling
from app.notifications.rules import Rules
from tests.random_school import STUDENTS, Truth, build, plans, word
from tests.school_panel import NOW, TODAY, Panel
from tests.visitor import text

few = settings(
    max_examples=6, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
MODELS = [mapper.class_ for mapper in Base.registry.mappers]
WATCHED = {"DiaryVisit"}  # written by looking at one's own


def addresses(app: Flask, method: str, *, of_student: bool) -> list[str]:
    """Addresses of the diary that take a student and nothing that is not a day, or that take nothing at all."""
    found = []
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/diary/") or method not in (rule.methods or ()):
            continue
        others = rule.arguments - {"student", "day"}
        if ("student" in rule.arguments) is of_student and not others:
            found.append(rule.rule.replace("<int:student>", "{student}").replace("<day>", str(TODAY)))
    return sorted(found)


def rows() -> dict[str, int]:
    db.session.commit()
    found = {
        model.__name__: db.session.scalar(select(func.count()).select_from(model)) or 0
        for model in MODELS
        if model.__name__ not in WATCHED
    }
    db.session.commit()
    return found


def everybody(truth: Truth) -> Iterator[tuple[str, User]]:
    for name, number in truth.people.items():
        user = db.session.get_one(User, number)
        db.session.commit()
        yield name, user


@few
@given(plan=plans)
def test_nobody_opens_or_lists_what_is_not_theirs(
    app: Flask, panel: Panel, record_property: Callable[[str, int], None], plan: Any
) -> None:
    truth = build(plan)
    asked = 0
    for who, user in everybody(truth):
        hidden = truth.foreign_words(who)
        for address in addresses(app, "GET", of_student=True):
            for index in range(STUDENTS):
                answer = panel.get(user, address.format(student=truth.students[index]))
                asked += 1
                if truth.reads(who, index):
                    assert answer.status_code in (200, 302), (who, address)
                elif who in truth.readers():
                    assert answer.status_code == 404, (who, address, answer.status_code)
                else:
                    assert answer.status_code in (302, 404), (who, address, answer.status_code)
                assert not hidden & set(words(answer)), (who, address)
        for address in addresses(app, "GET", of_student=False) if who in truth.readers() else ():
            answer = panel.get(user, address)
            asked += 1
            assert answer.status_code < 400 or answer.status_code in (404, 405), (who, address)
            assert not hidden & set(words(answer)), (who, address)
    record_property("addressing: pages asked for", asked)


@few
@given(plan=plans)
def test_nobody_writes_into_what_is_not_theirs(app: Flask, panel: Panel, plan: Any) -> None:
    truth = build(plan)
    before = rows()
    for who, user in everybody(truth):
        for address in addresses(app, "POST", of_student=True):
            for index in range(STUDENTS):
                if not truth.reads(who, index):
                    answer = panel.post(user, address.format(student=truth.students[index]), reason="x", value="x")
                    assert answer.status_code in (302, 403, 404), (who, address, answer.status_code)
    assert rows() == before


@few
@given(plan=plans)
def test_people_write_to_those_they_have_to_do_with(app: Flask, plan: Any) -> None:
    truth = build(plan)
    ids = {number: name for name, number in truth.people.items()}
    for who, number in truth.people.items():
        with policy.system() as session:
            actor = policy.load_actor(session, number, TODAY, NOW)
            assert actor is not None
            found = {ids[one] for one in session.execute(policy.correspondents(actor)).scalars() if one in ids}
        assert found == {other for other in truth.people if truth.has_to_do(who, other)}, who


def conversations(truth: Truth) -> dict[int, tuple[set[str], set[str]]]:
    """Conversations of people who may write to each other: who is in each, and the words in it."""
    pairs = [(a, b) for a in truth.people for b in truth.people if a[0] == "g" and truth.has_to_do(a, b)][:5]
    found = {}
    for pair in pairs:
        first, second = (truth.people[name] for name in pair)
        thread = Thread(subject=word(), started_by_id=first)
        db.session.add_all([thread, Message(thread=thread, author_id=first, body=word())])
        db.session.flush()
        db.session.add_all(ThreadMember(thread_id=thread.id, user_id=number) for number in (first, second))
        found[thread.id] = set(pair), {thread.subject, thread.messages[0].body}
    db.session.commit()
    return found


@few
@given(plan=plans)
def test_nobody_reads_finds_or_goes_on_with_the_conversations_of_others(app: Flask, panel: Panel, plan: Any) -> None:
    truth = build(plan)
    threads = conversations(truth)
    before = rows()
    for who, user in everybody(truth):
        inbox = "/diary/messages/" if who[0] in "gs" else "/admin/messages/"
        for number, (members, secrets) in threads.items():
            answer = panel.get(user, f"{inbox}{number}/")
            found = panel.get(user, f"{inbox}?q={max(secrets)}")
            if who in members:
                assert answer.status_code == 200, who
                assert secrets & set(words(found)), who
                continue
            assert answer.status_code in (302, 403, 404), (who, answer.status_code)
            assert not secrets & {*words(answer), *words(found)}, who
            sent = panel.post(user, f"{inbox}{number}/", body="x", key="k")
            assert sent.status_code in (302, 403, 404, 405), (who, sent.status_code)
            reported = panel.post(user, f"{inbox}{number}/report", reason="x", key="k")
            assert reported.status_code in (302, 403, 404, 405), (who, reported.status_code)
    assert rows() == before


@few
@given(plan=plans)
def test_nobody_is_told_of_what_is_not_theirs(app: Flask, plan: Any) -> None:
    truth = build(plan)
    for kind in NoticeKind:
        for number in truth.people.values():
            choice = {"kind": kind, "channel": DeliveryChannel.EMAIL, "timing": Timing.AT_ONCE}
            db.session.add(NotificationChoice(user_id=number, **choice))
    db.session.commit()
    for teacher in (name for name in truth.people if name[0] == "t"):
        everything_changes(truth, truth.people[teacher])
    telling.tell(Rules.of(app.config), NOW + timedelta(hours=1))
    names = {number: name for name, number in truth.people.items()}
    told = db.session.scalars(select(Notification).where(Notification.user_id.in_(names))).all()
    for notice in told:
        assert notice.student_id is not None
        assert truth.reads(names[notice.user_id], truth.students.index(notice.student_id)), names[notice.user_id]
    heard = {(notice.model, notice.student_id) for notice in told}
    for index, changed in truth.rows.items():
        if any(truth.reads(who, index) for who in truth.people) and changes(truth, index):
            assert heard >= {(type(row).__name__, truth.students[index]) for row in changed}, index
    db.session.commit()


def changes(truth: Truth, index: int) -> bool:
    """Whether somebody teaches the student's class today, and so could write."""
    return any(one == truth.plan.classes[index] for _teacher, one in truth.plan.teaches)


def everything_changes(truth: Truth, teacher_id: int) -> None:
    """The teacher writes something else into every row of a student that is theirs to write."""
    db.session.commit()
    with Session(db.engine) as session:
        with policy.system() as facts:
            actor = policy.load_actor(facts, teacher_id, TODAY, NOW)
        assert actor is not None
        policy.act_as(session, actor)
        own = select(TeachingAssignment.id).where(
            TeachingAssignment.teacher_id == teacher_id, TeachingAssignment.ends_on.is_(None)
        )
        lesson = select(Lesson.id).where(Lesson.teaching_assignment_id.in_(own))
        for lesson_row in session.scalars(select(Lesson).where(Lesson.id.in_(lesson))):
            lesson_row.homework = word()
        for mark in session.scalars(select(Mark).join(Mark.work).where(Work.lesson_id.in_(lesson))):
            mark.value = 3
        for absence in session.scalars(select(Attendance).where(Attendance.lesson_id.in_(lesson))):
            absence.status = AttendanceStatus.ABSENT
        for homework in session.scalars(select(StudentHomework).where(StudentHomework.lesson_id.in_(lesson))):
            homework.text = word()
        for final in session.scalars(select(FinalMark).where(FinalMark.teaching_assignment_id.in_(own))):
            final.value = FinalMarkValue.FOUR
        session.commit()


def words(answer: Any) -> list[str]:
    """The words of a page, a calendar or an export."""
    said = text(answer) if answer.mimetype == "text/html" else answer.get_data(as_text=True)
    return [part.strip(".,:;()«»\"'") for part in said.replace("\\n", " ").split()]
