"""How the school keeps the rules: what is usual, what it has settled otherwise, and taking what is entered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.config import Grading
from app.control.rules import RULES, Rule
from app.models import RuleSetting

LIMITS: dict[str, tuple[int, int]] = {
    name: RuleSetting.__table__.c[name].info["between"] for name in ("days", "minimum", "remind_days")
}
CHANGED_MEANWHILE = lazy_gettext(
    "Somebody changed this rule meanwhile. Nothing was saved: look at it anew and repeat your change."
)


class Kept(NamedTuple):
    """What the school has settled about a rule; None: as usual."""

    is_on: bool = True
    days: int | None = None
    minimum: int | None = None
    remind_days: int | None = None

    @property
    def word(self) -> str:
        """One line for a form that has to know from what it started."""
        return ",".join("" if part is None else str(int(part)) for part in self)


@dataclass(frozen=True)
class Line:
    """A rule on the page of settings: ``typed`` by the name of its parameters, which the rule has; ``usual`` values
    beside them, ``errors`` by the same names."""

    rule: Rule
    is_on: bool
    typed: Mapping[str, str]
    usual: Mapping[str, int]
    was: str
    errors: Mapping[str, str]


def lines(session: Session) -> list[Line]:
    """Every rule as it stands."""
    kept = _kept(session)
    return [
        Line(rule, kept[key].is_on, {name: _shown(getattr(kept[key], name)) for name in usual(rule)}, usual(rule),
             kept[key].word, {})
        for key, rule in RULES.items()
    ]  # fmt: skip


def usual(rule: Rule) -> dict[str, int]:
    """The parameters that the rule has, with their usual values."""
    found = {}
    if rule.days is not None:
        found["days"] = rule.days
    if rule.has_minimum:
        found["minimum"] = Grading.of(current_app.config).minimum
    if rule.reminds:
        found["remind_days"] = rule.remind_days
    return found


def take(session: Session, form: Mapping[str, str]) -> list[Line]:
    """Write what was changed on the page; nothing when a value is wrong, and then the lines with their errors.

    A rule that was left as it stood is not written: what somebody else has changed meanwhile stays. Empty is «as
    usual». The caller commits.
    """
    kept, read = _kept(session), [_read(rule, form) for rule in RULES.values()]
    wrong = any(line.errors for line, _wanted in read)
    for place, (line, wanted) in enumerate(read):
        if wanted.word != line.was and line.was != kept[line.rule.key].word:
            read[place], wrong = (_told(line, str(CHANGED_MEANWHILE)), wanted), True
    if wrong:
        return [line for line, _wanted in read]
    rows = {row.rule: row for row in session.scalars(select(RuleSetting))}
    for line, wanted in read:
        if wanted.word != line.was:
            row = rows.get(line.rule.key) or RuleSetting(rule=line.rule.key)
            row.is_on, row.days, row.minimum, row.remind_days = wanted
            session.add(row)
    session.flush()
    return []


def _kept(session: Session) -> dict[str, Kept]:
    rows = {row.rule: row for row in session.scalars(select(RuleSetting))}
    return {
        key: Kept(row.is_on, row.days, row.minimum, row.remind_days) if (row := rows.get(key)) else Kept()
        for key in RULES
    }


def _read(rule: Rule, form: Mapping[str, str]) -> tuple[Line, Kept]:
    """A rule as it was entered: with its errors, and what it would be."""
    typed = {name: " ".join(form.get(f"{rule.key}-{name}", "").split())[:12] for name in usual(rule)}
    errors = dict(_errors(typed))
    values = {name: int(text) for name, text in typed.items() if text and name not in errors}
    is_on = f"{rule.key}-is_on" in form
    sent = form.get(f"{rule.key}-was", "")
    was = sent if re.fullmatch(r"[\d,]{1,20}", sent, re.ASCII) else ""
    wanted = Kept(is_on, values.get("days"), values.get("minimum"), values.get("remind_days"))
    return Line(rule, is_on, typed, usual(rule), was, errors), wanted


def _errors(typed: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, text in typed.items():
        lowest, highest = LIMITS[name]
        if text and not (re.fullmatch(r"\d{1,4}", text, re.ASCII) and lowest <= int(text) <= highest):
            yield name, _("A whole number from %(lowest)s to %(highest)s, or nothing for the usual one.",
                          lowest=lowest, highest=highest)  # fmt: skip


def _told(line: Line, problem: str) -> Line:
    return Line(line.rule, line.is_on, line.typed, line.usual, line.was, {**line.errors, "rule": problem})


def _shown(value: int | None) -> str:
    return "" if value is None else str(value)
