"""The cases of several rules in one statement: how many there are of each state, and all of them one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import CTE, BigInteger, Integer, Select, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from app.control import counts, lessons
from app.control.duties import Counts, State, Watch, sum_of
from app.control.rules import Rule
from app.models import RuleRecord, SchoolClass

Days = Mapping[date | None, Counts]
CASES, RECORDED, KEPT = 0, 1, 2
"""Where a row of figures is from: the cases themselves, the records of the weeks, the kept counts."""


@dataclass(frozen=True)
class Found:
    """By rule: the cases of each day, the open ones of each person, and of a rule about a state those of the weeks."""

    days: Mapping[str, Days]
    open: Mapping[str, Mapping[int, int]]
    weeks: Mapping[str, Days]


def count(
    session: Session, watch: Watch, rules: Sequence[Rule], *, by_person: bool, by_rows: bool = False
) -> Found:  # fmt: skip
    """One statement, of one row for each day (and person, where asked for) on which something was due; and one more
    before it that asks which of the kept counts hold, where there can be some and not everything is asked ``by_rows``.
    """
    days: dict[str, dict[Any, Counts]] = defaultdict(lambda: defaultdict(Counts))
    weeks: dict[str, dict[Any, Counts]] = defaultdict(dict)
    still_open: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    kept = counts.standing(session, watch, rules) if not by_rows and counts.holds_for(watch) else None
    parts = list(_parts(watch, rules, by_person, kept))
    if not parts:
        return Found(days, still_open, weeks)
    for keys, day, user_id, source, *sums in session.execute(union_all(*parts)):
        for key, states in zip(keys.split(","), sums, strict=False):
            if source == RECORDED:
                weeks[key][day] = Counts.of(states)
            elif source == KEPT and user_id is not None:  # the cases of the day stand in another row
                still_open[key][user_id] += Counts.of(states).open
            elif states:
                some = Counts.of(states)
                days[key][day] += some
                if user_id is not None and some.open:
                    still_open[key][user_id] += some.open
    return Found(days, still_open, weeks)


def _parts(
    watch: Watch, rules: Sequence[Rule], by_person: bool, kept: counts.Standing | None
) -> Iterator[Select[Any]]:  # fmt: skip
    """Statements that fit together, of: names of the rules, day, person, source, sums of states."""
    of_lessons = {rule.key: watch.rules[rule.key] for rule in rules if rule.key in lessons.CLAUSES}
    if kept is not None:
        for held in counts.sums(kept, [rule.key for rule in rules], by_person):
            key, *rest = held.selected_columns
            yield _fitted(key, held.with_only_columns(*rest), 1, KEPT)
        watch = replace(watch, without=kept.days)
    if of_lessons and watch.days:
        yield _fitted(",".join(of_lessons), lessons.counts(watch, of_lessons, by_person), len(of_lessons))
    watch = replace(watch, without=frozenset())
    for rule in rules:
        if kept is not None and rule.key in kept.bases and not (only := kept.stale.get(rule.key)):
            continue
        part = replace(watch, only=only) if kept is not None and rule.key in kept.bases else watch
        cases = rule.cases(part, watch.rules[rule.key]) if rule.key not in of_lessons else None
        if cases is not None:
            each = cases.cte()  # not a subquery: SQLite reads only so many inside each other
            person = each.c.user_id if by_person else cast(null(), Integer).label("user_id")
            groups = (each.c.day, each.c.user_id) if by_person else (each.c.day,)
            yield _fitted(rule.key, select(each.c.day, person, sum_of(each.c.state)).group_by(*groups), 1)
    states = [rule.key for rule in rules if rule.is_state]
    if states:
        yield _fitted(RuleRecord.rule, _recorded(watch, states), 1, RECORDED)


def _fitted(keys: Any, counted: Select[Any], number: int, source: int = CASES) -> Select[Any]:
    day, person, *sums = counted.selected_columns
    nothing = [cast(null(), BigInteger)] * (len(lessons.CLAUSES) - number)
    named = literal(keys) if isinstance(keys, str) else keys
    columns = (named, day, person, literal(source), *sums, *nothing)
    return counted.with_only_columns(*(column.label(f"c{place}") for place, column in enumerate(columns)))


def _recorded(watch: Watch, keys: Sequence[str]) -> Any:
    """What the worker has measured week by week."""
    kept, due = func.sum(RuleRecord.kept), func.sum(RuleRecord.due)
    states = cast(kept * State.KEPT.sql + (due - kept) * State.OPEN.sql, BigInteger)
    rows: Any = (
        select(RuleRecord.week, cast(null(), Integer).label("user_id"), states)
        .outerjoin(SchoolClass, SchoolClass.id == RuleRecord.school_class_id)
        .where(RuleRecord.rule.in_(keys), RuleRecord.week.between(watch.first - timedelta(6), watch.last))
        .group_by(RuleRecord.rule, RuleRecord.week)
    )
    for value, only in (
        (SchoolClass.grade, watch.grade), (SchoolClass.id, watch.class_id),
        (SchoolClass.class_teacher_id, watch.teacher_id),
    ):  # fmt: skip
        if only is not None:
            rows = rows.where(value == only)
    return rows


def all_cases(watch: Watch, rules: Sequence[Rule]) -> CTE | None:
    """The cases of the rules with their place among these, as columns of ``duties.case_of``; None of no cases."""
    parts = []
    for place, rule in enumerate(rules):
        cases = rule.cases(watch, watch.rules[rule.key])
        if cases is not None:
            parts.append(select(literal(place).label("place"), cases.cte()))
    return union_all(*parts).cte() if parts else None
