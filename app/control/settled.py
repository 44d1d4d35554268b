"""What the rules stand on: how the school keeps them, its terms and holidays; all of it in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app
from sqlalchemy import Boolean, Date, Integer, String, cast, literal, null, select, union_all
from sqlalchemy.orm import Session

from app.config import Grading
from app.control.duties import Agreed, Calendar, Span, TermDays
from app.control.rules import RULES, Rule
from app.models import AcademicYear, ExcusedPeriod, Holiday, RuleSetting, Term
from app.models.people import TermKind
from app.policy.scopes import table_of

COLUMNS: dict[str, Any] = {
    "word": String(40), "is_on": Boolean(), "first": Date(), "last": Date(), "year_first": Date(), "year_last": Date(),
    "a": Integer(), "b": Integer(), "c": Integer(),
}  # fmt: skip
"""What the rows have in common; which of them stands for what is said where they are written."""
KINDS = {kind.value: kind for kind in TermKind}


@dataclass(frozen=True)
class Settled:
    """``rules`` as the school keeps them, by their keys; ``terms`` by year, division and number; the holidays of all
    years; since a day, the days that do not count for somebody."""

    rules: Mapping[str, Agreed]
    terms: Sequence[TermDays]
    calendar: Calendar
    excused: Sequence[Span]


def settled(session: Session, since: date) -> Settled:
    """Everything at once; the least number of marks is that of the proposals, unless the school sets another."""
    of_kind: dict[str, list[Any]] = {"rule": [], "term": [], "holiday": [], "excused": []}
    for row in session.execute(union_all(*_parts(since))):
        of_kind[row.part].append(row)
    minimum = Grading.of(current_app.config).minimum
    settings = {row.word: row for row in of_kind["rule"]}
    terms = [
        TermDays(row.a, row.b, KINDS[row.word], row.c, row.first, row.last, row.year_first, row.year_last)
        for row in of_kind["term"]
    ]
    return Settled(
        {key: _agreed(rule, settings.get(key), minimum) for key, rule in RULES.items()},
        sorted(terms, key=lambda term: (term.academic_year_id, term.kind.value, term.number)),
        Calendar(sorted((row.first, row.last) for row in of_kind["holiday"])),
        [(row.first, row.last) for row in of_kind["excused"]],
    )


def _parts(since: date) -> list[Any]:
    rule = _part("rule", word=RuleSetting.rule, is_on=RuleSetting.is_on, a=RuleSetting.days, b=RuleSetting.minimum,
                 c=RuleSetting.remind_days)  # fmt: skip
    term = _part(
        "term", word=cast(Term.kind, String(40)), first=Term.starts_on, last=Term.ends_on,
        year_first=AcademicYear.starts_on, year_last=AcademicYear.ends_on, a=Term.id, b=Term.academic_year_id,
        c=Term.number,
    ).join(AcademicYear, AcademicYear.id == Term.academic_year_id)  # fmt: skip
    holiday = _part("holiday", first=Holiday.starts_on, last=Holiday.ends_on)
    # Of the table itself: that somebody's days do not count is no news, only why.
    period = table_of(ExcusedPeriod).c
    excused = _part("excused", first=period.starts_on, last=period.ends_on).where(period.ends_on >= since).distinct()
    return [rule, term, holiday, excused]


def _part(name: str, **given: Any) -> Any:
    nothing = ((column, cast(null(), kind)) for column, kind in COLUMNS.items())
    columns = (given.get(column, absent).label(column) for column, absent in nothing)
    return select(literal(name).label("part"), *columns)


def _agreed(rule: Rule, setting: Any, minimum: int) -> Agreed:
    usual = Agreed(True, rule.days or 0, minimum if rule.has_minimum else 0, rule.remind_days)
    if setting is None:
        return usual
    return Agreed(
        setting.is_on,
        usual.days if setting.a is None or rule.days is None else setting.a,
        setting.b if setting.b is not None and rule.has_minimum else usual.minimum,
        usual.remind_days if setting.c is None else setting.c,
    )
