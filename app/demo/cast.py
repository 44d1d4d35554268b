"""Which people of the demo school can sign in."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from app.demo.population import Child, Family, Population
from app.demo.sizes import ClassPlan
from app.demo.staff import Teacher, Week
from app.demo.subjects import ENGLISH, HISTORY, MATHS, PRIMARY, RUSSIAN

KNOWN_SUBJECTS = (MATHS, RUSSIAN, HISTORY, ENGLISH)


@dataclass(frozen=True)
class Cast:
    """``class_teacher`` leads ``led`` and teaches there and elsewhere; ``teacher`` leads none.

    The first guardian of ``family`` has children in different classes; ``student`` is the elder of them.
    """

    class_teacher: Teacher
    led: ClassPlan
    teacher: Teacher
    family: Family

    @property
    def student(self) -> Child:
        """The child who can sign in."""
        return min(self.family.children, key=lambda child: child.born)


def choose(
    weeks: dict[ClassPlan, Week], specialties: list[str], staff: list[list[Teacher]], population: Population
) -> Cast:
    """The people of a building who show most: those with many classes, subjects everybody knows, and two children.

    ``weeks`` are those of the current year.
    """
    taught: defaultdict[int, set[ClassPlan]] = defaultdict(set)
    for plan, week in weeks.items():
        for post in week.posts.values():
            taught[post].add(plan)

    def shows(post: int) -> tuple[bool, int]:
        return specialties[post] in KNOWN_SUBJECTS and len(taught[post]) > 2, len(taught[post])

    led = max((plan for plan in weeks if plan.grade >= 5), key=lambda plan: (shows(weeks[plan].leader), -plan.index))
    leaders = {week.leader for week in weeks.values()}
    free = [post for post in taught if post not in leaders and specialties[post] != PRIMARY]
    teacher = max(free, key=lambda post: (shows(post), -post))
    return Cast(staff[weeks[led].leader][0], led, staff[teacher][0], _family(population, led, taught[teacher]))


def _family(population: Population, led: ClassPlan, taught: set[ClassPlan]) -> Family:
    """One with two children in different classes all year, if it can be in the led class and in one that is taught."""
    classes: defaultdict[Family, dict[ClassPlan, None]] = defaultdict(dict)
    for plan, places in population.places.items():
        if plan.year == led.year:
            for place in places:
                if place.left is None and place.came.month == 9:
                    classes[place.child.family][plan] = None
    return max(
        (family for family, mine in classes.items() if len(mine) == 2),
        key=lambda family: (led in classes[family], bool(taught & classes[family].keys()), len(family.guardians)),
    )
