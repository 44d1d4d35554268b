"""The first screen: what each person of the small demo school is told to do, and nothing of others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import create_app, demo, policy
from app.control import figures
from app.demo import school
from app.extensions import db
from app.models import (
    Account,
    Attendance,
    Enrollment,
    ExcusedPeriod,
    Guardianship,
    Lesson,
    NewsItem,
    SchoolClass,
    Student,
    TeachingAssignment,
    User,
)
from app.models.journal import AttendanceStatus
from tests.conftest import empty_database
from tests.panel_at import Panel, panel_of, statements, text

TODAY, ZONE = date(2026, 11, 24), ZoneInfo("Europe/Moscow")  # a Tuesday
NOW = datetime.combine(TODAY, time(10), ZONE)
MOST_STATEMENTS = 40
STAFF = [login for login in demo.SIGN_INS if login not in ("guardian", "student")]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def demo_app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The small demo school of the day; tests that write put back what they wrote."""
    folder: Path = tmp_path_factory.mktemp("home")
    settings = {
        "SQLALCHEMY_DATABASE_URI": empty_database(request, folder), "TESTING": True, "LOCALE": "en",
        "SECRET_KEY": "test key",
    }  # fmt: skip
    application = create_app(settings, instance=folder / "instance")
    with application.app_context():
        upgrade()
        with db.engine.begin() as connection:
            school.fill(connection, "small", 1, TODAY, ZONE, "test key")
        yield application
        db.session.remove()
        db.engine.dispose()


def user_id(login: str) -> int:
    with policy.system() as session:
        return session.scalars(select(Account.user_id).where(Account.login == login)).one()


def home(app: Flask, login: str, now: datetime = NOW) -> str:
    answer = panel_of(app, user_id(login), now).get("/admin/")
    assert answer.status_code == 200
    return text(answer)


def everything(model: Any) -> list[Any]:
    with policy.system() as session:
        return list(session.scalars(select(model)))


def seen_by(login: str, model: Any) -> set[int]:
    """Ids of the rows that the policy lets the person see."""
    number = user_id(login)
    with policy.system() as facts:
        actor = policy.load_actor(facts, number, TODAY, NOW)
    with Session(db.engine) as session:
        policy.act_as(session, actor)
        return set(session.scalars(select(model.id)))


@pytest.mark.parametrize("login", STAFF)
@pytest.mark.parametrize("model", [Student, User, NewsItem])
def test_nobody_reads_of_anybody_foreign(demo_app: Flask, login: str, model: Any) -> None:
    page, seen = home(demo_app, login), seen_by(login, model)
    shown_words = {str(row) for row in everything(model) if row.id in seen}
    if model is User:  # a student with access of their own has the name of the class list
        shown_words |= {str(row) for row in everything(Student) if row.id in seen_by(login, Student)}
    foreign = {str(row) for row in everything(model) if row.id not in seen} - shown_words
    assert {word for word in foreign if word in page} == set()


def test_the_teacher_sees_the_lessons_of_today_in_order(demo_app: Flask) -> None:
    page, teacher = home(demo_app, "teacher"), user_id("teacher")
    with policy.system() as session:
        mine = session.scalars(
            select(Lesson)
            .join(Lesson.assignment)
            .where(
                Lesson.date == TODAY,
                (Lesson.substitute_id == teacher)
                | ((TeachingAssignment.teacher_id == teacher) & Lesson.substitute_id.is_(None)),
            )
            .order_by(Lesson.number)
        ).all()
        words = [f"{lesson.assignment.study_group} {lesson.assignment.subject}" for lesson in mine]
        substitutions = sum(lesson.substitute_id == teacher for lesson in mine)
    assert words
    places = [page.index(word) for word in words]
    assert places == sorted(places)
    assert substitutions
    assert page.count(" substitution ") == substitutions
    assert "8:30–9:15" in page


def test_what_is_overdue_goes_away_when_it_is_done(demo_app: Flask) -> None:
    teacher = user_id("teacher")
    page = home(demo_app, "teacher")
    assert "To be filled in" in page
    assert re.search(r"Topics of lessons are filled since \w+, \d+ Nov \d", page)
    with policy.system() as session:
        excused = ExcusedPeriod(
            teacher_id=teacher, starts_on=TODAY - timedelta(80), ends_on=TODAY, reason="Больничный"
        )  # fmt: skip
        session.add(excused)
        session.commit()
        number = excused.id
    page = home(demo_app, "teacher")
    assert "Everything is done in time." in page
    assert "To be filled in" not in page
    with policy.system() as session:
        session.delete(session.get_one(ExcusedPeriod, number))
        session.commit()


def test_the_class_teacher_sees_whose_data_is_incomplete_and_who_does_not_come(demo_app: Flask) -> None:
    page, leader = home(demo_app, "classteacher"), user_id("classteacher")
    with policy.system() as session:
        led = session.scalars(select(SchoolClass).where(SchoolClass.class_teacher_id == leader)).one()
        students = session.scalars(
            select(Student).join(Student.enrollments).where(Enrollment.school_class_id == led.id)
        ).all()
        nameless = [student for student in students if student.birth_date is None]
        guardians = {each.user for student in students for each in student.guardianships}
        absent = {g for g in guardians if g.account is None or g.account.last_seen_at is None}
        assert f"Your class: {led}" in page
        assert nameless
        assert all(f"{student} no date of birth" in page for student in nameless)
        assert f"Parents' access {len(absent)}" in page
        assert any(str(guardian) in page for guardian in absent)
        assert not any(str(guardian) in page for guardian in guardians - absent)


def test_an_absence_of_today_is_asked_for_until_there_is_a_reason(demo_app: Flask) -> None:
    leader = user_id("classteacher")
    with policy.system() as session:
        led = session.scalars(select(SchoolClass).where(SchoolClass.class_teacher_id == leader)).one()
        lesson = session.scalars(
            select(Lesson)
            .join(Lesson.assignment)
            .where(
                Lesson.date == TODAY, TeachingAssignment.study_group.has(school_class_id=led.id, is_whole_class=True)
            )
        ).first()
        student = session.scalars(
            select(Student).join(Student.enrollments).where(Enrollment.school_class_id == led.id).limit(1)
        ).one()
        name = str(student)
        assert lesson is not None
        absence = Attendance(lesson=lesson, student=student, status=AttendanceStatus.ABSENT)
        session.add(absence)
        session.commit()
        absence_id = absence.id
    page = home(demo_app, "classteacher")
    assert f"reason unknown 1 {name}" in page
    with policy.system() as session:
        session.get_one(Attendance, absence_id).reason = "у врача"
        session.commit()
    assert "Nobody is absent without a reason." in home(demo_app, "classteacher")
    with policy.system() as session:
        session.delete(session.get_one(Attendance, absence_id))
        session.commit()


def test_the_deputy_sees_which_rules_are_kept_least(demo_app: Flask) -> None:
    page, number = home(demo_app, "deputy"), user_id("deputy")
    with policy.system() as session:
        absent = session.scalar(
            select(func.count(func.distinct(User.id)))
            .join(User.guardianships)
            .join(User.account)
            .where(Account.last_seen_at.is_(None), ~User.is_staff)
        )
        waiting = session.scalars(
            select(NewsItem.title).where(NewsItem.published_at.is_(None) | (NewsItem.published_at > NOW))
        ).all()
        actor = policy.load_actor(session, number, TODAY, NOW)
        standings = figures.standings(session, figures.watch(session, actor, ZONE))
    worst = min((each for each in standings if each.open), key=lambda each: each.percent or 0)
    assert f"{worst.rule.title} {worst.percent:.0f} %" in page.replace("\xa0", " ")
    assert f"{sum(each.open for each in standings):,} cases not done in time" in page
    assert f"{absent} parents who do not come in" in page
    assert waiting
    assert all(title in page for title in waiting)
    assert "First steps" not in page


def test_who_only_reads_a_diary_goes_on_to_it_and_a_parent_on_the_staff_finds_it_in_the_menu(demo_app: Flask) -> None:
    answer = panel_of(demo_app, user_id("guardian"), NOW).get("/admin/")
    assert (answer.status_code, answer.location) == (302, "/diary/")
    assert "Diary of my children" not in home(demo_app, "teacher")
    teacher = user_id("teacher")
    with policy.system() as session:
        student_id = session.scalars(select(Enrollment.student_id)).first()
        session.add(Guardianship(user_id=teacher, student_id=student_id))
        session.commit()
    assert "Diary of my children" in home(demo_app, "teacher")
    with policy.system() as session:
        session.delete(session.scalars(select(Guardianship).where(Guardianship.user_id == teacher)).one())
        session.commit()


def test_somebody_with_nothing_to_do_gets_the_news(demo_app: Flask) -> None:
    with policy.system() as session:
        somebody = User(family_name="Гостев", given_name="Иван", login="guest")
        session.add(somebody)
        session.commit()
        number = somebody.id
    page = text(panel_of(demo_app, number, NOW).get("/admin/"))
    assert "Nothing is waiting for you here." in page
    assert "School news" in page
    with policy.system() as session:
        session.delete(session.get_one(User, number))
        session.commit()


def test_who_is_not_signed_in_sees_nothing(demo_app: Flask) -> None:
    demo_app.before_request_funcs[None] = []
    answer = Panel(demo_app, demo_app.response_class).get("/admin/")
    assert answer.status_code in {302, 401}


def test_in_an_empty_school_the_deputy_is_told_where_to_begin(app: Flask) -> None:
    deputy = User(family_name="Орлова", given_name="Вера", login="orlova", is_deputy_director=True, is_staff=True)
    db.session.add(deputy)
    db.session.commit()
    page = text(panel_of(app, deputy.id, NOW).get("/admin/"))
    assert "First steps" in page
    assert "Import the class list" in page
    assert "No news yet." in page


def more_of_everything(session: Session) -> None:
    """Twice the students of each class with a parent each, and for every lesson of the last weeks another one."""
    for number, school_class in enumerate(session.scalars(select(SchoolClass)).all()):
        for place in range(20):
            name = {"family_name": f"Новый{number}", "given_name": f"Ученик{place}"}
            student, parent = Student(**name), User(**name, login=f"new{number}-{place}")
            session.add_all(
                [
                    Enrollment(student=student, school_class=school_class, starts_on=TODAY - timedelta(60)),
                    Guardianship(student=student, user=parent),
                ]
            )
    session.flush()
    known = session.scalars(select(Lesson).where(Lesson.date.between(TODAY - timedelta(14), TODAY))).all()
    more = [
        Lesson(assignment=lesson.assignment, date=lesson.date, number=lesson.number + 7, substitute=lesson.substitute)
        for lesson in known
    ]
    session.add_all(more)
    session.add_all(NewsItem(title=f"Новость {n}", body="Текст", published_at=NOW - timedelta(n)) for n in range(20))
    session.commit()


def test_the_page_takes_few_statements_however_much_there_is(app: Flask) -> None:
    with db.engine.begin() as connection:
        school.fill(connection, "small", 1, TODAY, ZONE, "test key")

    def counts() -> dict[str, int]:
        found = {}
        for login in STAFF:
            panel = panel_of(app, user_id(login), NOW)
            with statements() as seen:
                assert panel.get("/admin/").status_code == 200
            found[login] = len(seen)
        return found

    few = counts()
    with policy.system() as session:
        more_of_everything(session)
    assert counts() == few
    assert max(few.values()) <= MOST_STATEMENTS
