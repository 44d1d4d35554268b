"""Families and children: who is in which class in which year, and who their guardians are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from app.demo.names import DAUGHTERS, FAMILIES, FATHERS, SONS, Name, adult, family_name, patronymic
from app.demo.sizes import ClassPlan
from app.models.people import Relation

CAME, LEFT = 0.015, 0.015
"""Parts of a class that come new and that leave in a year, each of them half in summer."""


@dataclass(eq=False)
class Guardian:
    """A guardian; ``user_id`` is the row's."""

    name: Name
    relation: Relation
    is_female: bool
    user_id: int = 0


@dataclass(eq=False)
class Family:
    """Children with the same guardians; ``family`` is the men's form of their name."""

    family: str
    father: str
    guardians: list[Guardian]
    children: list[Child] = field(default_factory=list)


@dataclass(eq=False)
class Child:
    """A student; ``strength`` is 0 for a middling one, about -2 for the weakest, 2 for the strongest."""

    name: Name
    is_female: bool
    born: date
    entered: int
    strength: float
    family: Family
    student_id: int = 0


@dataclass(eq=False)
class Place:
    """A child's membership of a class in one year; ``left`` is the last day of one who left during it."""

    child: Child
    came: date
    left: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the child is in the class that day."""
        return self.came <= day and (self.left is None or day <= self.left)


class Population:
    """The children of one building, made backwards from the current year's classes."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.families: list[Family] = []
        self.places: dict[ClassPlan, list[Place]] = {}
        self._known: set[tuple[Name, date]] = set()

    @property
    def children(self) -> list[Child]:
        """All of them, in the order of their families."""
        return [child for family in self.families for child in family.children]

    def settle(self, classes: dict[ClassPlan, int], days: tuple[date, date]) -> None:
        """Fill the current year's classes to their sizes; ``days`` are its first day and today."""
        for plan, size in sorted(classes.items(), key=lambda pair: (-pair[0].grade, pair[0].index)):
            children = [self._child(plan.entered, number < 3) for number in range(size)]
            self.places[plan] = self._year(plan, children, days)

    def settle_before(self, classes: Iterable[ClassPlan], size: int, days: tuple[date, date]) -> None:
        """Fill the classes of the year before one that is filled; ``days`` are its first and last day."""
        later: defaultdict[int, dict[int, list[Child]]] = defaultdict(dict)
        year = days[0].year
        for plan, places in self.places.items():
            if plan.year == year + 1:
                stayed = [p.child for p in places if p.came == date(year + 1, 9, 1)]
                later[plan.entered][plan.index] = [c for c in stayed if self.random.random() > CAME / 2]
        by_cohort: defaultdict[int, list[ClassPlan]] = defaultdict(list)
        for plan in classes:
            by_cohort[plan.entered].append(plan)
        for entered, plans in sorted(by_cohort.items()):
            lists = self._dealt(plans, later.get(entered, {}))
            for plan, children in zip(plans, lists, strict=True):
                leavers = self.random.randrange(3) if children else 0
                missing = max(leavers, size + self.random.randrange(-2, 3) - len(children) if self._parts(plans) else 0)
                children += [self._child(entered, False) for _ in range(missing)]
                self.places[plan] = self._year(plan, children, days)

    @staticmethod
    def _parts(plans: list[ClassPlan]) -> bool:
        """Whether many leave after the year: grades 9 and 11."""
        return plans[0].grade in (9, 11)

    def _dealt(self, plans: list[ClassPlan], later: dict[int, list[Child]]) -> list[list[Child]]:
        """The later year's classes as they were; mixed when the cohort had another number of classes."""
        if len(plans) == len(later):
            return [list(later[plan.index]) for plan in plans]
        pool = [child for children in later.values() for child in children]
        self.random.shuffle(pool)
        return [pool[plan.index :: len(plans)] for plan in plans]

    def _year(self, plan: ClassPlan, children: list[Child], days: tuple[date, date]) -> list[Place]:
        """Places of those who are there at the end, some of whom came late, and of some who left meanwhile."""
        first, last = days
        length = (last - first).days
        places = []
        for child in children:
            late = length > 40 and self.random.random() < CAME
            places.append(Place(child, first + timedelta(self.random.randrange(20, length) if late else 0)))
        if length > 40 and self.random.random() < LEFT * len(children):
            gone = first + timedelta(self.random.randrange(20, length))
            places.append(Place(self._child(plan.entered, False), first, gone))
        return places

    def _child(self, entered: int, must_have_siblings: bool) -> Child:
        sibling = must_have_siblings or self.random.random() < 0.2
        family = (self._with_room(entered) if sibling else None) or self._family()
        while True:
            child = self._newborn(family, entered)
            if (child.name, child.born) not in self._known:
                break
        self._known.add((child.name, child.born))
        family.children.append(child)
        return child

    def _newborn(self, family: Family, entered: int) -> Child:
        random = self.random
        is_female = random.random() < 0.5
        taken = {child.name.given for child in family.children}
        given = random.choice([name for name in (DAUGHTERS if is_female else SONS) if name not in taken])
        name = Name(family_name(family.family, is_female), given, patronymic(family.father, is_female))
        born = date(entered - 8, 11, 15) + timedelta(random.randrange(400))
        return Child(name, is_female, born, entered, random.gauss(0, 0.72), family)

    def _with_room(self, entered: int) -> Family | None:
        """A family with children of at least two years more or less, and fewer than three."""
        for _ in range(20):
            if not self.families:
                return None
            family = self.random.choice(self.families)
            if len(family.children) < 3 and all(abs(child.entered - entered) >= 2 for child in family.children):
                return family
        return None

    def _family(self) -> Family:
        random = self.random
        family, father = random.choice(FAMILIES), random.choice(tuple(FATHERS))
        kind = random.random()
        guardians = []
        if kind < 0.97:
            mother = adult(random, True, family if random.random() < 0.85 else None)
            guardians.append(Guardian(mother, Relation.MOTHER, True))
        if kind < 0.80 or kind >= 0.985:
            other = adult(random, False, family)
            guardians.append(Guardian(Name(other.family, father, other.patronymic), Relation.FATHER, False))
        if not guardians or random.random() < 0.01:
            guardians.append(Guardian(adult(random, True), Relation.GUARDIAN, True))
        made = Family(family, father, guardians)
        self.families.append(made)
        return made
