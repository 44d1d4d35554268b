"""A small school whose people write and are told of it, at moments of the test's choice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from threading import Event
from zoneinfo import ZoneInfo

from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import cli, policy
from app.delivery.outbox import Timing as Waiting
from app.delivery.transports import Content
from app.delivery.worker import Worker, transports
from app.extensions import db
from app.models import (
    Attendance,
    Delivery,
    Guardianship,
    Mark,
    Notification,
    NotificationChoice,
    PushSubscription,
    User,
)
from app.models.access import DeliveryChannel
from app.models.journal import AttendanceStatus
from app.models.notification import NoticeKind, Timing
from app.notifications import telling, texts
from app.notifications.rules import Rules
from tests.school import School

NOON = datetime(2026, 10, 1, 9, tzinfo=UTC)
"""Noon of a Thursday in Moscow."""
GRACE = timedelta(minutes=2)
EMAIL, SMS, PUSH = DeliveryChannel.EMAIL, DeliveryChannel.SMS, DeliveryChannel.PUSH


def guardian(school: School, name: str = "Семёнова", **contacts: object) -> User:
    """A guardian of the school's one student who has set a password; with an e-mail unless told otherwise."""
    user = somebody(name, **({"email": f"{len(name)}@mail.example"} | contacts))
    db.session.add(Guardianship(user=user, student=school.student))
    db.session.commit()
    return user


def somebody(name: str, **fields: object) -> User:
    """Somebody who has set a password, written."""
    user = User(family_name=name, given_name="Анна", patronymic="Ивановна", **({"login": name.lower()} | fields))
    assert user.account is not None
    user.account.password_hash = "hash"
    db.session.add(user)
    db.session.commit()
    return user


def teacher_of(school: School) -> User:
    """The school's teacher, who leads the class as well."""
    school.teacher.is_staff = True
    school.school_class.class_teacher = school.teacher
    db.session.commit()
    return school.teacher


@contextmanager
def writing(user: User, now: datetime = NOON) -> Iterator[Session]:
    """A session of a person at a moment, committed at the end."""
    user_id = user.id
    db.session.commit()  # SQLite has one writer: give its lock back
    with Session(db.engine) as session:
        with policy.system() as facts:
            actor = policy.load_actor(facts, user_id, day_of(now), now)
        policy.act_as(session, actor)
        yield session
        session.commit()


def day_of(moment: datetime) -> date:
    """The school's day."""
    return moment.astimezone(ZoneInfo(current_app.config["TIMEZONE"])).date()


def marks(school: School, value: int, now: datetime = NOON) -> None:
    """The teacher gives the student a mark for the work, or changes it."""
    work_id, student_id = school.work.id, school.student.id
    with writing(school.teacher, now) as session:
        mark = session.scalars(select(Mark)).one_or_none()
        if mark is None:
            session.add(Mark(work_id=work_id, student_id=student_id, value=value))
        else:
            mark.value = value


def absent(school: School, status: AttendanceStatus, now: datetime = NOON) -> None:
    """The teacher writes the student's attendance, or changes it."""
    lesson_id, student_id = school.lesson.id, school.student.id
    with writing(school.teacher, now) as session:
        row = session.scalars(select(Attendance)).one_or_none()
        if row is None:
            session.add(Attendance(lesson_id=lesson_id, student_id=student_id, status=status))
        else:
            row.status = status


def chooses(user: User, kind: NoticeKind, channel: DeliveryChannel, timing: Timing) -> None:
    """The person has chosen."""
    db.session.add(NotificationChoice(user_id=user.id, kind=kind, channel=channel, timing=timing))
    db.session.commit()


def subscribed(user: User, endpoint: str, p256dh: str = "p", auth: str = "a") -> PushSubscription:
    """A browser of the person takes push notifications."""
    row = PushSubscription(user_id=user.id, endpoint=endpoint, p256dh=p256dh, auth=auth)
    db.session.add(row)
    db.session.commit()
    return row


def tell(now: datetime) -> None:
    """What the worker does before it sends."""
    db.session.commit()
    telling.tell(Rules.of(current_app.config), now)


def outbox() -> list[Delivery]:
    """The deliveries, as they stand."""
    rows = list(db.session.scalars(select(Delivery).order_by(Delivery.id).execution_options(populate_existing=True)))
    db.session.commit()
    return rows


def due_now() -> None:
    """Let the deliveries, which are as old as the test's moments, be of this moment, at which the worker sends."""
    for row in db.session.scalars(select(Delivery)):
        row.created_at = row.due_at = datetime.now(UTC)
    db.session.commit()


def waiting() -> list[tuple[DeliveryChannel, NoticeKind, datetime]]:
    """Channel, kind and moment of the notifications that are not sent yet."""
    rows = select(Notification).where(Notification.delivery_id.is_(None)).order_by(Notification.id)
    found = [(row.channel, row.kind, row.due_at) for row in db.session.scalars(rows)]
    db.session.commit()
    return found


def read(delivery: Delivery, now: datetime) -> Content:
    """What the receiver reads when it is sent at that moment. Raises NothingToSay."""
    with policy.system() as session:
        actor = policy.load_actor(session, delivery.user_id, day_of(now), now)
        policy.act_as(session, actor)
        return texts.content(session, delivery.id, delivery.batch, delivery.channel)


def send(app: Flask, timing: Waiting | None = None) -> None:
    """What ``flask deliver --once`` sends."""
    db.session.commit()
    Worker(transports(app), cli.compose, per_second=0, stop=Event(), timing=timing).run(once=True)
