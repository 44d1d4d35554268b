"""The printed journal: every lesson once, on pages that fit, with what stands in the journal."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.extensions import db
from app.models import Attendance, Handover, Lesson, Mark, RollCall, User, Work
from app.models.journal import AttendanceStatus, FinalMarkValue
from app.reports.journal_pages import LESSONS_ON_PAGE, joined, paged
from app.reports.journal_pages import Lesson as Printed
from tests.final_marks import classmate, final, quarter
from tests.reported import lines, report
from tests.school import School
from tests.school_panel import day, deputy, led, written

BEGIN = date(2026, 9, 1)


@given(st.lists(st.integers(0, 70), min_size=1, max_size=4))
def test_every_lesson_stands_once_in_order_and_no_page_is_too_full(numbers: list[int]) -> None:
    count = iter(range(1000))
    parts = [([Printed(next(count), BEGIN + timedelta(term)) for _ in range(number)], [f"term:{term}"])
             for term, number in enumerate(numbers)]  # fmt: skip
    sheets = paged(parts)
    assert [sheet.number for sheet in sheets] == list(range(1, len(sheets) + 1))
    assert [lesson for sheet in sheets for lesson in sheet.lessons] == [each for some, _ in parts for each in some]
    assert all(len(sheet.lessons) <= LESSONS_ON_PAGE for sheet in sheets)
    assert [key for sheet in sheets for key in sheet.finals] == [key for _some, keys in parts for key in keys]
    for sheet in sheets:  # a page is of one term, its final mark on the last page of it
        assert len({lesson.day for lesson in sheet.lessons}) <= 1


def test_several_marks_of_a_lesson_and_the_letter_stand_together() -> None:
    assert joined("", [5, 4]) == "5/4"
    assert joined("Н", []) == "Н"
    assert joined("Б", [4]) == "Б/4"


@pytest.fixture
def journal(school: School) -> School:
    """Two lessons of algebra, the second by a substitute, a third one cancelled and moved; a term mark."""
    term = quarter(school)
    school.lesson.topic, school.lesson.homework = "Дроби", "№ 5"
    school.teacher.is_staff = True
    other = written(User(family_name="Белова", given_name="Анна", is_staff=True))
    second = Lesson(assignment=school.assignment, date=day(10, 5), number=2, topic="Проценты", substitute=other)
    moved = Lesson(assignment=school.assignment, date=day(10, 8), number=1, is_cancelled=True,
                   cancel_reason="→ 15.10.2026")  # fmt: skip
    coming = Lesson(assignment=school.assignment, date=day(10, 15), number=1, topic="Потом")
    extra = Work(lesson=school.lesson)
    db.session.add_all([second, moved, coming, extra])
    db.session.flush()
    db.session.add_all([
        Mark(work=school.work, student=school.student, value=5), Mark(work=extra, student=school.student, value=4),
        Attendance(lesson=second, student=school.student, status=AttendanceStatus.ILL),
        RollCall(lesson_id=second.id), final(school, term, FinalMarkValue.FIVE),
    ])  # fmt: skip
    classmate(school, "Ильин", until=day(10, 6))
    return school


def test_left_and_right_page_say_what_stands_in_the_journal(journal: School) -> None:
    document = report(led(journal), "journal", assignment=journal.assignment.id, period="1",
                      **{"class": journal.school_class.id})  # fmt: skip
    assert lines(document) == [
        ["1. Ильин Ян (from 01.10, until 06.10)", "", "", ""], ["2. Семёнов Пётр (from 01.10)", "5/4", "Б", "5"],
    ]  # fmt: skip
    assert [column.title for column in document.tables[0].columns[1:]] == ["1", "5", "I quarter"]
    right = document.following[0]
    assert lines(right) == [
        ["2026-10-01", "Дроби", "№ 5", "Орлова В."],
        ["2026-10-05", "Проценты", "", "substitute Белова А."],
        ["2026-10-08", "The lesson was not held: moved to 15.10.2026", "", "Орлова В."],
    ]
    assert (document.tables[0].caption, right.tables[0].caption) == ("Page 1, left", "Page 1, right")


def test_the_year_has_a_page_for_each_term_with_lessons(journal: School) -> None:
    quarter(journal, 2)
    document = report(deputy(), "journal", assignment=journal.assignment.id, period="year",
                      **{"class": journal.school_class.id})  # fmt: skip
    titles = [column.title for column in document.tables[0].columns[3:]]
    assert titles == ["I quarter", "Year mark", "Final mark"]
    assert len(document.following) == 1


def test_who_had_the_journal_before_stands_in_it(journal: School) -> None:
    before = written(User(family_name="Ушедшая", given_name="Ия", is_staff=True))
    written(Handover(assignment=journal.assignment, from_teacher=before, to_teacher=journal.teacher, since=day(10, 8)))
    document = report(deputy(), "journal", assignment=journal.assignment.id, period="1",
                      **{"class": journal.school_class.id})  # fmt: skip
    assert "(before: Ушедшая И. until 7 Oct 2026)" in str(document.lines)
    assert [line[3] for line in lines(document.following[0])] == ["Ушедшая И.", "substitute Белова А.", "Орлова В."]
