"""How far the rules are kept, and where they are not: everything that the control page, the home pages and the weekly
list show. One statement for all rules, in the person's session, however many rows there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import policy
from app.control import counting
from app.control.duties import Agreed, Counts, State, Watch
from app.control.rules import RULES, Rule
from app.control.settled import settled
from app.models import Lesson, SchoolClass, Student, Subject, User

FOUR_WEEKS = timedelta(28)
YEAR = timedelta(366)


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
    known = settled(session, (first or last or today) - YEAR)
    if first is None:
        begun = [term.starts_on for term in known.terms if term.starts_on <= (last or today)]
        first = min(max(begun, default=today), (last or today) - FOUR_WEEKS)
    return Watch(
        first, min(last or today, today), today, now, zone, actor, known.calendar, known.rules, known.terms,
        known.excused, whom.get("grade"), whom.get("class_id"), whom.get("subject_id"), whom.get("teacher_id"),
    )  # fmt: skip


@dataclass(frozen=True)
class Survey:
    """How far each rule is kept, and how many open cases of each are up to whom (by rule and person)."""

    standings: Sequence[Standing]
    open: Mapping[str, Mapping[int, int]]


def standings(session: Session, watch: Watch, keys: Collection[str] | None = None) -> list[Standing]:
    """Every rule that is on and theirs to look at (those of ``keys``), in the order of the clauses; one statement."""
    return list(_survey(session, watch, keys, by_person=False).standings)


def survey(session: Session, watch: Watch, keys: Collection[str] | None = None) -> Survey:
    """The same, and whom the open cases are up to."""
    return _survey(session, watch, keys, by_person=True)


def _survey(session: Session, watch: Watch, keys: Collection[str] | None, *, by_person: bool) -> Survey:
    asked = theirs(watch, RULES if keys is None else keys)
    found = counting.count(session, watch, asked, by_person=by_person)
    return Survey(
        [_standing(rule, watch.rules[rule.key], found) for rule in asked],
        {rule.key: found.open.get(rule.key, {}) for rule in asked},
    )


def theirs(watch: Watch, keys: Collection[str]) -> list[Rule]:
    """Those of the rules that are on and the person's to look at, in the order of the clauses."""
    return [rule for key, rule in RULES.items() if key in keys and watch.rules[key].is_on and rule.is_for(watch.actor)]


def _standing(rule: Rule, agreed: Agreed, found: counting.Found) -> Standing:
    days = found.days.get(rule.key, {})
    whole = sum(days.values(), Counts())
    weeks = _weeks(found.weeks.get(rule.key, {}) if rule.is_state else days)
    oldest = min((day for day, counts in days.items() if counts.open and day), default=None)
    return Standing(rule, agreed, whole.due, whole.kept, whole.late, whole.open, weeks, oldest)


def _weeks(days: Mapping[date | None, Counts]) -> list[Week]:
    weeks: dict[date, Counts] = defaultdict(Counts)
    for day, counts in days.items():
        if day is not None:
            weeks[day - timedelta(day.weekday())] += counts
    return [Week(monday, weeks[monday].due, weeks[monday].kept) for monday in sorted(weeks)]


def breaches(session: Session, watch: Watch, key: str, offset: int = 0, limit: int | None = None) -> list[Breach]:
    """Cases of a rule that are not done, the oldest first; none of a rule that is off or not theirs to look at."""
    return _open(session, watch, theirs(watch, [key]), offset, limit)


def open_cases(session: Session, watch: Watch, keys: Collection[str]) -> list[Breach]:
    """All cases of several rules that are not done, rule by rule; one statement."""
    return _open(session, watch, theirs(watch, keys), 0, None)


def _open(session: Session, watch: Watch, rules: Sequence[Rule], offset: int, limit: int | None) -> list[Breach]:
    """With the names of what they are about, as far as the person sees them."""
    cases = counting.all_cases(watch, rules)
    if cases is None:
        return []
    order = (
        cases.c.place, cases.c.day, cases.c.school_class_id, cases.c.lesson_id, cases.c.student_id, cases.c.user_id
    )  # fmt: skip
    found = (
        select(cases, User, SchoolClass, Subject, Student, Lesson.number)
        .outerjoin(User, User.id == cases.c.user_id)
        .outerjoin(SchoolClass, SchoolClass.id == cases.c.school_class_id)
        .outerjoin(Subject, Subject.id == cases.c.subject_id)
        .outerjoin(Student, Student.id == cases.c.student_id)
        .outerjoin(Lesson, Lesson.id == cases.c.lesson_id)
        .where(cases.c.state == State.OPEN.sql)
        .order_by(*order)
        .offset(offset)
        .limit(limit)
    )
    return [_breach(rules[row.place], watch, row) for row in session.execute(found)]


def _breach(rule: Rule, watch: Watch, row: Any) -> Breach:
    due = watch.calendar.due(row.day, watch.rules[rule.key].days) if row.day and rule.days is not None else row.day
    return Breach(
        rule, row.day, due, (watch.today - due).days if due else None,
        row.user_id, _name(row.User), row.school_class_id, _name(row.SchoolClass), _name(row.Subject),
        row.student_id, _name(row.Student), row.lesson_id, row.number, row.teaching_assignment_id, row.term_id,
    )  # fmt: skip


def _name(row: Any) -> str:
    return str(row) if row is not None else ""


def people(session: Session, watch: Watch, key: str) -> list[Concerned]:
    """Whom the open cases of a rule are up to, most cases first."""
    return concerned(session, survey(session, watch, [key])).get(key, [])


def concerned(session: Session, survey: Survey, known: Iterable[User] = ()) -> dict[str, list[Concerned]]:
    """Whom the open cases of each rule are up to, most cases first, as far as the person sees them.

    One statement, none where all of them are ``known``.
    """
    users = {user.id: user for user in known}
    others = {user_id for some in survey.open.values() for user_id in some} - users.keys()
    if others:
        users |= {user.id: user for user in session.scalars(select(User).where(User.id.in_(others)))}
    return {
        key: [
            Concerned(user_id, str(users[user_id]), number)
            for user_id, number in sorted(some.items(), key=lambda each: _place(users.get(each[0]), each[1]))
            if user_id in users
        ]
        for key, some in survey.open.items()
    }


def _place(user: User | None, number: int) -> tuple[int, str]:
    return -number, user.sort_name if user is not None else ""


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
    "Breach", "Concerned", "Standing", "Survey", "Week", "breaches", "concerned", "open_cases", "own", "own_watch",
    "people", "standings", "survey", "watch",
]  # fmt: skip
