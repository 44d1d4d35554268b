"""A class with two families, the people who teach there and those who do not, and messages as they send them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

from bs4 import BeautifulSoup
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import (
    Enrollment,
    Guardianship,
    Message,
    SchoolClass,
    Student,
    Subject,
    TeachingAssignment,
    Thread,
    ThreadMember,
    User,
)
from tests.school import DAY, School
from tests.school_panel import Panel, deputy, led, second_class, written

DIARY, STAFF = "/diary/messages/", "/admin/messages/"
keys = (f"key-{number:08}" for number in count(1))


@dataclass
class People:
    """``leader`` leads and teaches 5А with ``pyotr`` and ``inna``; ``stranger`` teaches 5Б with nobody we know.

    ``anna`` and ``boris`` are guardians of pyotr, ``clara`` of inna; ``dora`` has a child in 5Б.
    """

    school: School
    leader: User
    stranger: User
    colleague: User
    zavuch: User
    anna: User
    boris: User
    clara: User
    dora: User
    pyotr: Student
    inna: Student
    other_class: SchoolClass


def people(school: School) -> People:
    """Written."""
    other = second_class(school)
    strange = user("Чужая", is_staff=True)
    other.class_teacher = strange
    inna, far = child("Иннина", school.school_class), child("Дальняя", other)
    return People(
        school, led(school), strange, user("Коллегина", is_staff=True), deputy(),
        guardian("Аннина", school.student), guardian("Борисов", school.student), guardian("Кларина", inna),
        guardian("Дорина", far), school.student, inna, other,
    )  # fmt: skip


def user(name: str, **fields: Any) -> User:
    return written(User(family_name=name, given_name="Вера", email=f"{len(name)}-{next(keys)}@mail.example", **fields))


def child(name: str, school_class: SchoolClass) -> Student:
    student = Student(family_name=name, given_name="Яна")
    db.session.add(Enrollment(student=student, school_class=school_class, starts_on=DAY))
    return written(student)


def guardian(name: str, *children: Student) -> User:
    parent = user(name)
    db.session.add_all(Guardianship(user=parent, student=each) for each in children)
    db.session.commit()
    return parent


def teaches(teacher: User, school: School, subject: str) -> TeachingAssignment:
    """Another assignment in the class."""
    group = school.assignment.study_group_id
    return written(
        TeachingAssignment(teacher=teacher, subject=Subject(name=subject), study_group_id=group, starts_on=DAY)
    )


def send(panel: Panel, who: User, path: str, **fields: Any) -> TestResponse:
    """A message form with a key of its own."""
    typed = {"key": next(keys), "subject": "Вопрос", "body": "Здравствуйте"}
    return panel.post(who, path, data=typed | fields)


def begun(panel: Panel, who: User, base: str, **fields: Any) -> int:
    """A conversation that is begun; its number."""
    answer = send(panel, who, f"{base}new", **fields)
    assert answer.status_code == 302, BeautifulSoup(answer.text, "html.parser").get_text(" ")
    return int(answer.headers["Location"].split("?")[0].rstrip("/").rsplit("/", 1)[1])


def parent_asks(panel: Panel, who: People, **fields: Any) -> int:
    """anna asks the class teacher about pyotr."""
    return begun(panel, who.anna, DIARY, **({"to": who.leader.id, "student": who.pyotr.id} | fields))


def members(thread_id: int) -> set[int]:
    return set(db.session.scalars(select(ThreadMember.user_id).where(ThreadMember.thread_id == thread_id)))


def said(thread_id: int) -> list[str]:
    return list(db.session.scalars(select(Message.body).where(Message.thread_id == thread_id).order_by(Message.id)))


def threads() -> int:
    return len(list(db.session.scalars(select(Thread.id))))
