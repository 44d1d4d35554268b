"""Counts of the whole school that are kept, so that nobody counts a term's lessons again to look at a page.

A part is a day of the rules about lessons, or a class of the rules about students. Its counts hold as long as nothing
was written that they are made of (triggers note that as ``RuleTouch``, in the transaction of the write) and the
``basis`` is the same: the school's terms of the rule, its holidays, today. What does not hold is counted from its rows
by whoever asks, so that figures are always those of the moment; the worker keeps the new counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    True_,
    and_,
    cast,
    delete,
    exists,
    insert,
    literal,
    null,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from app import models, policy
from app.control import lessons, students, terms
from app.control.duties import Agreed, Counts, State, Watch, sum_of
from app.control.rules import Rule
from app.control.tables import texts
from app.models import AcademicYear, RuleCount, RuleTouch, SchoolClass
from app.policy import Action
from app.policy.kept import open_criterion
from app.policy.scopes import table_of

OF_CLASSES: Mapping[str, Callable[[Watch, Agreed], object]] = {
    "data": students.basis, "guardians": students.basis, "visits": students.basis_of_visits, "enough": terms.basis,
    "finals": terms.basis_of_finals,
}  # fmt: skip
"""Rules whose parts are classes, and what makes their basis; those about lessons have days."""

TOUCHED_BY = {
    "data": ("student",), "guardians": ("student",), "visits": ("student", "visit"), "enough": ("student", "mark"),
    "finals": ("student", "final"), **dict.fromkeys(lessons.CLAUSES, ("lesson",)),
}  # fmt: skip
"""Which kinds of ``RuleTouch`` mean a rule."""

SEEN = (
    models.Account, models.DiaryVisit, models.Enrollment, models.FinalMark, models.Guardianship, models.HomeworkFile,
    models.Lesson, models.Mark, models.RollCall, models.SchoolClass, models.Student, models.StudentDetails,
    models.StudentHomework, models.StudyGroup, models.StudyGroupMember, models.TeachingAssignment, models.User,
    models.Work,
)  # fmt: skip
"""What the counts are made of."""
FORGOTTEN = timedelta(400)
"""Counts of days before are taken away: they are looked at no more."""
TURN = "turn"  # stands in the place of a rule


@dataclass(frozen=True)
class Standing:
    """What of the kept counts holds for a watch: days of the rules about lessons (of all that are asked for), and by
    rule about classes its basis, the parts that do not hold though they are kept (None: all), and the classes that are
    to be counted."""

    days: frozenset[date]
    bases: Mapping[str, str]
    touched: Mapping[str, Sequence[str] | None]
    stale: Mapping[str, Sequence[int]]


def holds_for(watch: Watch) -> bool:
    """Whether kept counts can say what the watch asks: of the whole school, for who sees all of it."""
    return watch.is_whole and (watch.actor is None or _sees_all(watch.actor))


def _sees_all(actor: policy.Actor) -> bool:
    criteria = [open_criterion(actor.standing, model, Action.SEE) for model in SEEN]
    criteria.append(open_criterion(actor.standing, models.Guardianship, Action.CREATE))
    return all(isinstance(each, True_) for each in criteria)


def standing(session: Session, watch: Watch, rules: Sequence[Rule]) -> Standing:
    """What holds now of the counts of ``rules``; one statement."""
    of_days = {rule.key: watch.rules[rule.key] for rule in rules if rule.key in lessons.CLAUSES}
    bases = _bases(watch, rules)
    expected = {(key, day): basis for key, agreed in of_days.items() for day, basis in _of_days(watch, key, agreed)}
    touches: list[tuple[str | None, str | None]] = []
    kept, stale = set[tuple[str, date]](), defaultdict[str, list[int]](list)
    for what, key, part, basis in session.execute(union_all(*_asked(watch, of_days, bases))):
        if what == "touch":
            touches.append((key, part))
        elif what == "class":
            stale[key].append(int(part))
        elif expected.get((key, date.fromisoformat(part))) == basis:
            kept.add((key, date.fromisoformat(part)))
    touched_days = _touched(touches, "topics")  # the same for all of them
    holding = () if touched_days is None else (day for day in watch.days if day.isoformat() not in touched_days)
    return Standing(
        frozenset(day for day in holding if all((key, day) in kept for key in of_days)) if of_days else frozenset(),
        bases, {key: _touched(touches, key) for key in bases}, stale,
    )  # fmt: skip


def _touched(touches: Sequence[tuple[str | None, str | None]], key: str) -> list[str] | None:
    """The parts of a rule that were touched; None of all of them."""
    parts = [part for kind, part in touches if kind is None or kind in TOUCHED_BY[key]]
    return None if None in parts else [part for part in parts if part is not None]


def _asked(watch: Watch, of_days: Mapping[str, Agreed], bases: Mapping[str, str]) -> Iterator[Any]:
    yield select(literal("touch").label("what"), RuleTouch.kind, RuleTouch.part, null()).distinct()
    if of_days:
        count = RuleCount
        yield select(literal("day"), count.rule, count.part, count.basis).where(
            count.rule.in_(of_days), count.part.in_(texts(day.isoformat() for day in watch.days)),
            count.person.is_(None),
        )  # fmt: skip
    for key, basis in bases.items():
        yield _classes_to_count(watch, key, basis)


def _classes_to_count(watch: Watch, key: str, basis: str) -> Any:
    """Classes of the years that the rules look at whose counts are not there, or were touched."""
    years = {term.academic_year_id for term in terms.looked_at(watch)}
    part = cast(SchoolClass.id, String)
    kept = exists().where(
        RuleCount.rule == key, RuleCount.part == part, RuleCount.basis == basis, RuleCount.person.is_(None)
    )
    means = and_(
        or_(RuleTouch.part == part, RuleTouch.part.is_(None)),
        or_(RuleTouch.kind.in_(TOUCHED_BY[key]), RuleTouch.kind.is_(None)),
    )
    return (
        select(literal("class"), literal(key), part, null())
        .join(AcademicYear, AcademicYear.id == SchoolClass.academic_year_id)
        .where(or_(AcademicYear.ends_on >= watch.today, AcademicYear.id.in_(years)), or_(~kept, exists().where(means)))
    )


def _bases(watch: Watch, rules: Sequence[Rule]) -> dict[str, str]:
    """Of the rules about classes that have cases now."""
    found = {}
    for rule in rules:
        if make := OF_CLASSES.get(rule.key):
            basis = make(watch, watch.rules[rule.key])
            if basis:
                found[rule.key] = _short(basis)
    return found


def _of_days(watch: Watch, key: str, agreed: Agreed) -> Iterator[tuple[date, str]]:
    cutoff = watch.calendar.cutoff(watch.today, agreed.days)
    return ((day, _short((key, *watch.deadline(day, agreed.days, cutoff)))) for day in watch.days)


def _short(basis: object) -> str:
    return blake2b(repr(basis).encode(), digest_size=12).hexdigest()


def sums(found: Standing, keys: Sequence[str], by_person: bool) -> Iterator[Any]:
    """The kept counts that hold, as statements of: rule, day, person, sum of states."""
    count = RuleCount
    of_days = [key for key in keys if key in lessons.CLAUSES]
    which: list[ColumnElement[bool]] = []
    if of_days and found.days:
        days = texts(sorted(day.isoformat() for day in found.days))
        which.append(and_(count.rule.in_(of_days), count.part.in_(days)))
    for key, basis in found.bases.items():
        if (touched := found.touched[key]) is not None:
            which.append(and_(count.rule == key, count.basis == basis, count.part.not_in(texts(touched))))
    nobody = cast(null(), Integer)
    for some in which:
        yield (
            select(count.rule, count.day, nobody.label("person"), sum_of(count.states))
            .where(some, count.person.is_(None))
            .group_by(count.rule, count.day)
        )
        if by_person:
            yield (
                select(count.rule, literal(None, RuleCount.day.type), count.person, sum_of(count.states))
                .where(some, count.person.is_not(None))
                .group_by(count.rule, count.person)
            )


@dataclass(frozen=True)
class Recount:
    """New counts, the parts whose place they take (by their rules), and the touches that were there before."""

    rows: Sequence[Mapping[str, Any]]
    parts: Sequence[tuple[Sequence[str], Sequence[str]]]
    touches: Sequence[int]
    turn: int
    before: date

    @property
    def number(self) -> int:
        """How many parts there are to write."""
        return sum(len(parts) for _keys, parts in self.parts)


def recount(session: Session, watch: Watch, rules: Sequence[Rule]) -> Recount:
    """Count what does not hold. ``session`` is one of ``policy.system()``, and is not written in."""
    turn = _turn(session)
    touches = session.scalars(select(RuleTouch.id)).all()  # before anything is counted: what comes later stays
    found = standing(session, watch, rules)
    of_days = {rule.key: watch.rules[rule.key] for rule in rules if rule.key in lessons.CLAUSES}
    rows: list[dict[str, Any]] = []
    parts: list[tuple[Sequence[str], Sequence[str]]] = []
    if of_days and (days := [str(day) for day in watch.days if day not in found.days]):
        parts.append((list(of_days), days))
        rows += _counted_days(session, watch, of_days, found.days)
    for rule in rules:
        if rule.key in found.bases:
            stale = list(found.stale.get(rule.key, ()))
            gone = [part for part in found.touched[rule.key] or () if int(part) not in stale]
            parts.append(([rule.key], [*map(str, stale), *gone]))
            rows += _counted_classes(session, watch, rule, found.bases[rule.key], stale) if stale else []
    return Recount(rows, parts, touches, turn, watch.today - FORGOTTEN)


def _turn(session: Session) -> int:
    """How often counts were written: who counted while somebody else wrote theirs has counted in vain."""
    return session.scalar(select(RuleCount.states).where(RuleCount.rule == TURN)) or 0


def write(session: Session, found: Recount) -> bool:
    """Keep the counts; nothing, where somebody else has kept some since these were counted. The caller commits."""
    count, touch = table_of(RuleCount), table_of(RuleTouch)
    connection = session.connection()
    if not found.turn:  # of two who are the first, one waits
        if connection.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE rule_count IN SHARE ROW EXCLUSIVE MODE"))
        first = select(literal(TURN), literal(""), literal(""), literal(0))
        missing = first.where(~exists().where(count.c.rule == TURN))
        connection.execute(insert(count).from_select(["rule", "part", "basis", "states"], missing))
    taken = update(count).where(count.c.rule == TURN, count.c.states == found.turn).values(states=found.turn + 1)
    if not connection.execute(taken).rowcount:
        return False
    for keys, parts in found.parts:
        connection.execute(delete(count).where(count.c.rule.in_(keys), count.c.part.in_(texts(parts))))
    if found.rows:
        connection.execute(insert(count), list(found.rows))
    of_days = count.c.rule.in_(tuple(lessons.CLAUSES))
    connection.execute(delete(count).where(of_days, count.c.part < found.before.isoformat()))
    if found.touches:
        connection.execute(delete(touch).where(cast(touch.c.id, String).in_(texts(map(str, found.touches)))))
    return True


def _counted_days(
    session: Session, watch: Watch, known: Mapping[str, Agreed], held: frozenset[date]
) -> list[dict[str, Any]]:  # fmt: skip
    part = replace(watch, without=held)
    all_: dict[tuple[str, date], Counts] = {(key, day): Counts() for key in known for day in part.days}
    of_person: dict[tuple[str, date, int], Counts] = defaultdict(Counts)
    for day, person, *states in session.execute(lessons.counts(part, known, by_person=True)):
        for key, some in zip(known, states, strict=True):
            if some:
                all_[key, day] += Counts.of(some)
                of_person[key, day, person] += Counts.of(some)
    basis = {(key, day): basis for key, agreed in known.items() for day, basis in _of_days(part, key, agreed)}
    return [
        *(_row(key, str(day), basis[key, day], day, None, some) for (key, day), some in all_.items()),
        *(_row(key, str(day), basis[key, day], None, person, Counts(open=some.open))
          for (key, day, person), some in of_person.items() if some.open and person is not None),
    ]  # fmt: skip


def _counted_classes(
    session: Session, watch: Watch, rule: Rule, basis: str, classes: Sequence[int]
) -> list[dict[str, Any]]:  # fmt: skip
    cases = rule.cases(replace(watch, only=classes), watch.rules[rule.key]).cte()
    columns = (cases.c.school_class_id, cases.c.day, cases.c.user_id)
    of_day: dict[int, dict[Any, Counts]] = {number: defaultdict(Counts) for number in classes}
    of_person: dict[tuple[int, int], Counts] = defaultdict(Counts)
    for number, day, person, states in session.execute(select(*columns, sum_of(cases.c.state)).group_by(*columns)):
        some = Counts.of(states)
        of_day[number][day] += some
        if person is not None and some.open:
            of_person[number, person] += Counts(open=some.open)
    return [
        *(_row(rule.key, str(number), basis, day, None, some)
          for number, days in of_day.items() for day, some in _by_day(rule, days)),
        *(_row(rule.key, str(number), basis, None, person, some) for (number, person), some in of_person.items()),
    ]  # fmt: skip


def _by_day(rule: Rule, days: Mapping[Any, Counts]) -> Sequence[tuple[date | None, Counts]]:
    """Of a rule about a state the days do not matter, but for the oldest that is open."""
    if not rule.is_state and days:
        return list(days.items())
    oldest = min((day for day, some in days.items() if some.open and day), default=None)
    return [(oldest, sum(days.values(), Counts()))]


def _row(key: str, part: str, basis: str, day: date | None, person: int | None, some: Counts) -> dict[str, Any]:
    states = some.kept * State.KEPT + some.late * State.LATE + some.open * State.OPEN
    return {"rule": key, "part": part, "basis": basis, "day": day, "person": person, "states": int(states)}


__all__ = ["Recount", "holds_for", "recount", "standing", "sums", "write"]
