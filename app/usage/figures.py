"""Figures of use out of parents: pure functions, so that class, school and list always agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from flask_babel import lazy_gettext

from app.models.columns import Titled
from app.usage.parents import STEPS, Parent, Step


class Absence(Titled):
    """Who does not come."""

    NEVER = "never", lazy_gettext("Never came")
    STOPPED = "stopped", lazy_gettext("Stopped coming")


Listed = Absence | Step
"""What a list of parents can be: who does not come, or who has come as far as a step and no further."""
LISTS: dict[str, Listed] = {each.value: each for each in (*Absence, *Step)}
USUAL_WEEKS = 3
MOST_WEEKS = 52


@dataclass(frozen=True)
class Figures:
    """Of ``total`` parents: how many stand at each step, never came, stopped coming."""

    total: int
    at: dict[Step, int]
    never: int
    stopped: int

    def reached(self, step: Step) -> int:
        """How many have come as far as ``step``, or further."""
        place = STEPS.index(step)
        return list(accumulate(self.at[each] for each in reversed(STEPS)))[len(STEPS) - 1 - place]

    def percent(self, number: int) -> float | None:
        """Of all parents; None without any."""
        return 100 * number / self.total if self.total else None

    def number(self, listed: Listed) -> int:
        """How long the list is."""
        if isinstance(listed, Step):
            return self.at[listed]
        return self.never if listed is Absence.NEVER else self.stopped


def figures(parents: Iterable[Parent], now: datetime, weeks: int) -> Figures:
    """Each parent once."""
    people = merged(parents)
    at = Counter(each.step for each in people)
    never = sum(is_on(each, Absence.NEVER, now, weeks) for each in people)
    stopped = sum(is_on(each, Absence.STOPPED, now, weeks) for each in people)
    return Figures(len(people), {step: at[step] for step in Step}, never, stopped)


def merged(parents: Iterable[Parent]) -> list[Parent]:
    """Each parent once, with the children of all classes; the class is the first one."""
    people: dict[int, Parent] = {}
    for each in parents:
        known = people.setdefault(each.user_id, each)
        if known is not each:
            last = max((at for at in (known.last_at, each.last_at) if at is not None), default=None)
            children = tuple(dict.fromkeys((*known.children, *each.children)))
            came = known.came_this_week or each.came_this_week
            people[each.user_id] = Parent(each.user_id, known.class_id, children, each.stage, last, came)
    return list(people.values())


def is_on(parent: Parent, listed: Listed, now: datetime, weeks: int) -> bool:
    """Whether the parent stands on a list; who was here, but not in the last ``weeks``, has stopped coming."""
    if listed is Absence.NEVER:
        return parent.last_at is None
    if listed is Absence.STOPPED:
        return parent.last_at is not None and parent.last_at < now - timedelta(weeks=weeks)
    return parent.step is listed


def by_class(parents: Sequence[Parent], now: datetime, weeks: int) -> dict[int, Figures]:
    """Of each class that has parents; who has children in two classes counts in both."""
    groups: dict[int, list[Parent]] = {}
    for each in parents:
        groups.setdefault(each.class_id, []).append(each)
    return {class_id: figures(some, now, weeks) for class_id, some in groups.items()}
