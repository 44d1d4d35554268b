"""What a new year is wished to be, and what is proposed for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.models import SchoolClass
from app.models.people import TermKind
from app.newyear.dates import a_year_later, first_day, next_name, same_weekday
from app.newyear.ground import Ground

LAST_GRADE, LAST_PRIMARY, LAST_BASIC = 11, 4, 9


@dataclass(frozen=True)
class Days:
    """First and last day."""

    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class ClassWish:
    """What becomes of a class: it goes on under ``letter``, or its students leave.

    ``staying_behind``: students of it who do not go on with it. ``keeps_teacher``: the class teacher goes on with it;
    ``keeps_assignments``: who teaches what.
    """

    class_id: int
    goes_on: bool
    letter: str
    keeps_teacher: bool
    keeps_assignments: bool
    staying_behind: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Wish:
    """The new year. ``first_letters`` are the new first classes."""

    name: str
    days: Days
    terms: dict[tuple[TermKind, int], Days]
    classes: tuple[ClassWish, ...]
    first_letters: tuple[str, ...]
    with_groups: bool = True
    with_holidays: bool = True


def proposal(ground: Ground) -> Wish:
    """The year as it usually comes: everybody goes on but the graduates, grade 5 gets new teachers, and there are as
    many first classes as this year."""
    year = ground.year
    days = Days(first_day(year.starts_on), a_year_later(year.ends_on))
    return Wish(
        next_name(year.name, days.starts_on),
        days,
        {(term.kind, term.number): moved(ground, Days(term.starts_on, term.ends_on), days) for term in ground.terms},
        tuple(class_wish(each) for each in ground.classes),
        tuple(each.letter for each in ground.classes if each.grade == 1),
    )


def class_wish(school_class: SchoolClass) -> ClassWish:
    """What usually becomes of a class."""
    stays_together = school_class.grade != LAST_PRIMARY
    return ClassWish(
        school_class.id, school_class.grade < LAST_GRADE, school_class.letter, stays_together, stays_together
    )


def moved(ground: Ground, old: Days, new_year: Days) -> Days:
    """Days of the old year a year later, inside the new one; what touched an end of the year touches it again."""
    first = new_year.starts_on if old.starts_on <= ground.year.starts_on else same_weekday(old.starts_on)
    last = new_year.ends_on if old.ends_on >= ground.year.ends_on else same_weekday(old.ends_on)
    return Days(max(first, new_year.starts_on), min(last, new_year.ends_on))


def moved_holiday(old: Days, new_year: Days) -> Days | None:
    """A holiday of one day keeps its date, a longer one its weekdays; None for one outside of the year."""
    if old.starts_on == old.ends_on:
        found = Days(a_year_later(old.starts_on), a_year_later(old.starts_on))
    else:
        found = Days(same_weekday(old.starts_on), same_weekday(old.ends_on))
    return found if new_year.starts_on <= found.starts_on and found.ends_on <= new_year.ends_on else None
