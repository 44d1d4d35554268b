"""The demo school as a whole: who is chosen to sign in, and in which order everything is written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, exists, select

from app import triggers
from app.demo.access import AccessWriter
from app.demo.around_today import changes_around
from app.demo.cast import Cast, choose
from app.demo.control import write_excused, write_records, write_reminders, write_staff_records
from app.demo.courses import Changes, ClassYear
from app.demo.diary import write_family
from app.demo.indexes import built_afterwards
from app.demo.journal import Pace, write_journal
from app.demo.left import write_left
from app.demo.load import Writer
from app.demo.news import Readers, write_news
from app.demo.notices import write_notices
from app.demo.papers import Explained, write_papers
from app.demo.people import People
from app.demo.plans import write_plans
from app.demo.population import Population
from app.demo.rows import Rows
from app.demo.sizes import SIZES, ClassPlan, Size, classes_of
from app.demo.staff import Posts, Teacher, Week, hire
from app.demo.talk import Speakers, write_talk
from app.demo.years import year_of, year_plan
from app.models import (
    AcademicYear,
    Attendance,
    BellTime,
    FinalMark,
    Lesson,
    Mark,
    RollCall,
    Student,
    Subject,
    User,
    Work,
)
from app.models.diary import TextKind
from app.school_texts import draft


class AlreadyFilled(Exception):
    """The database holds a school; nothing was written."""


@dataclass
class Building:
    """One building with its staff by post and its children."""

    number: int
    staff: list[list[Teacher]]
    population: Population


def fill(connection: Connection, size: str, seed: int, today: date, zone: ZoneInfo, secret_key: str) -> None:
    """Write a demo school of one of SIZES into an empty database; the caller commits.

    The same seed, day and key give the same rows. Everything has happened before the first moment of
    ``today``. Raises AlreadyFilled when there are people, subjects or years.
    """
    if is_filled(connection):
        raise AlreadyFilled
    now = datetime.combine(today, time(), zone)
    with triggers.asleep(connection):
        _School(Writer(connection), SIZES[size], seed, now, secret_key).write()


def is_filled(connection: Connection) -> bool:
    """Whether there are people, subjects, years or bells."""
    models = (User, Student, Subject, AcademicYear, BellTime)
    return any(connection.scalar(select(exists(select(model.__table__.c.id)))) for model in models)


class _School:
    def __init__(self, writer: Writer, size: Size, seed: int, now: datetime, secret_key: str) -> None:
        self.writer, self.size, self.seed, self.now = writer, size, seed, now
        self.current = year_of(now.date())
        self.years = {begins: year_plan(begins) for begins in range(self.current - size.years + 1, self.current + 1)}
        self.rows = Rows(writer, now, self._random("rows"))
        self.access = AccessWriter(writer, now, secret_key, self._random("access"))
        self.posts = Posts()
        # Of one building: all have the same classes.
        self.weeks: dict[ClassPlan, Week] = {}

    def _random(self, *part: object) -> Random:
        return Random(f"{self.seed} {part}")  # noqa: S311

    def write(self) -> None:
        """People first, then year by year each class with its journal."""
        self.rows.curriculum(list(self.years.values()))
        for begins in self.years:
            plans = self._plans(begins)
            self.weeks |= dict(zip(plans, self.posts.weeks(plans, self._random("weeks", begins)), strict=True))
        buildings = [self._building(number) for number in range(self.size.buildings)]
        cast = self._cast(buildings[0])
        deputy_id = self._write_people(buildings, cast)
        pace = Pace(self.now, self._density())
        with built_afterwards(self.writer.connection, Lesson, RollCall, Attendance, Work, Mark, FinalMark):
            for begins in self.years:
                for building in buildings:
                    self._write_year(begins, building, pace, cast, deputy_id)
        write_staff_records(self.writer, self.years[self.current].days.first, self.now.date(), len(buildings))
        write_notices(self.writer, self.now, cast.family.guardians[0].user_id, self.access.batch)
        children = [child.student_id for child in cast.family.children if child.student_id]
        write_family(self.writer, self.now, cast.family.guardians[0].user_id, children)
        self.writer.finish()

    def _plans(self, begins: int, building: int = 0) -> list[ClassPlan]:
        return list(classes_of(self.size, self.current, begins, building))

    def _building(self, number: int) -> Building:
        population = Population(self._random("population", number))
        plans = self._plans(self.current, number)
        days = (date(self.current, 9, 1), self.now.date())
        population.settle(dict(zip(plans, self._class_sizes(number, len(plans)), strict=True)), days)
        average = self.size.students // self.size.buildings // len(plans)
        for begins in sorted(self.years, reverse=True)[1:]:
            year = self.years[begins].days
            population.settle_before(self._plans(begins, number), average, (year.first, year.last))
        return Building(number, hire(self.posts.specialties, number, self._random("staff", number)), population)

    def _class_sizes(self, building: int, count: int) -> list[int]:
        """How many are in each class today: much the same, in all the building's part of the school."""
        random = self._random("sizes", building)
        each, rest = divmod(self.size.students // self.size.buildings, count)
        sizes = [each + (number < rest) for number in range(count)]
        for _ in range(count):
            more, less = random.randrange(count), random.randrange(count)
            if sizes[more] < each + 3 and sizes[less] > each - 3:
                sizes[more] += 1
                sizes[less] -= 1
        return sizes

    def _cast(self, building: Building) -> Cast:
        weeks = {plan: week for plan, week in self.weeks.items() if plan.year == self.current}
        return choose(weeks, self.posts.specialties, building.staff, building.population)

    def _density(self) -> float:
        """Marks of a student in a lesson, so that the school has about as many as it shall have."""
        if self.size.marks is None:
            return 0.4
        chances = 0
        for plan, week in self.weeks.items():
            held = ClassYear(plan, self.years[plan.year], 0, [], [], [])
            by_weekday = Counter(day for day, _number in week.hours)
            chances += sum(
                by_weekday[day.isoweekday()] for day in held.open_days(self.now.date()) if held.is_marked(day)
            )
        average = self.size.students / len(self._plans(self.current))
        return min(0.6, max(0.2, self.size.marks / (chances * average)))

    def _write_people(self, buildings: list[Building], cast: Cast) -> int:
        """Everybody; the id of the deputy director who can sign in."""
        people = People(self.rows, self.access, cast, self._random("people"))
        people.write_deputies()
        now = {plan: week for plan, week in self.weeks.items() if plan.year == self.current}
        teaching = {post for week in now.values() for post in week.posts.values()}
        for building in buildings:
            people.write_staff(building.staff, teaching)
            leaders = {
                replace(plan, building=building.number): building.staff[week.leader][0] for plan, week in now.items()
            }
            people.write_families(building.population, self.current, leaders)
        return people.deputy_id

    def _write_year(self, begins: int, building: Building, pace: Pace, cast: Cast, deputy_id: int) -> None:
        """The classes of a building in one year, and their journals."""
        held: dict[int, ClassYear] = {}
        for plan in self._plans(begins, building.number):
            week, places = self.weeks[replace(plan, building=0)], building.population.places[plan]
            class_id, class_year = self.rows.class_year(
                plan, self.size, self.years[begins], places, week, building.staff
            )
            held[class_id] = class_year
        changes: Changes = {}
        explained: Explained = {}
        if begins == self.current and building.number == 0:
            changes = changes_around(self.now.date(), list(held.values()), [cast.teacher, cast.class_teacher])
            self._write_talk(held, cast, deputy_id)
            led = next(class_year for class_year in held.values() if class_year.plan == cast.led)
            consent = draft(TextKind.CONSENT, "ru")
            write_excused(self.writer, held, cast, self.now.date())
            write_reminders(self.writer, self.now, cast, deputy_id)
            explained = write_papers(self.writer, self.now, led, cast, deputy_id, consent)
            for class_year in held.values():
                write_plans(self.writer, class_year, [cast.teacher, cast.class_teacher])
            random = self._random("left")
            write_left(self.rows, self.access, list(held.values()), cast.teacher, self.now.date(), deputy_id, random)
        if begins == self.current:
            write_records(self.writer, held, self.now.date(), self._random("control", building.number))
        for class_year in held.values():
            random = self._random("journal", class_year.plan)
            write_journal(self.writer, class_year, pace, changes, random, explained)

    def _write_talk(self, held: dict[int, ClassYear], cast: Cast, deputy_id: int) -> None:
        led = {class_id: class_year for class_id, class_year in held.items() if class_year.plan == cast.led}
        came = set(self.access.parents)
        of_class = {
            guardian.user_id
            for class_year in led.values()
            for place in class_year.places
            for guardian in place.child.family.guardians
        }
        readers = Readers(self.access.parents, sorted(came & of_class), self.access.others())
        write_news(self.writer, self.now, deputy_id, list(led), readers, self._random("news"))
        for class_id, class_year in led.items():
            today = [place.child for place in class_year.places if place.holds_on(self.now.date())]
            parents = [guardian.user_id for child in today for guardian in child.family.guardians]
            guardian, own = cast.family.guardians[0].user_id, [child for child in today if child.family is cast.family]
            speakers = Speakers(
                guardian, (own or cast.family.children)[0].student_id, cast.class_teacher.user_id, cast.teacher.user_id,
                deputy_id, class_id, list(dict.fromkeys([guardian, *parents])),
            )  # fmt: skip
            write_talk(self.writer, self.now, speakers)
