"""How far a person's reports reach: the whole school, the classes they lead, or the subjects they teach."""

from __future__ import annotations

from enum import Enum
from types import SimpleNamespace

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement

from app import policy
from app.models import FinalMark, RuleRecord, RuleSetting, SchoolClass, TeachingAssignment
from app.policy import Action, Actor


class Reach(Enum):
    """Of what a report can be made. What lies outside is no part of any figure in it."""

    SCHOOL = "school"
    LED = "led"  # every assignment of the classes the person leads
    OWN = "own"  # the assignments the person holds

    def __str__(self) -> str:
        return str(TITLES[self])


TITLES = {
    Reach.SCHOOL: lazy_gettext("The whole school"),
    Reach.LED: lazy_gettext("My class"),
    Reach.OWN: lazy_gettext("My subjects"),
}


def reaches(actor: Actor | None) -> list[Reach]:
    """Those that the person has, the widest first; none for who reads a diary only."""
    if policy.may(actor, RuleSetting, Action.CHANGE):
        return [Reach.SCHOOL]
    known = []
    if policy.may(actor, RuleRecord, Action.SEE):
        known.append(Reach.LED)
    if policy.may(actor, FinalMark, Action.CREATE):
        known.append(Reach.OWN)
    return known


def assignments_within(actor: Actor, reach: Reach) -> ColumnElement[bool]:
    """Assignments of which the person sees every mark of every student; joined with their class."""
    if reach is Reach.OWN:
        row = SimpleNamespace(teaching_assignment_id=TeachingAssignment.id)
        return policy.criterion(actor, FinalMark, Action.CREATE, row=row)
    return classes_within(actor)


def classes_within(actor: Actor) -> ColumnElement[bool]:
    """Classes of which the person sees everything: those they lead, all for who runs the school."""
    return policy.criterion(actor, RuleRecord, Action.SEE, row=SimpleNamespace(school_class_id=SchoolClass.id))
