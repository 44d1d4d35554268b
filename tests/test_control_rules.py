"""The control finds exactly what is planted, and nothing else, on both databases; and each sees what is theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app import policy
from app.control import figures, records
from app.control.duties import Calendar, State
from app.control.rules import RULES
from app.extensions import db
from app.models import RuleRecord, RuleSetting
from tests import watched_school as school
from tests.watched_school import KEPT, NOW, OPEN, TODAY, ZONE, Known, Plan, Taught, Watched, plans

DATES = st.dates(date(2026, 9, 1), date(2027, 5, 31))
EXAMPLES = settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ALL_KEPT = Plan(
    lessons=(Taught(True, KEPT, KEPT, KEPT, False, False),) * len(school.DAYS),
    students=(Known(True, True, True, KEPT, 3),) * school.STUDENTS,
    forbidden=(False,) * len(school.LITTLE_DAYS),
    teacher_has_access=True,
    news=frozenset(date(2026, month, day) for month, day in ((11, 9), (11, 20), (12, 1), (12, 12))),
    excused=None,
)  # fmt: skip


@contextmanager
def planted(plan: Plan) -> Iterator[tuple[Session, Watched]]:
    """The plan as a school, in a transaction that is rolled back; the session is the system's."""
    with db.engine.connect() as connection, connection.begin() as transaction:
        watched = school.build(connection, plan)
        with Session(bind=connection, info={"actor": policy.SYSTEM}) as session:
            yield session, watched
        transaction.rollback()


def acting(session: Session, user_id: int) -> Any:
    """The session works for the person from here on."""
    policy.act_as(session, policy.SYSTEM)
    actor = policy.load_actor(session, user_id, TODAY, NOW)
    policy.act_as(session, actor)
    return actor


def open_cases(session: Session, watch: Any) -> set[Any]:
    return {
        (key, breach.day, breach.user_id, breach.lesson_id or breach.student_id)
        for key in RULES
        for breach in figures.breaches(session, watch, key)
    }


@EXAMPLES
@given(plan=plans)
def test_exactly_what_is_planted_is_found(app: Flask, plan: Plan) -> None:
    with planted(plan) as (session, watched):
        counted, still_open = school.expected(plan, watched)
        actor = acting(session, watched.deputy)
        watch = figures.watch(session, actor, ZONE)
        found = {
            one.rule.key: Counter({KEPT: one.kept, State.LATE: one.late, OPEN: one.open})
            for one in figures.standings(session, watch)
        }
        assert {key: +count for key, count in found.items()} == {key: +count for key, count in counted.items()}
        assert open_cases(session, watch) == still_open
        for key in RULES:
            up_to = Counter(who for rule, _day, who, _what in still_open if rule == key and who is not None)
            assert {one.user_id: one.open for one in figures.people(session, watch, key)} == up_to


@EXAMPLES
@given(plan=plans, who=st.sampled_from(("leader", "teacher", "substitute")))
def test_each_is_told_of_the_own_cases(app: Flask, plan: Plan, who: str) -> None:
    """Whatever else they see, what stands as their own is what is up to them, and nothing seems to be missing."""
    with planted(plan) as (session, watched):
        _counted, still_open = school.expected(plan, watched)
        user_id = getattr(watched, who)
        actor = acting(session, user_id)
        own = Counter(rule for rule, _day, person, _what in still_open if person == user_id and RULES[rule].reminds)
        assert {one.rule.key: one.open for one in figures.own(session, actor, ZONE)} == own
        seen = open_cases(session, figures.watch(session, actor, ZONE))
        assert seen <= still_open


def test_nothing_is_found_where_all_is_kept(app: Flask) -> None:
    with planted(ALL_KEPT) as (session, watched):
        watch = figures.watch(session, acting(session, watched.deputy), ZONE)
        assert open_cases(session, watch) == set()
        assert {one.rule.key for one in figures.standings(session, watch) if one.percent == 100} == RULES.keys()


def test_filters_narrow_what_is_counted(app: Flask) -> None:
    nothing = ALL_KEPT.__class__(
        **{**ALL_KEPT.__dict__, "lessons": (Taught(False, OPEN, OPEN, OPEN, False, True),) * 6}
    )
    with planted(nothing) as (session, watched):
        actor = acting(session, watched.deputy)

        def topics(**whom: Any) -> int:
            return figures.standings(session, figures.watch(session, actor, ZONE, **whom), ["topics"])[0].open

        assert topics() == topics(grade=5) == topics(teacher_id=watched.substitute) == 6
        assert topics(grade=1) == topics(teacher_id=watched.teacher) == topics(subject_id=10**6) == 0
        assert topics(first=date(2026, 12, 1)) == 3
        assert topics(first=date(2026, 12, 1), last=date(2026, 12, 8)) == 1


def test_the_school_sets_the_days_and_switches_a_rule_off(app: Flask) -> None:
    unfilled = ALL_KEPT.__class__(
        **{**ALL_KEPT.__dict__, "lessons": (Taught(False, OPEN, OPEN, OPEN, False, False),) * 6}
    )
    with planted(unfilled) as (session, watched):
        session.add_all([RuleSetting(rule="topics", days=5), RuleSetting(rule="marks", is_on=False)])
        session.flush()
        watch = figures.watch(session, acting(session, watched.deputy), ZONE)
        standings = {one.rule.key: one for one in figures.standings(session, watch)}
        assert standings["topics"].open == 5  # the lesson of 18 December may be filled until the 23rd
        assert "marks" not in standings
        assert figures.breaches(session, watch, "marks") == []


def test_states_are_measured_once_a_week(app: Flask) -> None:
    lacking = replace(ALL_KEPT, students=(Known(False, False, False, KEPT, 3),) * 3)
    with planted(lacking) as (session, watched):
        for day in (TODAY - timedelta(7), TODAY, TODAY):
            records.record(session, day, NOW - (TODAY - day), ZONE)
        watch = figures.watch(session, acting(session, watched.deputy), ZONE)
        weeks = {one.rule.key: one.weeks for one in figures.standings(session, watch) if one.rule.is_state}
        assert [(week.monday, week.due, week.kept) for week in weeks["data"]] == [
            (TODAY - timedelta(7), 3, 0), (TODAY, 3, 0),
        ]  # fmt: skip
        assert [(week.due, week.kept) for week in weeks["staff"]] == [(2, 2), (2, 2)]
        assert session.query(RuleRecord).count() == 6


@given(
    today=DATES | st.sampled_from((date(2026, 11, 2), date(2027, 1, 11))),
    back=st.integers(0, 40),
    within=st.integers(0, 20),
)
def test_what_was_due_before_today_is_told_by_one_day(today: date, back: int, within: int) -> None:
    """Often on the first day after the holidays, on which is due what would have been due in them."""
    calendar = Calendar(((date(2026, 10, 26), date(2026, 11, 1)), (date(2026, 12, 30), date(2027, 1, 10))))
    day = today - timedelta(back)
    assert (calendar.due(day, within) < today) is (day <= calendar.cutoff(today, within))
