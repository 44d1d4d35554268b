"""Visits to the diary are counted by week, child and reader, and nothing more is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.diary import visits
from app.extensions import db
from app.models import DiaryVisit, Guardianship, Student
from tests.school import School
from tests.school_panel import Panel, written
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
