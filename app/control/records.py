"""What the worker measures week by week of the rules about a state: what people's data was stands nowhere else."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.control import figures
from app.control.duties import State
from app.control.rules import RULES
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
