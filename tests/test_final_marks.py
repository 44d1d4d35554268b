"""A final mark that is not the proposed one needs a reason, on every path; what a locked term and year take."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, update

from app import regulation
from app.config import Grading
from app.extensions import db
from app.journal.grading import needs_reason, proposed_term_mark, proposed_year_mark
from app.models import FinalMark, Mark, Work
from app.models.journal import NUMBERS, FinalMarkKind, FinalMarkValue
from tests.final_marks import final, marked, quarter
from tests.journal_page import journal_page
from tests.school import School
from tests.school_panel import Panel, day, errors

ONE, TWO, THREE, FOUR, FIVE = NUMBERS
FOURS = [(4, 1), (4, 1), (4, 1)]


def refused(message: Any) -> None:
    with pytest.raises(regulation.RegulationError) as error:
        db.session.commit()
    db.session.rollback()
    assert error.value.message is message


def unexplained(ids: set[int]) -> set[int]:
    """Those of the final marks that break the rule."""
    rules = [rule for rule in regulation.RULES if rule.message is regulation.NEEDS_REASON]
    return {row for rule in rules for row in db.session.connection().scalars(rule.breaches(ids))}


def test_a_term_mark_that_differs_from_the_proposed_one_needs_a_reason(school: School) -> None:
    term = quarter(school)
    marked(school, FOURS)
    db.session.add(final(school, term, FIVE))
    refused(regulation.NEEDS_REASON)
    db.session.add(final(school, term, FIVE, "  "))
    refused(regulation.NEEDS_REASON)
    db.session.add(row := final(school, term, FIVE, "Победа в олимпиаде"))
    db.session.commit()
    row.reason = ""
    refused(regulation.NEEDS_REASON)
    row.value, row.reason = FOUR, ""
    db.session.commit()
    row.value = THREE
    refused(regulation.NEEDS_REASON)


@pytest.mark.parametrize("value", [FinalMarkValue.PASSED, FinalMarkValue.NOT_ASSESSED, FinalMarkValue.EXEMPT])
def test_what_is_no_figure_needs_none(school: School, value: FinalMarkValue) -> None:
    term = quarter(school)
    marked(school, FOURS)
    db.session.add(final(school, term, value))
    db.session.commit()


def test_with_too_few_marks_nothing_is_proposed(school: School) -> None:
    term = quarter(school)
    marked(school, FOURS[:2])
    db.session.add(final(school, term, FIVE))
    db.session.commit()


def test_marks_of_another_term_do_not_count(school: School) -> None:
    term, later = quarter(school), quarter(school, 2)
    marked(school, FOURS)
    marked(school, [(2, 10), (2, 10), (2, 10)], day=day(11, 3))
    db.session.add(final(school, term, FOUR))
    db.session.commit()
    db.session.add(final(school, later, FOUR))
    refused(regulation.NEEDS_REASON)


def test_the_school_may_allow_a_difference(app: Flask, school: School) -> None:
    app.config["GRADING_TOLERANCE"] = 1
    term = quarter(school)
    marked(school, FOURS)
    db.session.add(row := final(school, term, FIVE))
    db.session.commit()
    row.value = TWO
    refused(regulation.NEEDS_REASON)


def test_a_year_mark_is_compared_with_the_terms(school: School) -> None:
    for number, value in ((1, FIVE), (2, FOUR), (3, FinalMarkValue.NOT_ASSESSED)):
        db.session.add(final(school, quarter(school, number), value))
    db.session.commit()
    db.session.add(final(school, None, FOUR))
    refused(regulation.NEEDS_REASON)
    db.session.add(final(school, None, FIVE))
    db.session.commit()


def test_exam_and_certificate_are_compared_with_nothing(school: School) -> None:
    db.session.add(final(school, quarter(school), FIVE))
    db.session.add_all(final(school, None, TWO, kind=kind) for kind in (FinalMarkKind.EXAM, FinalMarkKind.FINAL))
    db.session.commit()


def test_the_year_mark_is_locked_when_all_terms_are(school: School) -> None:
    first, second = quarter(school), quarter(school, 2)
    db.session.add(row := final(school, None, FIVE))
    first.is_locked = True
    db.session.commit()
    row.value = FOUR
    db.session.commit()
    second.is_locked = True
    db.session.commit()
    row.value = FIVE
    refused(regulation.LOCKED)
    db.session.delete(row)
    refused(regulation.LOCKED)
    db.session.add(final(school, None, FIVE, kind=FinalMarkKind.EXAM))  # exams come after the last term
    db.session.commit()


def test_the_form_asks_for_the_reason_and_keeps_what_was_chosen(panel: Panel, school: School) -> None:
    term = quarter(school)
    marked(school, FOURS)
    typed = {
        "student": school.student.id, "assignment": school.assignment.id, "kind": "term", "term": term.id, "value": "5",
    }  # fmt: skip
    path = "/admin/finalmark/new/"
    answer = panel.post(school.teacher, path, typed)
    assert "give the reason" in answer.text
    assert errors(answer) == {}
    assert db.session.query(FinalMark).count() == 0
    assert panel.post(school.teacher, path, typed | {"reason": "Олимпиада"}).status_code == 302
    assert db.session.query(FinalMark.reason).scalar() == "Олимпиада"
    assert "Олимпиада" in panel.page(school.teacher, "/admin/finalmark/")


def test_the_journal_page_refuses_the_one_and_saves_the_others(panel: Panel, school: School) -> None:
    page = journal_page(panel, school)
    for student in page.students:
        marked(school, FOURS, student)
    column = f"term:{page.term.id}"
    edits = [
        {"student": student.id, "final": column, "value": value}
        for student, value in zip(page.students, ("4", "5", "4"), strict=True)
    ]
    answers = page.edit(*edits)
    assert [answer["status"] for answer in answers] == ["saved", "refused", "saved"]
    assert "give the reason" in answers[1]["message"]
    assert page.edit(edits[1] | {"reason": "Олимпиада"})[0]["status"] == "saved"


MARKS = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 10)), max_size=8)
GRADINGS = st.builds(Grading, st.integers(1, 100), st.integers(0, 5), st.integers(0, 2))
ONCE = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def rule_says(row_id: int) -> dict[int, bool]:
    """For each figure whether the database finds that it needs a reason."""
    said = {}
    for value, figure in NUMBERS.items():
        db.session.execute(update(FinalMark).where(FinalMark.id == row_id).values(value=value, reason=""))
        said[figure] = unexplained({row_id}) == {row_id}
    return said


def settle(app: Flask, grading: Grading) -> None:
    app.config["GRADING_THRESHOLD"] = grading.threshold / 100
    app.config["GRADING_MINIMUM"], app.config["GRADING_TOLERANCE"] = grading.minimum, grading.tolerance


def test_the_rule_and_the_formulas_agree_on_a_term(app: Flask, school: School) -> None:
    term = quarter(school)
    db.session.add(row := final(school, term, FIVE, "нет"))
    db.session.commit()
    row_id, lesson_id = inspect(row).identity[0], school.lesson.id
    student_id = school.student.id

    @ONCE
    @given(MARKS, GRADINGS)
    def check(marks: list[tuple[int, int]], grading: Grading) -> None:
        settle(app, grading)
        db.session.rollback()
        for value, weight in marks:
            work = Work(lesson_id=lesson_id, weight=weight)
            db.session.add_all([work, Mark(work=work, student_id=student_id, value=value)])
        db.session.flush()
        proposed = proposed_term_mark(marks, grading)
        assert rule_says(row_id) == {figure: needs_reason(figure, proposed, grading) for figure in NUMBERS.values()}
        db.session.rollback()

    check()


def test_the_rule_and_the_formulas_agree_on_a_year(app: Flask, school: School) -> None:
    terms = [quarter(school, number) for number in (1, 2, 3, 4)]
    rows = [final(school, term, FIVE, "нет") for term in terms]
    db.session.add_all([*rows, year := final(school, None, FIVE, "нет")])
    db.session.commit()
    ids = [inspect(row).identity[0] for row in rows]
    year_id = inspect(year).identity[0]

    @ONCE
    @given(st.lists(st.sampled_from(list(FinalMarkValue)), min_size=4, max_size=4), GRADINGS)
    def check(values: list[FinalMarkValue], grading: Grading) -> None:
        settle(app, grading)
        db.session.rollback()
        for row_id, value in zip(ids, values, strict=True):
            db.session.execute(update(FinalMark).where(FinalMark.id == row_id).values(value=value))
        proposed = proposed_year_mark([NUMBERS[value] for value in values if value in NUMBERS], grading)
        assert rule_says(year_id) == {figure: needs_reason(figure, proposed, grading) for figure in NUMBERS.values()}
        db.session.rollback()

    check()
