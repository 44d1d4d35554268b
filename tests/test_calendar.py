"""Lessons from the timetable: on school days only, all of them, and none twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from app import policy
from app.extensions import db
from app.journal.calendar import PlannedLesson, Slot, Span, generate_lessons, planned_lessons
from app.models import Holiday, Lesson, TeachingAssignment, Term, TimetableSlot
from app.models.people import TermKind
from tests.school import School

START = date(2026, 9, 1)
days = st.integers(0, 300).map(lambda offset: START + timedelta(offset))
spans = st.tuples(days, days).map(lambda pair: Span(min(pair), max(pair)))
slots = st.builds(Slot, st.integers(1, 3), st.integers(1, 7), st.integers(1, 8), st.just("101"), spans)


@given(st.lists(slots, max_size=6), st.lists(spans, max_size=3), st.lists(spans, max_size=3), spans)
def test_a_lesson_is_held_exactly_when_a_slot_is_valid_on_a_day_of_a_term_and_of_no_holiday(
    timetable: list[Slot], terms: list[Span], holidays: list[Span], asked: Span
) -> None:
    expected = [
        PlannedLesson(day, slot.number, slot.assignment_id, slot.room)
        for day in (START + timedelta(offset) for offset in range(301))
        for slot in timetable
        if slot.weekday == day.isoweekday()
        and day in slot.valid
        and day in asked
        and any(day in term for term in terms)
        and not any(day in holiday for holiday in holidays)
    ]
    assert list(planned_lessons(timetable, terms, holidays, asked)) == expected


@given(st.lists(slots, max_size=6), st.lists(spans, max_size=3), days)
def test_two_halves_of_the_year_give_what_the_whole_gives(timetable: list[Slot], terms: list[Span], cut: date) -> None:
    end = START + timedelta(300)
    whole = list(planned_lessons(timetable, terms, [], Span(START, end)))
    first = list(planned_lessons(timetable, terms, [], Span(START, cut)))
    rest = list(planned_lessons(timetable, terms, [], Span(cut + timedelta(1), end)))
    assert first + rest == whole


@pytest.fixture
def timetable(school: School) -> School:
    """5А has algebra on Mondays and Thursdays, quarters of four weeks, and a holiday on the first Monday."""
    for kind, number, ends in ((TermKind.QUARTER, 1, date(2026, 9, 27)), (TermKind.HALF_YEAR, 1, date(2026, 12, 30))):
        db.session.add(Term(academic_year=school.year, kind=kind, number=number, starts_on=START, ends_on=ends))
    day = date(2026, 9, 7)
    db.session.add(Holiday(academic_year_id=school.year.id, name="День города", starts_on=day, ends_on=day))
    school.assignment.starts_on = START
    for weekday in (1, 4):
        db.session.add(TimetableSlot(assignment=school.assignment, weekday=weekday, number=3, valid_from=START))
    db.session.commit()
    return school


def generated(school: School, span: Span | None = None) -> int:
    with policy.system() as session:
        count = generate_lessons(session, session.merge(school.year), span)
        session.commit()
    return count


def test_a_class_follows_the_terms_of_its_kind(app: Flask, timetable: School) -> None:
    assert generated(timetable) == 6  # Thursdays 3, 10, 17, 24 and Mondays 14, 21 September
    dates = db.session.scalars(select(Lesson.date).where(Lesson.number == 3).order_by(Lesson.date)).all()
    assert [day.day for day in dates] == [3, 10, 14, 17, 21, 24]


def test_asking_again_adds_nothing_and_changes_no_lesson(app: Flask, timetable: School) -> None:
    assert generated(timetable, Span(START, date(2026, 9, 10))) == 2
    lesson = db.session.scalars(select(Lesson).where(Lesson.date == date(2026, 9, 3))).one()
    lesson.topic = "Натуральные числа"
    db.session.commit()
    assert generated(timetable) == 4
    assert generated(timetable) == 0
    db.session.expire_all()
    assert db.session.get_one(Lesson, lesson.id).topic == "Натуральные числа"


def test_an_assignment_that_ended_gets_no_lessons_after_its_last_day(app: Flask, timetable: School) -> None:
    db.session.get_one(TeachingAssignment, timetable.assignment.id).ends_on = date(2026, 9, 14)
    db.session.commit()
    assert generated(timetable) == 3
    latest = select(func.max(Lesson.date)).where(Lesson.number == 3)
    assert db.session.scalar(latest) == date(2026, 9, 14)
