"""Messages, news and requests: their audience hears of them, staff not in their quiet hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.delivery.transports import NothingToSay
from app.extensions import db
from app.models import (
    AbsenceNote,
    Enrollment,
    Message,
    NewsItem,
    QuietHours,
    SchoolClass,
    Thread,
    ThreadMember,
    User,
)
from app.models.communication import Audience
from app.models.diary import RequestState
from app.models.journal import AttendanceStatus
from app.models.notification import NoticeKind, Timing
from tests.notices import (
    EMAIL,
    GRACE,
    NOON,
    chooses,
    guardian,
    outbox,
    read,
    somebody,
    teacher_of,
    tell,
    waiting,
    writing,
)
from tests.school import School
from tests.school_panel import second_class

EVENING = datetime(2026, 10, 1, 16, tzinfo=UTC)
NIGHT = datetime(2026, 10, 1, 19, tzinfo=UTC)  # ten in the evening in Moscow
MORNING = datetime(2026, 10, 2, 4, tzinfo=UTC)
ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For words and moments, where the database makes no difference."""


@pytest.fixture
def anna(school: School) -> User:
    return guardian(school)


@pytest.fixture
def teacher(school: School) -> User:
    """The class teacher, with an e-mail and a password."""
    user = teacher_of(school)
    assert user.account is not None
    user.account.email, user.account.password_hash = "orlova@mail.example", "hash"
    db.session.commit()
    return user


@pytest.fixture
def deputy(school: School) -> User:
    return somebody("Завучева", email="deputy@mail.example", is_staff=True, is_deputy_director=True)


def writes(author: User, *members: User, now: datetime = NOON, administration: bool = False) -> int:
    """Somebody begins a conversation; its number."""
    thread = Thread(subject="Пропуск", started_by_id=author.id, is_to_administration=administration)
    db.session.add(thread)
    db.session.flush()
    db.session.add_all(ThreadMember(thread_id=thread.id, user_id=each.id) for each in (author, *members))
    db.session.commit()
    answers(author, thread.id, now)
    return thread.id


def answers(author: User, thread_id: int, now: datetime) -> None:
    author_id = author.id
    with writing(author, now) as session:
        session.add(Message(thread_id=thread_id, author_id=author_id, body="Заболел.", created_at=now))


def publishes(deputy: User, published_at: datetime | None, now: datetime = NOON, **fields: object) -> int:
    with writing(deputy, now) as session:
        item = NewsItem(title="Сбор", body="Завтра.", published_at=published_at, **fields)
        session.add(item)
        session.flush()
        return item.id


@ONE
def test_the_other_member_hears_of_a_message_and_not_what_it_says(anna: User, teacher: User) -> None:
    thread_id = writes(teacher, anna)
    tell(NOON + GRACE)
    (mail,) = outbox()
    assert mail.user_id == anna.id
    text = read(mail, NOON).text
    assert "Message from Орлова В.: Пропуск" in text
    assert f"/diary/messages/{thread_id}/" in text
    assert "Заболел" not in text


@ONE
def test_messages_in_a_row_make_one_notification_message(anna: User, teacher: User) -> None:
    thread_id = writes(teacher, anna)
    answers(teacher, thread_id, NOON + timedelta(seconds=60))
    tell(NOON + GRACE)
    tell(NOON + timedelta(seconds=60) + GRACE)
    (mail,) = outbox()
    assert read(mail, NOON).subject == "2 messages"


def test_a_message_that_has_been_read_is_not_told(anna: User, teacher: User) -> None:
    writes(teacher, anna)
    member = db.session.scalars(select(ThreadMember).where(ThreadMember.user_id == anna.id)).one()
    tell(NOON + GRACE)
    (mail,) = outbox()
    member.read_at = NOON
    db.session.commit()
    with pytest.raises(NothingToSay):
        read(mail, NOON)


def test_staff_hear_of_a_message_of_the_night_in_the_morning(anna: User, teacher: User) -> None:
    thread_id = writes(anna, teacher, now=NIGHT)
    tell(NIGHT + GRACE)
    assert waiting() == [(EMAIL, NoticeKind.MESSAGE, MORNING)]
    answers(anna, thread_id, NIGHT + timedelta(hours=1))
    tell(NIGHT + timedelta(hours=2))
    tell(MORNING)
    (mail,) = outbox()
    assert mail.user_id == teacher.id
    content = read(mail, MORNING)
    assert content.subject == "2 messages"
    assert f"http://127.0.0.1:8000/admin/messages/{thread_id}/" in content.text


@ONE
def test_parents_have_no_quiet_hours_and_staff_choose_theirs(anna: User, teacher: User) -> None:
    db.session.add(QuietHours(user_id=teacher.id, starts_at=time(0), ends_at=time(0), weekends=False))
    db.session.commit()
    thread_id = writes(anna, teacher, now=NIGHT)
    answers(teacher, thread_id, NIGHT + timedelta(seconds=1))
    tell(NIGHT + timedelta(seconds=1) + GRACE)
    assert {mail.user_id for mail in outbox()} == {anna.id, teacher.id}


@ONE
def test_at_a_weekend_staff_hear_of_nothing_until_monday(anna: User, teacher: User) -> None:
    chooses(teacher, NoticeKind.MESSAGE, EMAIL, Timing.EVENING)
    saturday = datetime(2026, 10, 3, 9, tzinfo=UTC)
    writes(anna, teacher, now=saturday)
    tell(saturday + GRACE)
    assert waiting() == [(EMAIL, NoticeKind.MESSAGE, datetime(2026, 10, 5, 4, tzinfo=UTC))]


def test_what_goes_to_the_administration_every_deputy_hears_of(anna: User, teacher: User, deputy: User) -> None:
    writes(anna, administration=True)
    tell(NOON + GRACE)
    (mail,) = outbox()
    assert mail.user_id == deputy.id
    assert "Пропуск" in read(mail, NOON).text


def test_news_reach_their_audience_in_the_evening(school: School, anna: User, teacher: User, deputy: User) -> None:
    stranger = somebody("Чужая", email="stranger@mail.example")  # no guardian of anybody
    publishes(deputy, NOON, audience=Audience.ALL)
    tell(NOON + GRACE)
    tell(EVENING)
    assert {mail.user_id for mail in outbox()} == {anna.id, teacher.id}
    assert "News: Сбор" in read(outbox()[0], EVENING).text
    publishes(deputy, NOON + timedelta(seconds=1), audience=Audience.STAFF)
    tell(EVENING + timedelta(hours=24))
    assert [mail.user_id for mail in outbox()][2:] == [teacher.id]
    assert stranger.id not in {mail.user_id for mail in outbox()}


def for_class(school_class: SchoolClass, deputy: User, published_at: datetime) -> None:
    """News for one class."""
    class_id = school_class.id
    with writing(deputy) as session:
        item = NewsItem(title="Сбор", body="Завтра.", published_at=published_at, audience=Audience.CLASSES)
        item.classes.append(session.get_one(SchoolClass, class_id))
        session.add(item)


def test_news_for_a_class_reach_its_families_of_today(school: School, anna: User, deputy: User) -> None:
    for_class(second_class(school), deputy, NOON)
    tell(NOON + timedelta(minutes=10))
    assert waiting() == []
    for_class(school.school_class, deputy, NOON)
    tell(NOON + timedelta(minutes=10))
    assert waiting() == [(EMAIL, NoticeKind.NEWS, EVENING)]
    tell(EVENING)
    assert [mail.user_id for mail in outbox()] == [anna.id]
    db.session.scalars(select(Enrollment)).one().ends_on = date(2026, 10, 1)
    db.session.commit()
    for_class(school.school_class, deputy, NOON + timedelta(days=2))
    tell(NOON + timedelta(days=2, minutes=10))
    assert waiting() == []


def test_scheduled_news_are_told_when_they_are_published(anna: User, deputy: User) -> None:
    chooses(anna, NoticeKind.NEWS, EMAIL, Timing.AT_ONCE)
    tomorrow, later = NOON + timedelta(days=1), NOON + timedelta(days=2)
    number = publishes(deputy, tomorrow, audience=Audience.GUARDIANS)
    tell(NOON + timedelta(hours=1))
    with writing(deputy, NOON + timedelta(hours=1)) as session:  # put off
        session.get_one(NewsItem, number).published_at = later
    tell(tomorrow + GRACE)
    assert outbox() == []
    tell(later + GRACE)
    (mail,) = outbox()
    assert "Сбор" in read(mail, later + GRACE).text
    with writing(deputy, later) as session:  # back to a draft and out again: told once
        session.get_one(NewsItem, number).published_at = later + timedelta(hours=1)
    tell(later + timedelta(hours=2))
    assert len(outbox()) == 1


@ONE
def test_a_draft_and_old_news_are_told_to_nobody(anna: User, deputy: User) -> None:
    publishes(deputy, None)
    publishes(deputy, NOON - timedelta(days=30))
    tell(NOON + timedelta(days=1))
    assert outbox() == []
    assert waiting() == []


def test_a_note_of_absence_goes_to_the_class_teacher_and_its_answer_to_the_parent(
    school: School, anna: User, teacher: User
) -> None:
    guardian(school, "Другая")
    student_id, anna_id, teacher_id = school.student.id, anna.id, teacher.id
    with writing(anna) as session:
        note = AbsenceNote(
            student_id=student_id, author_id=anna_id, starts_on=date(2026, 10, 5), ends_on=date(2026, 10, 6),
            status=AttendanceStatus.ILL, reason="Грипп", created_at=NOON,
        )  # fmt: skip
        session.add(note)
        session.flush()
        number = note.id
    tell(NOON + GRACE)
    (mail,) = outbox()
    assert mail.user_id == teacher.id
    assert "Absence of Семёнов Пётр, 5 October – 6 October: please answer" in read(mail, NOON).text
    later = NOON + timedelta(hours=1)
    with writing(teacher, later) as session:
        row = session.get_one(AbsenceNote, number)
        row.state, row.answer, row.answered_by_id, row.answered_at = RequestState.DECLINED, "Нет", teacher_id, later
    with pytest.raises(NothingToSay):  # answered already
        read(mail, later)
    tell(later + GRACE)
    answer = outbox()[-1]
    assert answer.user_id == anna.id
    assert "5 October – 6 October: declined. Нет" in read(answer, later).text


@ONE
def test_a_note_that_was_taken_back_is_not_told(app: Flask, school: School, anna: User, teacher: User) -> None:
    student_id, anna_id = school.student.id, anna.id
    with writing(anna) as session:
        session.add(
            AbsenceNote(
                student_id=student_id, author_id=anna_id, starts_on=date(2026, 10, 5), ends_on=date(2026, 10, 5),
                status=AttendanceStatus.ILL, reason="Грипп",
            )
        )  # fmt: skip
    with writing(anna, NOON + timedelta(seconds=1)) as session:
        session.scalars(select(AbsenceNote)).one().state = RequestState.WITHDRAWN
    tell(NOON + GRACE + GRACE)
    assert outbox() == []
