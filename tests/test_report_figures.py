"""The figures of reports: as the school computes them by hand, and in agreement whatever they are added up by."""

from __future__ import annotations

from dataclasses import astuple
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import Grading
from app.models import AcademicYear, SchoolClass, Term
from app.models.journal import FinalMarkKind, FinalMarkValue
from app.models.people import TermKind
from app.reports.at_risk import Risk, is_often_absent, risks_of
from app.reports.columns import cells, columns, shown
from app.reports.document import Column, Kind, Table, Total
from app.reports.figures import Counts, added, change, counted, rolled_up
from app.reports.periods import period_that_lasts, period_with_marks, periods_of
from app.reports.running import Figure
from app.reports.standing import Standing, standing
from app.reports.totals import computed, totals

some = st.integers(0, 40)
all_counts = st.builds(Counts, *[some] * 8)
facts = st.dictionaries(st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 3)), all_counts, max_size=20)
"""By class, subject and teacher."""


def test_a_class_as_it_is_counted_by_hand() -> None:
    counts = Counts(n5=5, n4=10, n3=8, n2=1, n0=1, passed=3, exempt=2)
    assert counts.n == 25
    assert counts.success == pytest.approx(92)
    assert counts.quality == pytest.approx(60)
    assert counts.mastery == pytest.approx((5 + 6.4 + 2.88 + 0.16 + 0.07) / 25 * 100)
    assert counts.average == pytest.approx((25 + 40 + 24 + 2) / 24)  # н/а is no figure


def test_not_assessed_weighs_as_a_one_and_counts() -> None:
    assert Counts(n0=2).mastery == Counts(n1=2).mastery == pytest.approx(7)
    assert Counts(n0=2).success == 0
    assert Counts(n0=2).average is None


def test_there_is_no_figure_of_nothing() -> None:
    for counts in (Counts(), Counts(passed=4, exempt=1)):
        assert (counts.success, counts.quality, counts.mastery, counts.average) == (None, None, None, None)
    assert change(None, 5.0) is None
    assert change(60.0, 55.5) == -4.5


def test_rows_of_the_database_become_counts() -> None:
    rows = [(1, FinalMarkValue.FIVE, 3), (1, FinalMarkValue.NOT_ASSESSED, 1), (2, FinalMarkValue.PASSED, 7)]
    assert counted(rows) == {1: Counts(n5=3, n0=1), 2: Counts(passed=7)}


@given(all_counts)
def test_figures_are_percents_and_quality_is_a_part_of_success(counts: Counts) -> None:
    if counts.n == 0:
        return
    assert counts.success is not None
    assert counts.quality is not None
    assert counts.mastery is not None
    assert 0 <= counts.quality <= counts.success <= 100
    assert 7 - 1e-9 <= counts.mastery <= 100 + 1e-9
    assert counts.average is None or 1 <= counts.average <= 5


@given(facts)
def test_totals_agree_whatever_is_summed(known: dict[tuple[int, int, int], Counts]) -> None:
    school = added(known.values())
    for place in range(3):
        assert added(rolled_up(known, lambda key, place=place: key[place]).values()) == school
    assert astuple(school) == tuple(sum(astuple(each)[index] for each in known.values()) for index in range(8))


@given(facts)
def test_the_line_of_totals_is_the_figure_of_all(known: dict[tuple[int, int, int], Counts]) -> None:
    by_class = rolled_up(known, lambda key: key[0])
    names = shown(by_class.values())
    table = Table([Column("Class"), *columns(names)], [[key, *cells(each, names)] for key, each in by_class.items()])
    expected = cells(added(by_class.values()), names)
    assert totals(table)[1:] == [None if value is None else pytest.approx(value) for value in expected]


@given(all_counts)
def test_a_formula_gives_what_stands_in_the_cell(counts: Counts) -> None:
    names = shown([counts])
    by_key = {column.key: column for column in columns(names)}
    values = dict(zip(by_key, cells(counts, names), strict=True))
    for key, column in by_key.items():
        if column.formula:
            found, value = computed(column.formula, values), values[key]
            assert (found is None and value is None) or found == pytest.approx(value)


def test_a_mean_and_a_sum_stand_below_their_columns() -> None:
    table = Table(
        [Column("A"), Column("B", Kind.WHOLE, "b", total=Total.SUM), Column("C", Kind.PERCENT, "c", total=Total.MEAN)],
        [["x", 1, 50.0], ["y", 2, None], ["z", 3, 70.0]],
    )
    assert totals(table) == [None, 6, 60.0]


@pytest.mark.parametrize(
    ("counts", "where"),
    [
        (Counts(n5=12, exempt=1, passed=1), Standing.FIVES),
        (Counts(n5=11, n4=1), Standing.ONE_FOUR),
        (Counts(n4=1), Standing.FOURS),
        (Counts(n5=9, n4=3), Standing.FOURS),
        (Counts(n5=9, n4=2, n3=1), Standing.ONE_THREE),
        (Counts(n5=9, n3=2), Standing.THREES),
        (Counts(n5=11, n2=1), Standing.FAILING),
        (Counts(n5=11, n0=1), Standing.FAILING),
        (Counts(passed=2), Standing.UNKNOWN),
    ],
)
def test_the_list_a_student_stands_on(counts: Counts, where: Standing) -> None:
    assert standing(counts) is where


@pytest.mark.parametrize(
    ("figure", "before", "is_late", "risks"),
    [
        (Figure(249, 4, 2), None, False, (Risk.LOW,)),
        (Figure(250, 4, 3), 3, False, (Risk.NEAR,)),
        (Figure(300, 4, 3), 4, False, (Risk.FALLEN,)),
        (Figure(240, 4, 2), 3, False, (Risk.LOW, Risk.FALLEN)),
        (Figure(450, 2, None), 5, True, (Risk.FEW,)),
        (Figure(450, 2, None), 5, False, ()),
        (Figure(), None, True, (Risk.FEW,)),
        (Figure(350, 3, 4), 4, True, ()),
    ],
)
def test_what_is_a_risk(figure: Figure, before: int | None, is_late: bool, risks: tuple[Risk, ...]) -> None:
    assert risks_of(figure, before, Grading(), is_late=is_late) == risks


def test_the_schools_threshold_says_when_a_two_is_coming() -> None:
    assert risks_of(Figure(255, 4, 2), None, Grading(threshold=60), is_late=False) == (Risk.LOW,)


def test_many_absences_are_a_part_of_the_lessons_and_more_than_a_day() -> None:
    assert is_often_absent(30, 100)
    assert not is_often_absent(29, 100)
    assert not is_often_absent(6, 10)


def year_with_terms() -> tuple[AcademicYear, list[Term]]:
    """Quarters, and half-years that end with every second of them."""
    year = AcademicYear(name="2026/2027", starts_on=date(2026, 9, 1), ends_on=date(2027, 5, 31))
    days = [
        (TermKind.QUARTER, 1, date(2026, 9, 1), date(2026, 10, 25)),
        (TermKind.QUARTER, 2, date(2026, 11, 2), date(2026, 12, 27)),
        (TermKind.QUARTER, 3, date(2027, 1, 11), date(2027, 3, 21)),
        (TermKind.QUARTER, 4, date(2027, 3, 29), date(2027, 5, 31)),
        (TermKind.HALF_YEAR, 1, date(2026, 9, 1), date(2026, 12, 28)),
        (TermKind.HALF_YEAR, 2, date(2027, 1, 11), date(2027, 5, 31)),
    ]
    return year, [
        Term(id=index, kind=kind, number=number, starts_on=first, ends_on=last)
        for index, (kind, number, first, last) in enumerate(days, 1)
    ]


def test_terms_that_end_together_are_one_period() -> None:
    year, terms = year_with_terms()
    periods = periods_of(year, terms)
    assert [[term.id for term in period.terms] for period in periods] == [[1], [2, 5], [3], [4, 6], [], [], []]
    assert [period.kind for period in periods[-3:]] == [FinalMarkKind.YEAR, FinalMarkKind.EXAM, FinalMarkKind.FINAL]
    tenth = SchoolClass(grade=10, letter="А", term_kind=TermKind.HALF_YEAR)
    assert [[term.id for term in period.terms] for period in periods_of(year, terms, tenth)[:2]] == [[5], [6]]


@pytest.mark.parametrize(
    ("today", "lasts", "with_marks"),
    [
        (date(2026, 9, 10), [1], [1]),
        (date(2026, 10, 12), [1], [1]),
        (date(2026, 11, 24), [2, 5], [1]),
        (date(2026, 12, 22), [2, 5], [2, 5]),
        (date(2027, 1, 5), [2, 5], [2, 5]),
        (date(2027, 4, 5), [4, 6], [3]),
        (date(2027, 7, 1), [4, 6], []),
    ],
)
def test_a_report_begins_with_the_period_that_matters(today: date, lasts: list[int], with_marks: list[int]) -> None:
    periods = periods_of(*year_with_terms())
    current, marked = period_that_lasts(periods, today), period_with_marks(periods, today)
    assert current is not None
    assert marked is not None
    assert [term.id for term in current.terms] == lasts
    assert [term.id for term in marked.terms] == with_marks
