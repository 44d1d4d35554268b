"""Reports of final marks: the figures people count by hand, and nothing of what is not theirs."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from app import policy
from app.extensions import db
from app.models import Enrollment, Lesson, SchoolClass, User
from app.models.journal import Attendance, AttendanceStatus, FinalMarkValue
from app.reports.asking import ask
from app.reports.registry import REPORTS
from app.reports.report import NotThere
from app.reports.totals import totals
from tests.final_marks import classmate, final, marked, quarter
from tests.reported import Reported, lines, report, reported_school, reporting_school
from tests.school import School
from tests.school_panel import HOSTILE, Panel, counted, day, deputy, led, written


@pytest.fixture
def known(school: School) -> Reported:
    return reported_school(school)


def test_the_deputy_reads_the_figures_of_each_class_and_of_the_school(known: Reported) -> None:
    document = report(deputy(), "classes")
    # class, class teacher, 5, 4, 3, 2, counted, success, quality, SOU, average
    assert lines(document) == [
        ["5А", "", 3, 1, 1, 1, 6, 83.3, 66.7, 69.3, 4.0],
        ["5Б", "", 0, 0, 1, 0, 1, 100.0, 0.0, 36.0, 3.0],
    ]
    assert document.tables[0].total == "School"
    total = totals(document.tables[0])
    assert total[2:7] == [3, 1, 2, 1, 7]
    assert total[7:] == [pytest.approx(figure) for figure in (600 / 7, 400 / 7, 452 / 7, 27 / 7)]


def test_every_slice_has_the_same_marks(known: Reported) -> None:
    zavuch = deputy()
    assert [(row[0], row[5]) for row in lines(report(zavuch, "subjects"))] == [("Алгебра", 4), ("История", 3)]
    assert [(row[0], row[5], row[6]) for row in lines(report(zavuch, "teachers"))] == [
        ("Белова А.", 4, 100.0), ("Орлова В.", 3, 66.7),
    ]  # fmt: skip
    assert [(row[0], row[5]) for row in lines(report(zavuch, "grades"))] == [("Grade 5", 7)]
    assert [row[0] for row in lines(report(zavuch, "subject", subject=known.school.assignment.subject_id))] == [
        "5А",
        "5Б",
    ]


def test_a_filter_narrows_and_the_total_says_so(known: Reported) -> None:
    document = report(deputy(), "classes", subject=known.school.assignment.subject_id, teacher=known.other_teacher.id)
    assert [row[0] for row in lines(document)] == ["5Б"]
    assert "Алгебра, Белова А." in document.lines
    assert report(deputy("Вторая"), "subjects", grade=5).tables[0].total == "Total of these"


def test_terms_stand_side_by_side_with_their_change(known: Reported) -> None:
    second = quarter(known.school, 2)
    db.session.add(final(known.school, second, FinalMarkValue.FOUR, student=known.yudin, assignment=known.algebra_of_b))
    document = report(deputy(), "terms")
    assert [(row[0], row[5], row[-2]) for row in lines(document)] == [("I quarter", 7, ""), ("II quarter", 1, 42.9)]
    assert lines(document, 1) == [["5А", 83.3, 66.7, "", "", ""], ["5Б", 100.0, 0.0, 100.0, 100.0, 100.0]]
    assert document.tables[0].chart is not None


def test_students_stand_on_their_lists(known: Reported) -> None:
    zavuch = deputy()
    assert lines(report(zavuch, "students")) == [
        ["5А", 3, 0, 1, 1, 1, 0, 0, 1, 66.7, 66.7],
        ["5Б", 1, 0, 0, 0, 0, 1, 1, 0, 100.0, 0.0],
    ]
    assert [row[:2] for row in lines(report(zavuch, "fives"))] == [["Семёнов Пётр", "5А"]]
    assert [row[0] for row in lines(report(zavuch, "fours"))] == ["Ильин Ян"]
    assert lines(report(zavuch, "one-four")) == [["Ильин Ян", "5А", "Алгебра", "Орлова В.", "4"]]
    assert lines(report(zavuch, "one-three")) == [["Юдин Ян", "5Б", "Алгебра", "Белова А.", "3"]]
    assert lines(report(zavuch, "failing")) == [["Котова Ян", "5А", "Алгебра", "Орлова В.", "2"]]


def test_while_a_term_has_no_marks_its_lists_are_of_what_is_proposed(school: School) -> None:
    quarter(school)
    marked(school, [(5, 1)] * 3)
    document = report(deputy(), "fives")
    assert [row[0] for row in lines(document)] == ["Семёнов Пётр"]
    assert any("what the current marks propose" in note for note in document.notes)


def test_students_at_risk_have_their_reasons(known: Reported) -> None:
    for _ in range(3):
        marked(known.school, [(2, 1), (3, 1)], known.kotova)
    for number in range(1, 13):
        lesson = written(Lesson(assignment=known.history, date=day(10, 5), number=number))
        db.session.add(Attendance(lesson=lesson, student=known.kotova, status=AttendanceStatus.ILL))
    document = report(deputy(), "at-risk", **{"class": known.school.school_class.id})
    rows = {(row[0], row[2]): row[3:] for row in lines(document)}
    assert rows["Котова Ян", "all subjects"][-1] == "missed 12 of 16 lessons"
    assert rows["Котова Ян", "Алгебра"] == ["Орлова В.", 2.5, 6, 3, "", "average below 3"]
    assert rows["Семёнов Пётр", "Алгебра"][-1] == "few marks: 0 of 3"


def test_a_teacher_reads_of_the_own_assignments_only(known: Reported) -> None:
    document = report(known.school.teacher, "classes")
    assert [(row[0], row[6]) for row in lines(document)] == [("5А", 3)]
    assert "Only the subjects and groups that you teach; nobody else's marks are in it." in document.lines
    assert [row[0] for row in lines(report(known.other_teacher, "subjects"))] == ["Алгебра", "История"]
    with pytest.raises(NotThere):
        report(known.school.teacher, "classes", **{"class": known.other_class.id})
    with pytest.raises(NotThere):
        report(known.school.teacher, "fives")


def test_what_a_newcomer_brings_is_in_no_figure_of_the_new_teacher(known: Reported) -> None:
    newcomer = classmate(known.school, "Новиков", until=day(10, 5))
    written(Enrollment(student=newcomer, school_class=known.other_class, starts_on=day(10, 6)))
    db.session.add(final(known.school, known.term, FinalMarkValue.TWO, student=newcomer))  # at Орлова's
    algebra, zavuch = known.algebra_of_b.subject_id, deputy()
    document = report(known.other_teacher, "classes", subject=algebra)
    assert [(row[0], row[6]) for row in lines(document)] == [("5Б", 1)]
    assert [row[0] for row in lines(report(zavuch, "failing"))] == ["Котова Ян", "Новиков Ян"]


def test_a_class_teacher_reads_of_the_own_class_or_the_own_subjects(known: Reported) -> None:
    leader = led(known.school)
    assert [(row[0], row[6]) for row in lines(report(leader, "classes"))] == [("5А", 6)]
    assert [row[0] for row in lines(report(leader, "failing"))] == ["Котова Ян"]
    assert [(row[0], row[6]) for row in lines(report(leader, "classes", whose="own"))] == [("5А", 3)]
    with pytest.raises(NotThere):
        report(leader, "classes", whose="school")
    with pytest.raises(NotThere):
        report(leader, "failing", **{"class": known.other_class.id})


def test_statements_do_not_grow_with_the_school(known: Reported) -> None:
    zavuch = deputy()
    report(zavuch, "classes")
    with counted() as few:
        report(zavuch, "classes")
    for letter in "ВГД":
        written(type(known.other_class)(academic_year_id=known.school.year.id, grade=5, letter=letter))
    with counted() as many:
        report(zavuch, "classes")
    assert len(many) == len(few) <= 16


def test_the_page_shows_the_report_and_survives_whatever_is_asked(panel: Panel, known: Reported) -> None:
    zavuch = deputy()
    assert "Results by classes" in panel.page(zavuch, "/admin/reports/")
    page = panel.page(zavuch, "/admin/reports/classes/")
    assert "School 3 1 2 1 7 85.7 57.1 64.6 3.86" in page
    assert "As of Oct 12, 12:00" in page or "As of 12 Oct, 12:00" in page
    assert "Choose a subject." in panel.page(zavuch, "/admin/reports/subject/")
    for name in ("year", "period", "grade", "class", "subject", "teacher", "whose"):
        for value in HOSTILE[1::3]:
            answer = panel.client.get(
                "/admin/reports/classes/", query_string={name: value}, headers={"X-Person": str(zavuch.id)}
            )
            assert answer.status_code in (200, 400, 404), (name, value)
    assert panel.get(zavuch, "/admin/reports/nothing/").status_code == 404


def test_lists_are_not_for_plain_teachers_and_reports_not_for_parents(panel: Panel, known: Reported) -> None:
    page = panel.page(known.school.teacher, "/admin/reports/")
    assert "Results by classes" in page
    assert "All fives" not in page
    assert panel.get(known.school.teacher, "/admin/reports/fives/").status_code == 404
    assert panel.get(known.school.teacher, "/admin/reports/fives/xlsx").status_code == 404
    nobody = written(type(known.other_teacher)(family_name="Гость", given_name="Ия", is_staff=True))
    assert panel.get(nobody, "/admin/reports/").status_code == 403


def test_reports_stay_quiet_where_nothing_is_written(panel: Panel) -> None:
    assert "The academic year with its classes is not written yet." in panel.page(deputy(), "/admin/reports/classes/")
    assert db.session.scalars(select(Lesson)).all() == []


def test_every_slice_of_a_demo_school_adds_up_to_the_same(demo_app: Flask) -> None:
    with demo_app.test_request_context(), policy.system() as facts:
        number = facts.scalars(select(User.id).where(User.is_deputy_director)).first()
        actor = policy.load_actor(facts, number or 0, date(2026, 11, 24), datetime(2026, 11, 24, 10, tzinfo=UTC))
        assert actor is not None
        policy.act_as(db.session(), actor)

        def marks(key: str, **words: str) -> list[float | None]:
            asked = ask(db.session(), REPORTS[key], words, actor, reporting_school(), actor.now)
            assert asked is not None
            table = REPORTS[key].make(db.session(), asked).tables[0]
            first = sum(not column.key for column in table.columns)
            return totals(table)[first:]

        school = marks("classes")
        assert (school[-5] or 0) > 100
        assert marks("subjects") == marks("teachers") == marks("grades") == school
        by_class = [marks("subjects", **{"class": str(each)}) for each in db.session.scalars(select(SchoolClass.id))]
        assert sum(figures[0] or 0 for figures in by_class if figures) == school[0]
        policy.act_as(db.session(), None)
