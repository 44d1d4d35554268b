"""How far the rules are kept, and where they are not: everything that the control page, the home pages and the weekly
list show. One statement a rule, in the person's session, however many rows there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import policy
from app.config import Grading
from app.control.duties import Agreed, Calendar, State, Watch
from app.control.rules import RULES, Rule
from app.models import Holiday, Lesson, RuleRecord, RuleSetting, SchoolClass, Student, Subject, Term, User

FOUR_WEEKS = timedelta(28)


@dataclass(frozen=True)
class Week:
    """Of the cases of a week (from its Monday), how many were kept."""

    monday: date
    due: int
    kept: int

    @property
    def percent(self) -> float | None:
        """Of a hundred cases; None of none."""
        return _percent(self.kept, self.due)


@dataclass(frozen=True)
class Standing:
    """How far a rule is kept: of ``due`` cases ``kept`` in time, ``late`` done later, ``open`` not done, the oldest of
    these about the day ``oldest``."""

    rule: Rule
    agreed: Agreed
    due: int
    kept: int
    late: int
    open: int
    weeks: Sequence[Week]
    oldest: date | None = None

    @property
    def percent(self) -> float | None:
        """Kept of a hundred cases; None where nothing was due."""
        return _percent(self.kept, self.due)


@dataclass(frozen=True)
class Breach:
    """A case that is not done: what it is about, since how many days it is overdue, and whom it is up to.

    Names are empty, and numbers None, for what a case does not have.
    """

    rule: Rule
    day: date | None
    due: date | None
    age: int | None
    user_id: int | None
    person: str
    class_id: int | None
    class_name: str
    subject: str
    student_id: int | None
    student: str
    lesson_id: int | None
    lesson_number: int | None
    assignment_id: int | None
    term_id: int | None


@dataclass(frozen=True)
class Concerned:
    """Somebody whom open cases are up to."""

    user_id: int
    name: str
    open: int


def agreed(session: Session) -> dict[str, Agreed]:
    """Every rule as the school keeps it; the least number of marks is that of the proposals, unless set here."""
    settings = {row.rule: row for row in session.scalars(select(RuleSetting))}
    minimum = Grading.of(current_app.config).minimum
    return {key: _agreed(rule, settings.get(key), minimum) for key, rule in RULES.items()}


def _agreed(rule: Rule, setting: RuleSetting | None, minimum: int) -> Agreed:
    usual = Agreed(True, rule.days or 0, minimum if rule.has_minimum else 0, rule.remind_days)
    if setting is None:
        return usual
    return Agreed(
        setting.is_on,
        usual.days if setting.days is None or rule.days is None else setting.days,
        setting.minimum if setting.minimum is not None and rule.has_minimum else usual.minimum,
        usual.remind_days if setting.remind_days is None else setting.remind_days,
    )


def watch(
    session: Session, actor: policy.Actor | None, zone: ZoneInfo, *, today: date | None = None,
    now: datetime | None = None, first: date | None = None, last: date | None = None, **whom: int | None,
) -> Watch:  # fmt: skip
    """What is to be looked at: usually the term that lasts (or lasted last) up to today, at least four weeks.

    ``whom``: grade, class_id, subject_id, teacher_id. Without a person (``actor`` None) the day and moment are given.
    """
    today, now = (actor.today, actor.now) if actor else (today, now)
    if today is None or now is None:
        raise ValueError("without a person the day and the moment are to be given")
    if first is None:
        begun = select(func.max(Term.starts_on)).where(Term.starts_on <= (last or today))
        start = session.scalar(begun)
        first = min(start or today, (last or today) - FOUR_WEEKS)
    spans = tuple((row.starts_on, row.ends_on) for row in session.scalars(select(Holiday)))
    return Watch(first, min(last or today, today), today, now, zone, actor, Calendar(spans), **whom)


def standings(session: Session, watch: Watch, keys: Collection[str] | None = None) -> list[Standing]:
    """Every rule that is on and theirs to look at (those of ``keys``), in the order of the clauses."""
    known = agreed(session)
    return [
        _standing(session, watch, RULES[key], known[key])
        for key in RULES
        if known[key].is_on and (keys is None or key in keys) and RULES[key].is_for(watch.actor)
    ]


def _standing(session: Session, watch: Watch, rule: Rule, agreed: Agreed) -> Standing:
    days = list(_by_day(session, watch, rule, agreed))
    sums: dict[State, int] = defaultdict(int)
    for _day, state, number in days:
        sums[state] += number
    weeks = _recorded(session, watch, rule) if rule.is_state else _weeks(days)
    kept, late, still_open = sums[State.KEPT], sums[State.LATE], sums[State.OPEN]
    oldest = min((day for day, state, _number in days if state is State.OPEN and day), default=None)
    return Standing(rule, agreed, kept + late + still_open, kept, late, still_open, weeks, oldest)


def _by_day(session: Session, watch: Watch, rule: Rule, agreed: Agreed) -> Iterable[tuple[date | None, State, int]]:
    """How many cases of which state each day has."""
    if rule.by_day is not None:
        return [(day, state, 1) for day, state in rule.by_day(session, watch, agreed)]
    cases = _cases(session, watch, rule, agreed)
    if cases is None:
        return []
    counted = select(cases.c.day, cases.c.state, func.count()).group_by(cases.c.day, cases.c.state)
    return [(day, State(state), number) for day, state, number in session.execute(counted)]


def _cases(session: Session, watch: Watch, rule: Rule, agreed: Agreed) -> Any:
    duties = rule.duties(session, watch, agreed) if rule.duties else None
    return duties.subquery() if duties is not None else None


def _weeks(days: Iterable[tuple[date | None, State, int]]) -> list[Week]:
    due: dict[date, int] = defaultdict(int)
    kept: dict[date, int] = defaultdict(int)
    for day, state, number in days:
        if day is not None:
            monday = day - timedelta(day.weekday())
            due[monday] += number
            kept[monday] += number if state is State.KEPT else 0
    return [Week(monday, due[monday], kept[monday]) for monday in sorted(due)]


def _recorded(session: Session, watch: Watch, rule: Rule) -> list[Week]:
    """What the worker has measured week by week."""
    rows = (
        select(RuleRecord.week, func.sum(RuleRecord.due), func.sum(RuleRecord.kept))
        .outerjoin(SchoolClass, SchoolClass.id == RuleRecord.school_class_id)
        .where(RuleRecord.rule == rule.key, RuleRecord.week.between(watch.first - timedelta(6), watch.last))
        .group_by(RuleRecord.week)
        .order_by(RuleRecord.week)
    )
    for value, only in (
        (SchoolClass.grade, watch.grade), (SchoolClass.id, watch.class_id),
        (SchoolClass.class_teacher_id, watch.teacher_id),
    ):  # fmt: skip
        if only is not None:
            rows = rows.where(value == only)
    return [Week(*row) for row in session.execute(rows)]


def breaches(session: Session, watch: Watch, key: str, offset: int = 0, limit: int | None = None) -> list[Breach]:
    """Cases of a rule that are not done, the oldest first; none of a rule that is off or not theirs to look at."""
    rule, known = RULES[key], agreed(session)[key]
    if not known.is_on or not rule.is_for(watch.actor):
        return []
    rows = _open_rows(session, watch, rule, known, offset, limit)
    names = _names(session, rows)
    return [_breach(rule, known, watch, row, names) for row in rows]


def open_cases(session: Session, watch: Watch, keys: Collection[str]) -> list[Breach]:
    """All cases of several rules that are not done, rule by rule; names are asked for once."""
    known = agreed(session)
    wanted = [RULES[key] for key in keys if known[key].is_on and RULES[key].is_for(watch.actor)]
    found = [(rule, row) for rule in wanted for row in _open_rows(session, watch, rule, known[rule.key], 0, None)]
    names = _names(session, [row for _rule, row in found])
    return [_breach(rule, known[rule.key], watch, row, names) for rule, row in found]


def _open_rows(
    session: Session, watch: Watch, rule: Rule, known: Agreed, offset: int, limit: int | None
) -> list[dict[str, Any]]:
    if rule.by_day is not None:
        days = [day for day, state in rule.by_day(session, watch, known) if state is State.OPEN]
        return [{"day": day} for day in days[offset:][:limit]]
    cases = _cases(session, watch, rule, known)
    if cases is None:
        return []
    order = (cases.c.day, cases.c.school_class_id, cases.c.lesson_id, cases.c.student_id, cases.c.user_id)
    found = select(cases).where(cases.c.state == State.OPEN.value).order_by(*order).offset(offset).limit(limit)
    return [dict(row) for row in session.execute(found).mappings()]


def _names(session: Session, rows: Sequence[dict[str, Any]]) -> dict[tuple[type[Any], int], Any]:
    """The rows that the cases name, as far as the person sees them; one statement a table."""
    found: dict[tuple[type[Any], int], Any] = {}
    for model, column in MODELS.items():
        ids = {row[column] for row in rows if row.get(column) is not None}
        if ids:
            found |= {(model, each.id): each for each in session.scalars(select(model).where(model.id.in_(ids)))}
    return found


MODELS: dict[type[Any], str] = {
    User: "user_id", SchoolClass: "school_class_id", Subject: "subject_id", Student: "student_id", Lesson: "lesson_id",
}  # fmt: skip


def _breach(
    rule: Rule, known: Agreed, watch: Watch, row: dict[str, Any], names: dict[tuple[type[Any], int], Any]
) -> Breach:
    def name(model: type[Any]) -> str:
        return str(names.get((model, row.get(MODELS[model]) or 0), ""))

    day = row.get("day")
    due = watch.calendar.due(day, known.days) if day and rule.days is not None else day
    lesson = names.get((Lesson, row.get("lesson_id") or 0))
    return Breach(
        rule, day, due, (watch.today - due).days if due else None,
        row.get("user_id"), name(User), row.get("school_class_id"), name(SchoolClass), name(Subject),
        row.get("student_id"), name(Student), row.get("lesson_id"), lesson.number if lesson else None,
        row.get("teaching_assignment_id"), row.get("term_id"),
    )  # fmt: skip


def people(session: Session, watch: Watch, key: str) -> list[Concerned]:
    """Whom the open cases of a rule are up to, most cases first."""
    rule, known = RULES[key], agreed(session)[key]
    cases = _cases(session, watch, rule, known) if known.is_on and rule.is_for(watch.actor) else None
    if cases is None:
        return []
    number = func.count()
    rows = (
        select(User, number)
        .join(cases, cases.c.user_id == User.id)
        .where(cases.c.state == State.OPEN.value)
        .group_by(User.id)
        .order_by(number.desc(), User.sort_name)
    )
    return [Concerned(user.id, str(user), count) for user, count in session.execute(rows)]


def own_watch(session: Session, actor: policy.Actor, zone: ZoneInfo) -> Watch:
    """What is up to the person, in the usual days."""
    return replace(watch(session, actor, zone), teacher_id=actor.user_id)


def own(session: Session, actor: policy.Actor, zone: ZoneInfo) -> list[Standing]:
    """Rules with open cases that are up to the person."""
    mine = own_watch(session, actor, zone)
    keys = [key for key, rule in RULES.items() if rule.reminds]
    return [standing for standing in standings(session, mine, keys) if standing.open]


def _percent(kept: int, due: int) -> float | None:
    return 100 * kept / due if due else None


__all__ = [
    "Breach", "Concerned", "Standing", "Week", "agreed", "breaches", "open_cases", "own", "own_watch", "people",
    "standings", "watch",
]  # fmt: skip
