"""Who teaches which class: posts of a building, filled so that nobody has too many hours."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from random import Random

from app.demo.names import Name, adult
from app.demo.sizes import ClassPlan
from app.demo.subjects import CRAFTS, PRIMARY, SPLIT, SPORT, subjects_of
from app.demo.timetable import Hour, Place, timetable

# Few enough that the smallest week, 20 places in grade 1, always has one for each lesson.
MOST_HOURS = 20


@dataclass(eq=False)
class Teacher:
    """A teacher, by the id of the user; lessons of the last ``unfilled_days`` wait to be written into the journal."""

    name: Name
    room: str
    unfilled_days: int
    user_id: int = 0


@dataclass(frozen=True)
class Week:
    """The timetable of one class: the post of every subject, what is held when, and the post that leads it."""

    posts: dict[str, int]
    hours: dict[Place, Hour]
    leader: int


@dataclass
class Posts:
    """The posts of a building through the years; every building of a school has the same ones.

    A cohort keeps its teachers from year to year while their hours allow it.
    """

    specialties: list[str] = field(default_factory=list)
    held: dict[tuple[int, int, str], int] = field(default_factory=dict)
    leaders: dict[tuple[int, int], int] = field(default_factory=dict)

    def weeks(self, classes: list[ClassPlan], random: Random) -> list[Week]:
        """The timetable of each of ``classes``, all of one building and year."""
        load: Counter[int] = Counter()
        held: dict[tuple[int, int, str], int] = {}
        # Who had the class last year goes first, so that a newcomer does not take the hours.
        for plan in sorted(classes, key=lambda plan: (-plan.grade, plan.index)):
            for specialty, hours in _hours(plan.grade).items():
                key = (plan.entered, plan.index, specialty)
                held[key] = post = self._post(self.held.get(key), specialty, hours, load)
                load[post] += hours
        self.held = held
        posts = [{s.name: held[p.entered, p.index, s.specialty] for s in subjects_of(p.grade)} for p in classes]
        needs = [
            [Hour(mine[s.name], s.name) for s in subjects_of(plan.grade) for _ in range(s.hours[plan.grade])]
            for plan, mine in zip(classes, posts, strict=True)
        ]
        placed = timetable(needs, random)
        leaders = self._lead(classes, posts)
        return [Week(mine, hours, led_by) for mine, hours, led_by in zip(posts, placed, leaders, strict=True)]

    def _lead(self, classes: list[ClassPlan], posts: list[dict[str, int]]) -> list[int]:
        """Who leads each class: last year's, then one who leads none, also teaches elsewhere, has many hours there."""
        everywhere = Counter(post for mine in posts for post in set(mine.values()))
        leaders: dict[tuple[int, int], int] = {}
        for plan, mine in zip(classes, posts, strict=True):
            key = (plan.entered, plan.index)
            here = Counter({mine[s.name]: 0 for s in subjects_of(plan.grade)})
            for subject in subjects_of(plan.grade):
                here[mine[subject.name]] += subject.hours[plan.grade]
            primary = [post for post in here if self.specialties[post] == PRIMARY]

            def fits(post: int, key: tuple[int, int] = key, here: Counter[int] = here) -> tuple[bool, bool, bool, int]:
                return (
                    post not in leaders.values(),
                    post == self.leaders.get(key),
                    everywhere[post] > 1,
                    here[post],
                )

            leaders[key] = max(primary or here, key=fits)
        self.leaders = leaders
        return list(leaders.values())

    def _post(self, last: int | None, specialty: str, hours: int, load: Counter[int]) -> int:
        if last is not None and load[last] + hours <= MOST_HOURS:
            return last
        free = [
            post for post, kind in enumerate(self.specialties) if kind == specialty and load[post] + hours <= MOST_HOURS
        ]
        if not free:
            self.specialties.append(specialty)
            return len(self.specialties) - 1
        return min(free, key=lambda post: (load[post], post))


def _hours(grade: int) -> dict[str, int]:
    hours: defaultdict[str, int] = defaultdict(int)
    for subject in subjects_of(grade):
        hours[subject.specialty] += subject.hours[grade]
    return hours


def hire(specialties: list[str], building: int, random: Random) -> list[list[Teacher]]:
    """The teachers of each post of a building: one, or two where they work in pairs, each with a room."""
    staff: list[list[Teacher]] = []
    gyms = 0
    for specialty in specialties:
        pair: list[Teacher] = []
        for half in range(2 if specialty in SPLIT else 1):
            is_female = half == 1 if specialty == CRAFTS else random.random() < (0.5 if specialty == SPORT else 0.9)
            gyms += specialty == SPORT
            room = f"Спортзал {gyms}" if specialty == SPORT else _room(building, len(staff) * 2 + half, specialty)
            pair.append(Teacher(adult(random, is_female), room, 14 if random.random() < 0.12 else 0))
        staff.append(pair)
    return staff


def _room(building: int, place: int, specialty: str) -> str:
    floor = 1 if specialty == PRIMARY else 2 + place % 2
    prefix = f"{building + 1}-" if building else ""
    return f"{prefix}{floor}{place // 2 + 1:02}"
