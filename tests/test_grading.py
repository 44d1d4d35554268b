"""Averages and proposed marks: what a teacher can check by hand, and what holds for all marks."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import Grading
from app.journal.grading import (
    Outlook,
    Weighted,
    average,
    needs_reason,
    outlook,
    proposed_term_mark,
    proposed_year_mark,
    rounded,
)

MARKS = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 10)), min_size=1, max_size=40)
THRESHOLDS = st.integers(1, 100)


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([(5, 1)], 500),
        ([(5, 1), (4, 1)], 450),
        ([(5, 1), (4, 1), (4, 1)], 433),  # 4.3333
        ([(5, 1), (5, 1), (4, 1)], 467),  # 4.6667
        ([(5, 3), (2, 1)], 425),
        ([(4, 3), (5, 5)], 463),  # 4.625: half up
        ([(2, 7), (5, 1)], 238),  # 2.375: half up
    ],
)
def test_an_average_is_weighted_and_rounded_half_up(marks: list[Weighted], expected: int) -> None:
    assert average(marks) == expected


def test_without_marks_there_is_no_average_and_no_proposal() -> None:
    assert average([]) is None
    assert proposed_term_mark([], Grading(minimum=0)) is None
    assert proposed_year_mark([], Grading()) is None


@pytest.mark.parametrize(
    ("figure", "threshold", "expected"),
    [(450, 50, 5), (449, 50, 4), (460, 60, 5), (459, 60, 4), (465, 65, 5), (400, 1, 4), (401, 1, 5), (499, 100, 4),
     (500, 100, 5), (100, 50, 1)],
)  # fmt: skip
def test_an_average_becomes_a_mark_from_the_threshold_on(figure: int, threshold: int, expected: int) -> None:
    assert rounded(figure, Grading(threshold)) == expected


def test_a_term_mark_needs_enough_marks() -> None:
    assert proposed_term_mark([(5, 1), (5, 10)], Grading()) is None
    assert proposed_term_mark([(5, 1), (5, 10), (2, 1)], Grading()) == 5


@pytest.mark.parametrize(("terms", "expected"), [([5, 4], 5), ([4, 4, 3, 3], 4), ([4, 3, 3, 3], 3), ([2], 2)])
def test_the_year_mark_is_the_average_of_the_terms(terms: list[int], expected: int) -> None:
    assert proposed_year_mark(terms, Grading()) == expected


def test_only_a_mark_beyond_the_tolerance_needs_a_reason() -> None:
    assert not needs_reason(4, None, Grading())
    assert not needs_reason(4, 4, Grading())
    assert needs_reason(5, 4, Grading())
    assert not needs_reason(5, 4, Grading(tolerance=1))
    assert needs_reason(3, 5, Grading(tolerance=1))


@pytest.mark.parametrize("threshold", [0, -1, 101])
def test_a_threshold_that_proposes_nonsense_stops_the_start(threshold: int) -> None:
    with pytest.raises(ValueError, match="GRADING_THRESHOLD"):
        Grading(threshold)


def test_the_settings_give_the_threshold_as_a_part_of_a_mark() -> None:
    settings = {"GRADING_THRESHOLD": 0.65, "GRADING_MINIMUM": 5, "GRADING_TOLERANCE": 1}
    assert Grading.of(settings) == Grading(65, 5, 1)


@given(MARKS)
def test_an_average_is_the_exact_fraction_to_two_decimals(marks: list[Weighted]) -> None:
    exact = Fraction(sum(value * weight for value, weight in marks), sum(weight for _value, weight in marks))
    with_digits = Decimal(exact.numerator) / Decimal(exact.denominator)
    figure = average(marks)
    assert type(figure) is int
    assert figure == int((with_digits * 100).quantize(Decimal(1), ROUND_HALF_UP))


@given(MARKS, st.randoms())
def test_the_order_of_marks_does_not_matter(marks: list[Weighted], random: object) -> None:
    shuffled = list(marks)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert average(shuffled) == average(marks)
    assert proposed_term_mark(iter(shuffled), Grading()) == proposed_term_mark(marks, Grading())


@given(MARKS, THRESHOLDS)
def test_a_proposal_lies_among_the_marks_given(marks: list[Weighted], threshold: int) -> None:
    proposed = proposed_term_mark(marks, Grading(threshold, 1))
    assert type(proposed) is int
    values = [value for value, _weight in marks]
    assert min(values) <= proposed <= max(values)


@given(st.integers(100, 500), THRESHOLDS)
def test_a_lower_threshold_never_takes_a_mark_away(figure: int, threshold: int) -> None:
    assert rounded(figure, Grading(threshold)) >= rounded(figure, Grading(min(100, threshold + 1)))
    assert rounded(figure, Grading(threshold)) <= rounded(min(500, figure + 1), Grading(threshold))


@given(MARKS, st.integers(1, 10), THRESHOLDS)
def test_a_next_mark_moves_the_average_towards_itself_and_a_better_one_never_harms(
    marks: list[Weighted], weight: int, threshold: int
) -> None:
    before = average(marks)
    assert before is not None
    found = outlook(marks, Grading(threshold), weight=weight)
    assert [one.value for one in found] == [5, 4, 3, 2]
    for one in found:
        assert min(before, one.value * 100) <= one.average <= max(before, one.value * 100)
        assert one.average == average([*marks, (one.value, weight)])
    assert [one.average for one in found] == sorted((one.average for one in found), reverse=True)
    proposed = [one.proposed for one in found if one.proposed is not None]
    assert proposed == sorted(proposed, reverse=True)


def test_the_first_mark_is_the_average_and_proposes_nothing_yet() -> None:
    assert outlook([], Grading()) == [Outlook(value, value * 100, None) for value in (5, 4, 3, 2)]
    assert outlook([(5, 1), (4, 3)], Grading(), values=[2]) == [Outlook(2, 380, 4)]
