"""Visits to the diary are counted by week, child and reader, and nothing more is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.diary import visits
from app.extensions import db
from app.models import DiaryVisit, Guardianship, Student
from app.people.use import use_of
from tests.school import School
from tests.school_panel import NOW, TODAY, Panel, led, written
from tests.visitor import person

NOON = datetime(2026, 10, 14, 9, tzinfo=UTC)
MONDAY = date(2026, 10, 12)


def counted() -> list[tuple[date, int]]:
    db.session.expire_all()
    db.session.commit()
    found = [(row.week, row.visits) for row in db.session.scalars(select(DiaryVisit).order_by(DiaryVisit.week))]
    db.session.commit()
    return found


@pytest.fixture
def reading(app: Flask, school: School) -> tuple[int, int]:
    """A reader and a student."""
    ids = person(login="reader").id, school.student.id
    db.session.commit()
    return ids


def test_pages_within_half_an_hour_are_one_visit(reading: tuple[int, int]) -> None:
    for minutes in (0, 3, 20, 45, 100):
        moment = NOON + timedelta(minutes=minutes)
        visits.note(*reading, moment.date(), moment)
    assert counted() == [(MONDAY, 2)]
    visit = db.session.scalars(select(DiaryVisit)).one()
    assert (visit.first_at, visit.last_at) == (NOON, NOON + timedelta(minutes=100))


def test_each_week_is_counted_for_itself(reading: tuple[int, int]) -> None:
    for days in (0, 1, 7):
        moment = NOON + timedelta(days=days)
        visits.note(*reading, moment.date(), moment)
    assert counted() == [(MONDAY, 2), (MONDAY + timedelta(days=7), 1)]


def test_a_page_about_a_child_counts_for_that_child_alone(app: Flask, school: School, panel: Panel) -> None:
    guardian, other = person(login="mother"), written(Student(family_name="Другова", given_name="Инна"))
    for student in (school.student, other):
        written(Guardianship(user=guardian, student=student))
    numbers = school.student.id, guardian.id
    assert panel.get(guardian, f"/diary/{numbers[0]}/").status_code == 200
    assert panel.get(guardian, "/diary/99999/").status_code == 404
    rows = db.session.scalars(select(DiaryVisit)).all()
    assert [(row.student_id, row.user_id, row.visits) for row in rows] == [(*numbers, 1)]


def test_the_use_of_a_diary_is_told_by_reader(reading: tuple[int, int]) -> None:
    user, student = reading
    for days in (63, 8, 7, 0):
        moment = NOON - timedelta(days=days)
        visits.note(user, student, moment.date(), moment)
    use = use_of(db.session(), student, NOON.date())[user]
    assert (use.this_week, use.a_week) == (1, 3 / 4)
    assert (use.first_at, use.last_at) == (NOON - timedelta(weeks=9), NOON)
    assert use_of(db.session(), student + 1, NOON.date()) == {}


def test_the_class_teacher_sees_who_looks_into_the_diary(app: Flask, school: School, panel: Panel) -> None:
    teacher, guardian = led(school), person(login="mother", family_name="Материнская")
    written(Guardianship(user=guardian, student=school.student))
    reading = guardian.id, school.student.id
    page = f"/admin/student/details/?id={reading[1]}"
    assert "Has not looked into the diary yet" in panel.page(teacher, page)
    db.session.commit()  # SQLite has one writer
    visits.note(*reading, TODAY, NOW)
    assert "Diary: 0.25 visits a week, last on 12 Oct" in panel.page(teacher, page)
