"""What the worker measures: week by week the rules about a state, for what people's data was stands nowhere else;
and each minute the counts of the whole school that no longer hold."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.control import counting, counts, figures
from app.control.duties import Counts, State
from app.control.rules import RULES, Rule
from app.models import RuleRecord


def record(session: Session, today: date, now: datetime, zone: ZoneInfo) -> None:
    """Write how far each such rule is kept this week, by class; what was written earlier in the week is replaced.

    ``session`` is one of ``policy.system()``; the caller commits. Rules that are off are not measured.
    """
    watch = figures.watch(session, None, zone, today=today, now=now)
    monday = today - timedelta(today.weekday())
    measured = []
    for key, rule in RULES.items():
        if not rule.is_state or not watch.rules[key].is_on:
            continue
        cases = rule.cases(watch, watch.rules[key]).subquery()
        counted = select(cases.c.school_class_id, cases.c.state, func.count()).group_by(
            cases.c.school_class_id, cases.c.state
        )
        due: dict[int | None, int] = defaultdict(int)
        kept: dict[int | None, int] = defaultdict(int)
        for class_id, state, number in session.execute(counted):
            due[class_id] += number
            kept[class_id] += number if state == State.KEPT else 0
        measured += [
            RuleRecord(rule=key, week=monday, school_class_id=class_id, due=number, kept=kept[class_id])
            for class_id, number in due.items()
        ]
    session.execute(delete(RuleRecord).where(RuleRecord.week == monday))
    session.add_all(measured)
    session.flush()


def recount(session: Session, today: date, now: datetime, zone: ZoneInfo) -> counts.Recount:
    """Count again what was written in, and what a new day has changed, for ``counts.write``.

    ``session`` is one of ``policy.system()``.
    """
    watch = figures.watch(session, None, zone, today=today, now=now)
    return counts.recount(session, watch, figures.theirs(watch, RULES))


def wrong_counts(session: Session, today: date, now: datetime, zone: ZoneInfo) -> list[str]:
    """Rules whose kept counts are not what their rows say, by their keys; there must be none."""
    watch = figures.watch(session, None, zone, today=today, now=now)
    rules = figures.theirs(watch, RULES)
    kept = counting.count(session, watch, rules, by_person=True)
    rows = counting.count(session, watch, rules, by_person=True, by_rows=True)
    return [rule.key for rule in rules if _figures(kept, rule) != _figures(rows, rule)]


def _figures(found: counting.Found, rule: Rule) -> object:
    """What is shown of a rule."""
    days = {day: some for day, some in found.days.get(rule.key, {}).items() if some.due}
    oldest = min((day for day, some in days.items() if some.open and day), default=None)
    whole = sum(days.values(), Counts())
    people = {person: number for person, number in found.open.get(rule.key, {}).items() if number}
    return whole, oldest, people, None if rule.is_state else days
