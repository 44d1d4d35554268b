"""What the control shows besides the journals: what was measured week by week, days that do not count, reminders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from random import Random

from app.demo.cast import Cast
from app.demo.courses import ClassYear
from app.demo.load import Writer
from app.models import ExcusedPeriod, Reminder, RuleRecord

WEEKS = 10
STAFF = 60  # about as many teach in a building
# How much of it was kept at first, and is kept now.
PATHS = {"data": (0.88, 0.97), "guardians": (0.55, 0.91), "visits": (0.74, 0.9)}


def write_records(writer: Writer, held: Mapping[int, ClassYear], today: date, random: Random) -> None:
    """Week by week a little better, in each class by its own."""
    mondays = list(_mondays(min(class_year.year.days.first for class_year in held.values()), today))
    for number, monday in enumerate(mondays):
        for rule, (begun, reached) in PATHS.items():
            share = begun + (reached - begun) * number / len(mondays)
            for class_id, class_year in held.items():
                due = sum(place.holds_on(monday) for place in class_year.places)
                kept = min(due, max(0, round(due * share + random.gauss(0, 0.6))))
                writer.add(RuleRecord, rule=rule, week=monday, school_class_id=class_id, due=due, kept=kept)


def write_staff_records(writer: Writer, first: date, today: date, buildings: int) -> None:
    """At first three teachers had no access."""
    due = STAFF * buildings
    for number, monday in enumerate(_mondays(first, today)):
        writer.add(RuleRecord, rule="staff", week=monday, due=due, kept=due - max(0, 3 - number))


def write_excused(writer: Writer, held: Mapping[int, ClassYear], cast: Cast, today: date) -> None:
    """A class was in quarantine, a teacher was ill, the school was closed for a day."""
    begun = next(iter(held.values())).year.days.first
    others = [class_id for class_id, class_year in held.items() if class_year.plan != cast.led]
    periods: tuple[tuple[int, int, dict[str, int] | None, str], ...] = (
        (21, 6, {"school_class_id": others[len(others) // 2]} if others else None, "Карантин по гриппу"),
        (18, 3, {"teacher_id": cast.teacher.user_id}, "Больничный лист"),
        (40, 0, {}, "Школа закрыта: избирательный участок"),
    )  # fmt: skip
    for back, more, whose, reason in periods:
        first = today - timedelta(back)
        if whose is not None and first >= begun:
            last = first + timedelta(more)
            writer.add(ExcusedPeriod, **whose, starts_on=first, ends_on=last, reason=reason)


def write_reminders(writer: Writer, now: datetime, cast: Cast, deputy_id: int) -> None:
    """Whom the deputy director has reminded lately."""
    for person, rule, days in ((cast.class_teacher, "homework", 9), (cast.teacher, "topics", 1)):
        at = now - timedelta(days, hours=9)
        writer.add(Reminder, user_id=person.user_id, rule=rule, sent_by_id=deputy_id, created_at=at)


def _mondays(first: date, today: date) -> Iterator[date]:
    """Of the last weeks before this one, as far as the year has them."""
    this_week = today - timedelta(today.weekday())
    return (day for back in range(WEEKS, 0, -1) if (day := this_week - timedelta(weeks=back)) >= first)
