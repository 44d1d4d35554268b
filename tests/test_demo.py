"""The demo school: the same every time, sound, plausible, and shown to nobody who has a school already."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Connection, func, select

from app import create_app, demo, policy
from app.collation import search_key, sort_key
from app.demo import school
from app.extensions import Base, db
from app.models import (
    Account,
    Attendance,
    Delivery,
    Enrollment,
    Guardianship,
    Lesson,
    Mark,
    NewsItem,
    SchoolClass,
    Student,
    StudentDetails,
    StudyGroup,
    StudyGroupMember,
    TeachingAssignment,
    TimetableSlot,
    User,
    Work,
)
from app.models.access import DeliveryState
from app.models.communication import Audience
from app.regulation import LOCKED, RULES
from tests.conftest import empty_database

TODAY, ZONE = date(2026, 11, 24), ZoneInfo("Europe/Moscow")


def new_app(url: str, folder: Path) -> Flask:
    settings = {"SQLALCHEMY_DATABASE_URI": url, "TESTING": True, "LOCALE": "en", "SECRET_KEY": "test key"}
    return create_app(settings, instance=folder / "instance")


def fill(today: date = TODAY, seed: int = 1) -> None:
    with db.engine.begin() as connection:
        school.fill(connection, "small", seed, today, ZONE, "test key")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The small demo school, read by all tests of this file."""
    folder = tmp_path_factory.mktemp("demo")
    application = new_app(empty_database(request, folder), folder)
    with application.app_context():
        upgrade()
        fill()
        policy.act_as(db.session(), policy.SYSTEM)
        yield application
        db.session.remove()
        db.engine.dispose()


def digest(connection: Connection) -> str:
    """One number for all that stands in a database."""
    told = hashlib.sha256()
    for table in Base.metadata.sorted_tables:
        for row in connection.execute(select(table).order_by(table.c.id)):
            told.update(repr(tuple(row)).encode())
    return told.hexdigest()


def broken_rules() -> list[str]:
    """Rules that rows of the database break; those of locked terms, and of changes alone, are left out."""
    broken = []
    for rule in RULES:
        if rule.message is not LOCKED and rule.on_create:
            ids = set(db.session.scalars(select(rule.model.__table__.c.id)))
            broken += [f"{rule.model.__name__}: {rule.message}" for _ in db.session.execute(rule.breaches(ids))]
    return broken


def account(login: str) -> Account:
    return db.session.scalars(select(Account).where(Account.login == login)).one()


def test_the_same_seed_and_day_give_the_same_rows_on_both_databases(filled: Flask, tmp_path: Path) -> None:
    with db.engine.connect() as connection:
        here = digest(connection)
    others = []
    for seed in (1, 2):
        application = new_app(f"sqlite:///{tmp_path / str(seed)}", tmp_path)
        with application.app_context():
            upgrade()
            fill(seed=seed)
            with db.engine.connect() as connection:
                others.append(digest(connection))
            db.engine.dispose()
    assert here == others[0] != others[1]


def test_nothing_stands_against_the_regulation(filled: Flask) -> None:
    assert broken_rules() == []


def test_grade_1_and_the_first_quarter_of_grade_2_have_attendance_only(filled: Flask) -> None:
    lessons = (
        select(Lesson)
        .join(Lesson.assignment)
        .join(TeachingAssignment.study_group)
        .join(StudyGroup.school_class)
        .where((SchoolClass.grade == 1) | ((SchoolClass.grade == 2) & (Lesson.date < date(2026, 10, 26))))
    )
    rows = db.session.scalars(lessons.where(Lesson.date < TODAY)).all()
    assert {row.homework for row in rows} == {""}
    assert any(row.topic for row in rows)
    ids = lessons.with_only_columns(Lesson.id)
    assert db.session.scalars(select(Mark.id).join(Mark.work).where(Work.lesson_id.in_(ids))).all() == []
    assert db.session.scalars(select(Attendance.id).where(Attendance.lesson_id.in_(ids))).all()


def test_nobody_and_no_room_is_in_two_lessons_at_once(filled: Flask) -> None:
    rows = db.session.execute(
        select(Lesson, TeachingAssignment.teacher_id).join(Lesson.assignment).where(Lesson.is_cancelled.is_(False))
    ).all()
    teachers = Counter((row.date, row.number, row.substitute_id or teacher_id) for row, teacher_id in rows)
    rooms = Counter((row.date, row.number, row.room) for row, _teacher in rows if row.substitute_id is None)
    assert max(teachers.values()) == max(rooms.values()) == 1


def test_no_student_is_in_two_groups_at_once(filled: Flask) -> None:
    whole = (
        select(TimetableSlot.weekday, TimetableSlot.number, Enrollment.student_id)
        .join(TimetableSlot.assignment)
        .join(TeachingAssignment.study_group)
        .join(Enrollment, Enrollment.school_class_id == StudyGroup.school_class_id)
        .where(StudyGroup.is_whole_class)
    )
    part = (
        select(TimetableSlot.weekday, TimetableSlot.number, StudyGroupMember.student_id)
        .join(TimetableSlot.assignment)
        .join(StudyGroupMember, StudyGroupMember.study_group_id == TeachingAssignment.study_group_id)
    )
    busy = Counter(tuple(row) for query in (whole, part) for row in db.session.execute(query))
    assert max(busy.values()) == 1


@pytest.mark.parametrize("word", demo.SIGN_INS)
def test_each_of_the_five_signs_in_with_login_as_password(filled: Flask, word: str) -> None:
    stored = account(word).password_hash
    assert stored
    assert PasswordHasher().verify(stored, word)


def test_the_five_have_the_roles_they_are_named_for(filled: Flask) -> None:
    assert account("deputy").user.is_deputy_director
    led, taught = {}, {}
    for login in ("classteacher", "teacher"):
        user_id = account(login).user_id
        led[login] = set(db.session.scalars(select(SchoolClass.id).where(SchoolClass.class_teacher_id == user_id)))
        groups = select(StudyGroup.school_class_id).join(
            TeachingAssignment, TeachingAssignment.study_group_id == StudyGroup.id
        )
        taught[login] = set(db.session.scalars(groups.where(TeachingAssignment.teacher_id == user_id)))
    assert len(led["classteacher"]) == 1
    assert led["classteacher"] < taught["classteacher"]
    assert not led["teacher"]
    assert len(taught["teacher"]) > 1
    classes = select(Enrollment.school_class_id).join(Guardianship, Guardianship.student_id == Enrollment.student_id)
    assert len(set(db.session.scalars(classes.where(Guardianship.user_id == account("guardian").user_id)))) > 1
    itself = db.session.scalars(select(Student).where(Student.user_id == account("student").user_id)).one()
    parents = select(Guardianship.user_id).where(Guardianship.student_id == itself.id)
    assert account("guardian").user_id in db.session.scalars(parents).all()


def test_names_have_the_form_of_the_sex(filled: Flask) -> None:
    people = [*db.session.scalars(select(Student)), *db.session.scalars(select(User))]
    for person in people:
        is_female = person.patronymic.endswith("на")
        wrong = ("ов", "ев", "ёв", "ин", "ий") if is_female else ("ова", "ева", "ёва", "ина", "ая")
        assert not person.family_name.endswith(wrong), person.full_name
        assert is_female or person.patronymic.endswith("ич"), person.full_name
    assert any("ё" in person.full_name for person in people)
    assert any(person.family_name.endswith("ая") for person in people)


def test_keys_are_those_the_application_would_keep(filled: Flask) -> None:
    for student, details in db.session.execute(select(Student, StudentDetails).join(Student.details)):
        names = (student.family_name, student.given_name, student.patronymic)
        assert (student.search_name, student.sort_name) == (search_key(*names), sort_key(*names))
        born = details.birth_date
        assert details.identity == (f"{student.sort_name}|{born.isoformat()}" if born else None)


def test_most_children_have_two_guardians_and_some_have_siblings(filled: Flask) -> None:
    pairs = db.session.execute(select(Guardianship.student_id, Guardianship.user_id)).all()
    guardians = Counter(student for student, _user in pairs)
    children = Counter(user for _student, user in pairs)
    assert set(guardians) == set(db.session.scalars(select(Student.id)))
    assert sum(count == 2 for count in guardians.values()) > len(guardians) / 2
    assert max(children.values()) > 1


def test_every_state_of_a_delivery_and_every_audience_of_news_can_be_seen(filled: Flask) -> None:
    assert set(db.session.scalars(select(Delivery.state))) == set(DeliveryState)
    news = db.session.scalars(select(NewsItem)).all()
    now = datetime.combine(TODAY, time(), ZONE)
    assert {item.audience for item in news} == set(Audience)
    assert {item.published_at is None for item in news} == {True, False}
    assert {bool(item.published_at and item.published_at > now) for item in news} == {True, False}
    assert any(item.is_pinned for item in news)


def test_today_has_lessons_and_some_journals_are_overdue(filled: Flask) -> None:
    lessons = db.session.scalars(select(Lesson).where(Lesson.date.between(TODAY - timedelta(14), TODAY))).all()
    assert any(lesson.date == TODAY for lesson in lessons)
    assert {bool(lesson.topic) for lesson in lessons if lesson.date < TODAY} == {True, False}
    assert any(lesson.substitute_id for lesson in lessons)


def test_seventy_five_are_enrolled_today(filled: Flask) -> None:
    assert db.session.scalar(select(func.count(Enrollment.id)).where(Enrollment.ends_on.is_(None))) == 75


@pytest.mark.parametrize(
    "today", [date(2026, 9, 1), date(2027, 1, 3), date(2027, 5, 27), date(2027, 7, 15), date(2028, 2, 29)]
)
def test_any_day_of_the_year_gives_a_sound_school(tmp_path: Path, today: date) -> None:
    application = new_app(f"sqlite:///{tmp_path / 'journal.sqlite'}", tmp_path)
    with application.app_context():
        upgrade()
        fill(today, seed=today.day)
        policy.act_as(db.session(), policy.SYSTEM)
        assert broken_rules() == []
        assert db.session.scalar(select(func.count(Lesson.id))) > 2000
        db.session.remove()
        db.engine.dispose()


def test_a_database_with_people_is_left_alone(app: Flask) -> None:
    assert app.test_cli_runner().invoke(args=["demo", "--size", "small", "--today", "2026-11-24"]).exit_code == 0
    with db.engine.connect() as connection:
        before = digest(connection)
    refused = app.test_cli_runner().invoke(args=["demo", "--size", "small", "--seed", "2"])
    assert refused.exit_code == 1
    assert "holds a school already" in refused.output
    assert app.test_cli_runner().invoke(args=["demo", "--if-empty"]).exit_code == 0
    with db.engine.connect() as connection:
        assert digest(connection) == before


def test_only_a_demo_says_that_it_is_one_and_work_goes_on_after_it(app: Flask) -> None:
    db.session.add(User(family_name="Орлова", given_name="Вера", account=Account(login="orlova", password_hash="x")))
    db.session.flush()
    assert not demo.is_demo(db.session())
    db.session.rollback()
    fill()
    assert demo.is_demo(db.session())
    db.session.add(User(family_name="Орлова", given_name="Вера", login="orlova"))
    db.session.commit()
