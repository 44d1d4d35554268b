"""Counts that are kept say what the rows say, whatever is written, by whomever and in whatever way."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.control import counts, figures, records
from app.control.rules import RULES
from app.extensions import db
from app.models import RuleCount, RuleTouch
from tests.test_control_rules import ALL_KEPT, acting, planted
from tests.watched_school import NOW, TODAY, ZONE, Plan, Watched, plans

WRITES = {
    "lesson": (
        "UPDATE lesson SET topic = CASE topic WHEN '' THEN 'x' ELSE '' END WHERE id = :id",
        "UPDATE lesson SET homework = CASE homework WHEN '' THEN 'x' ELSE '' END WHERE id = :id",
        "UPDATE lesson SET homework_entered_at = NULL WHERE id = :id",
        "UPDATE lesson SET is_cancelled = NOT is_cancelled, cancel_reason = 'x' WHERE id = :id",
        "UPDATE lesson SET substitute_id = NULL WHERE id = :id",
        "UPDATE lesson SET date = '2026-12-09' WHERE id = :id",
    ),
    "work": (
        "DELETE FROM mark WHERE work_id = :id",
        "UPDATE work SET lesson_id = (SELECT min(id) FROM lesson) WHERE id = :id",
    ),
    "mark": (
        "DELETE FROM mark WHERE id = :id",
        "UPDATE mark SET entered_at = '2026-12-20 10:00:00.000000+00' WHERE id = :id",
        "UPDATE mark SET value = 3 WHERE id = :id",
    ),
    "roll_call": (
        "DELETE FROM roll_call WHERE id = :id",
        "UPDATE roll_call SET taken_at = '2026-12-20 10:00:00.000000+00' WHERE id = :id",
    ),
    "final_mark": (
        "DELETE FROM final_mark WHERE id = :id",
        "UPDATE final_mark SET entered_at = '2026-12-20 10:00:00.000000+00' WHERE id = :id",
    ),
    "student_details": (
        "UPDATE student_details SET birth_date = NULL WHERE id = :id",
        "UPDATE student_details SET birth_date = '2015-05-05' WHERE id = :id",
    ),
    "guardianship": ("DELETE FROM guardianship WHERE id = :id",),
    "account": (
        "UPDATE account SET password_hash = NULL WHERE id = :id",
        "UPDATE account SET password_hash = 'x' WHERE id = :id",
        "UPDATE account SET phone = NULL, email = NULL WHERE id = :id",
    ),
    "user": (
        'UPDATE "user" SET is_active = NOT is_active WHERE id = :id',
        'UPDATE "user" SET is_staff = NOT is_staff WHERE id = :id',
    ),
    "diary_visit": (
        "DELETE FROM diary_visit WHERE id = :id",
        "UPDATE diary_visit SET last_at = '2026-09-02 10:00:00.000000+00' WHERE id = :id",
    ),
    "enrollment": (
        "UPDATE enrollment SET ends_on = '2026-12-10' WHERE id = :id",
        "UPDATE enrollment SET school_class_id = (SELECT max(id) FROM school_class) WHERE id = :id",
        "DELETE FROM enrollment WHERE id = :id",
    ),
    "school_class": (
        "UPDATE school_class SET class_teacher_id = NULL WHERE id = :id",
        "UPDATE school_class SET grade = 2 WHERE id = :id",
    ),
    "teaching_assignment": (
        "UPDATE teaching_assignment SET ends_on = '2026-12-10' WHERE id = :id",
        'UPDATE teaching_assignment SET teacher_id = (SELECT min(id) FROM "user") WHERE id = :id',
    ),
    "term": ("UPDATE term SET ends_on = '2026-12-20' WHERE id = :id AND number = 2",),
    "excused_period": (
        "DELETE FROM excused_period WHERE id = :id", "UPDATE excused_period SET ends_on = '2026-12-20' WHERE id = :id",
    ),
    "rule_setting": ("UPDATE rule_setting SET days = 3 WHERE id = :id", "DELETE FROM rule_setting WHERE id = :id"),
    "holiday": ("DELETE FROM holiday WHERE id = :id",),
    "subject": (  # new rows
        "INSERT INTO rule_setting (rule, is_on, days) SELECT 'topics', true, 2 "
        "WHERE NOT EXISTS (SELECT 1 FROM rule_setting)",
        "INSERT INTO excused_period (starts_on, ends_on, reason) VALUES ('2026-12-07', '2026-12-08', 'x')",
        "INSERT INTO holiday (academic_year_id, name, starts_on, ends_on) "
        "SELECT min(id), 'x', DATE '2026-12-14', DATE '2026-12-16' FROM academic_year",
    ),
}  # fmt: skip
"""Statements that change what is counted, by the table whose rows :id is of."""
EACH = [(table, statement) for table, statements in WRITES.items() for statement in statements]


def keep(session: Session) -> None:
    assert counts.write(session, records.recount(session, TODAY, NOW, ZONE))


def wrong(session: Session) -> list[str]:
    return records.wrong_counts(session, TODAY, NOW, ZONE)


def held(session: Session) -> int:
    """How many parts need not be counted."""
    watch = figures.watch(session, None, ZONE, today=TODAY, now=NOW)
    found = counts.standing(session, watch, list(RULES.values()))
    classes = session.scalar(select(func.count()).select_from(text("school_class")))
    return len(found.days) + sum(classes - len(found.stale.get(key, ())) for key in found.bases)


def write(session: Session, table: str, statement: str, place: int) -> None:
    ids = list(session.connection().scalars(text(f'SELECT id FROM "{table}" ORDER BY id')))  # noqa: S608
    if session.connection().dialect.name == "sqlite":
        statement = statement.replace("DATE '", "'").replace("+00'", "'")
    if ids:
        with suppress(IntegrityError), session.connection().begin_nested():  # what cannot be written changes nothing
            session.connection().execute(text(statement), {"id": ids[place % len(ids)]} if ":id" in statement else {})


@settings(
    max_examples=12, deadline=None, phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(plan=plans, walk=st.lists(st.tuples(st.sampled_from(EACH) | st.none(), st.integers(0, 30)), max_size=12))
def test_counts_follow_whatever_is_written(
    app: Flask, plan: Plan, walk: list[tuple[tuple[str, str] | None, int]]
) -> None:
    with planted(plan) as (session, _watched):
        keep(session)
        assert wrong(session) == []
        for what, place in walk:
            if what is None:
                keep(session)
                assert session.scalar(select(func.count(RuleTouch.id))) == 0
            else:
                write(session, *what, place)
            assert wrong(session) == [], what


@pytest.mark.parametrize(("table", "statement"), EACH)
def test_counts_follow_each_write(app: Flask, table: str, statement: str) -> None:
    with planted(ALL_KEPT) as (session, _watched):
        session.connection().execute(text("INSERT INTO rule_setting (rule, is_on, days) VALUES ('marks', true, 5)"))
        keep(session)
        for place in range(3):
            write(session, table, statement, place)
        assert wrong(session) == []


def test_what_was_not_written_in_is_not_counted_again(app: Flask) -> None:
    with planted(ALL_KEPT) as (session, watched):
        keep(session)
        whole = held(session)
        assert whole > 30
        write(session, "lesson", WRITES["lesson"][0], 0)
        assert held(session) == whole - 1
        keep(session)
        assert held(session) == whole
        _asks_the_counts(session, watched)


def _asks_the_counts(session: Session, watched: Watched) -> None:
    """The deputy director reads the kept counts: with another figure in them the page would show it."""
    stored = session.scalars(select(RuleCount).where(RuleCount.rule == "topics", RuleCount.states > 0)).first()
    assert stored is not None
    stored.states += 1
    session.flush()
    assert wrong(session) == ["topics"]
    watch = figures.watch(session, acting(session, watched.deputy), ZONE)
    leader = figures.watch(session, acting(session, watched.leader), ZONE)
    assert counts.holds_for(watch)
    assert not counts.holds_for(leader)
    narrowed = figures.watch(session, acting(session, watched.deputy), ZONE, grade=5)
    assert not counts.holds_for(narrowed)


def test_a_new_day_is_another_basis(app: Flask) -> None:
    with planted(ALL_KEPT) as (session, _watched):
        keep(session)
        for days in range(1, 12):
            later = TODAY + timedelta(days), NOW + timedelta(days)
            assert records.wrong_counts(session, *later, ZONE) == []


def test_who_counted_while_others_did_writes_nothing(app: Flask) -> None:
    with planted(ALL_KEPT) as (session, _watched):
        mine = records.recount(session, TODAY, NOW, ZONE)
        keep(session)
        write(session, "lesson", WRITES["lesson"][0], 0)
        keep(session)
        assert not counts.write(session, mine)
        assert wrong(session) == []


def test_every_trigger_is_there(app: Flask) -> None:
    """A later migration that makes a table anew on SQLite has to make its triggers anew too."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            number = connection.scalar(text("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"))
            assert number == 79
        else:
            number = connection.scalar(text("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"))
            assert number == 63
