"""Lessons and days missed, students who came and left: counted as the school counts, the same whatever is added up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.reports.adding import total
from app.reports.movement import movement
from app.reports.presence import Missed, Presence, first_of_month, monday, presences
from app.reports.roster import Spell, clipped, joined, within

FIRST = date(2026, 9, 28)
LAST = FIRST + timedelta(20)
WHOLE, PART = 1, 2
CLASS = 7


def day(number: int) -> date:
    return FIRST + timedelta(number)


def here(student: int, group: int = WHOLE, first: int = 0, last: int = 20) -> Spell:
    return Spell(student, CLASS, group, day(first), day(last))


HELD = {WHOLE: {day(0): 3, day(1): 2}, PART: {day(0): 1}}


def test_a_day_is_missed_whole_when_all_lessons_of_the_student_were() -> None:
    spells = [here(1), here(2), here(2, PART)]
    missed = [Missed(1, WHOLE, day(0), 0, 0, 3, 0), Missed(2, WHOLE, day(0), 3, 0, 0, 0)]
    found = presences(HELD, spells, missed, monday)
    assert found.students[CLASS, 1] == Presence(due=5, ill=3, whole_days=1)
    # The second student had a fourth lesson that day, in a part of the class.
    assert found.students[CLASS, 2] == Presence(due=6, absent=3, part_days=1)
    assert found.whole.percent == 100 * 5 / 11


def test_who_comes_late_attends() -> None:
    found = presences(HELD, [here(1)], [Missed(1, WHOLE, day(0), 0, 1, 0, 2)], monday).whole
    assert (found.missed, found.late, found.whole_days, found.part_days, found.percent) == (1, 2, 0, 1, 80.0)


def test_lessons_before_coming_and_after_leaving_are_not_due() -> None:
    missed = [Missed(1, WHOLE, day(1), 2, 0, 0, 0), Missed(1, PART, day(0), 1, 0, 0, 0)]
    found = presences(HELD, [here(1, last=0)], missed, monday)
    assert found.students[CLASS, 1] == Presence(due=3)  # what was missed elsewhere is not theirs


def test_nothing_held_has_no_percent() -> None:
    assert presences({}, [here(1)], [], monday).whole == Presence()
    assert Presence().percent is None


numbers = st.integers(0, 20)
spells = st.builds(
    lambda student, group, ends: here(student, group, min(ends), max(ends)),
    st.integers(1, 4), st.sampled_from([WHOLE, PART]), st.tuples(numbers, numbers),
)  # fmt: skip
held = st.dictionaries(
    st.sampled_from([WHOLE, PART]), st.dictionaries(numbers.map(day), st.integers(1, 4), max_size=8), max_size=2
)
missed = st.lists(
    st.builds(Missed, st.integers(1, 4), st.sampled_from([WHOLE, PART]), numbers.map(day), *[st.integers(0, 2)] * 4),
    max_size=12,
)


@given(held, st.lists(spells, max_size=8), missed)
def test_days_and_lessons_add_up_by_students_classes_weeks_and_months(
    held: Mapping[int, Mapping[date, int]], spells: list[Spell], missed: list[Missed]
) -> None:
    known = joined(spells)
    weekly, monthly = (presences(held, known, missed, period) for period in (monday, first_of_month))
    for found in (weekly, monthly):
        assert total(found.of_periods().values(), Presence()) == found.whole
        assert total(found.of_classes().values(), Presence()) == found.whole
    assert weekly.whole == monthly.whole
    # Every lesson once for every student who was in its group that day, however the spells overlap.
    due = {
        (spell.student_id, group, on): number
        for group, days in held.items()
        for on, number in days.items()
        for spell in spells
        if spell.group_id == group and spell.covers(on)
    }
    assert weekly.whole.due == sum(due.values())
    parts = [presences(held, clipped(known, day(a), day(b)), missed, monday).whole for a, b in ((0, 9), (10, 20))]
    assert total(parts, Presence()) == weekly.whole


@given(st.lists(spells, max_size=8), st.tuples(numbers, numbers))
def test_at_the_end_there_are_those_of_the_start_with_who_joined_without_who_left(
    spells: list[Spell], ends: tuple[int, int]
) -> None:
    days = day(min(ends)), day(max(ends))
    known = clipped(joined(each for each in spells if each.group_id == WHOLE), *days)
    moved = [movement(each, days) for each in known]
    assert sum(each.start + each.joined - each.left for each in moved) == sum(each.end for each in moved)
    students = {each.student_id for each in known if each.covers(days[1])}
    assert sum(each.end for each in moved) == len(students)


@given(st.lists(spells, max_size=8))
def test_a_part_of_the_class_has_nobody_who_is_not_in_the_class(spells: list[Spell]) -> None:
    whole = joined(each for each in spells if each.group_id == WHOLE)
    parts = within(whole, joined(each for each in spells if each.group_id == PART))
    for number in range(21):
        inside = {each.student_id for each in whole if each.covers(day(number))}
        assert {each.student_id for each in parts if each.covers(day(number))} <= inside
