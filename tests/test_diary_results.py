"""Marks, final marks, attendance, timetable and news in the diary."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from bs4 import Tag

from app.extensions import db
from app.models import BellTime, FinalMark, NewsItem, Subject, TimetableSlot, User
from app.models.communication import Audience
from app.models.journal import AttendanceStatus, FinalMarkKind, FinalMarkValue
from tests.diary_family import MONDAY, absence, lesson, mark, mother_of, sister, soup, terms, words
from tests.school import DAY, School
from tests.school_panel import HOSTILE, NOW, Panel, counted, second_class


@pytest.fixture
def mother(school: School) -> User:
    return mother_of(school.student)


def home(school: School) -> str:
    return f"/diary/{school.student.id}/"


def subject_shown(panel: Panel, who: User, path: str, name: str) -> Tag:
    page = soup(panel.get(who, path))
    return next(each for each in page.select(".subjects > li") if name in words(each.select_one("h2")))


def final(school: School, kind: FinalMarkKind, value: FinalMarkValue, **fields: Any) -> None:
    db.session.add(
        FinalMark(
            student=school.student, subject=school.assignment.subject, academic_year=school.year,
            assignment=school.assignment, kind=kind, value=value, **fields,
        )
    )  # fmt: skip
    db.session.commit()


# Marks


def test_a_subject_opens_to_its_marks_and_to_what_the_next_one_would_do(
    panel: Panel, school: School, mother: User
) -> None:  # fmt: skip
    terms(school)
    school.lesson.topic = "Дроби"
    mark(school, school.lesson, 5, comment="Без ошибок")
    for day, value, weight in ((5, 4, 1), (6, 3, 3)):
        mark(school, lesson(school, date(2026, 10, day)), value, weight)
    algebra = subject_shown(panel, mother, f"{home(school)}marks/", "Алгебра")
    shown = words(algebra)
    assert "Average : 3.60 5 4 3 would be 4" in shown.replace("Average:", "Average :")
    assert "Дроби Без ошибок" in shown
    assert "weight 3" in shown
    table = [[words(cell) for cell in row.select("th, td")] for row in algebra.select("tr")]
    assert table == [
        ["Mark", "5", "4", "3", "2"],
        ["Average", "3.83", "3.67", "3.50", "3.33"],
        ["Term mark", "4", "4", "4", "3"],
    ]


def test_the_term_mark_that_stands_ends_the_guessing(panel: Panel, school: School, mother: User) -> None:
    first = terms(school)[0]
    mark(school, school.lesson, 5)
    final(school, FinalMarkKind.TERM, FinalMarkValue.FOUR, term=first)
    algebra = subject_shown(panel, mother, f"{home(school)}marks/", "Алгебра")
    assert "Term mark: 4" in words(algebra)
    assert algebra.select("table") == []


def test_a_subject_without_marks_and_a_term_without_lessons_say_so(panel: Panel, school: School, mother: User) -> None:
    second = terms(school)[1]
    assert "no marks yet" in words(subject_shown(panel, mother, f"{home(school)}marks/", "Алгебра"))
    assert "There are no lessons in this term yet." in panel.page(mother, f"{home(school)}marks/?term={second.id}")


def test_switching_the_child_keeps_the_term_also_where_the_year_is_divided_otherwise(
    panel: Panel, school: School, mother: User
) -> None:  # fmt: skip
    second = terms(school)[1]
    other = sister(school)
    mother.guardianships.append(type(mother.guardianships[0])(student=other))
    page = soup(panel.get(mother, f"{home(school)}marks/?term={second.id}"))
    link = page.select_one(f'nav.who a[href="/diary/{other.id}/marks/?term={second.id}"]')
    assert link is not None
    theirs = soup(panel.get(mother, str(link["href"])))
    assert words(theirs.select_one(".switch [aria-current]")) == "II quarter"


@pytest.mark.parametrize(("grade", "term", "has_marks"), [(1, 0, False), (2, 0, False), (2, 1, True), (3, 0, True)])
def test_where_the_regulation_has_no_marks_the_attendance_stands_instead(
    panel: Panel, school: School, mother: User, grade: int, term: int, has_marks: bool
) -> None:  # fmt: skip
    chosen = terms(school)[term]
    db.session.delete(school.work)
    school.school_class.grade = grade
    absence(school, school.lesson, AttendanceStatus.ILL)
    shown = panel.page(mother, f"{home(school)}marks/?term={chosen.id}")
    assert ("There are no marks in grade 1" not in shown) is has_marks
    assert ("Lessons missed 1 Whole days missed 1" in shown) is (not has_marks)
    finals = panel.page(mother, f"{home(school)}finals/")
    assert ("There are no marks in grade 1" in finals) is (grade == 1)


# Final marks and attendance


def test_final_marks_stand_by_subject_and_term_with_reasons(panel: Panel, school: School, mother: User) -> None:
    first = terms(school)[0]
    final(school, FinalMarkKind.TERM, FinalMarkValue.FOUR, term=first, reason="Олимпиада")
    final(school, FinalMarkKind.YEAR, FinalMarkValue.EXEMPT)
    db.session.add(Subject(name="Химия"))  # not taught: not shown
    page = soup(panel.get(mother, f"{home(school)}finals/"))
    rows = [[words(cell) for cell in row.select("th, td")] for row in page.select("table tr")]
    assert rows == [
        ["Subject", "I", "II", "III", "IV", "Year", "Final"],
        ["Алгебра", "4 *", "", "", "", "exempt", ""],
    ]
    assert "Алгебра, I quarter: 4. Олимпиада" in words(page)


def test_attendance_counts_lessons_and_whole_days_and_lists_them_with_reasons(
    panel: Panel, school: School, mother: User
) -> None:  # fmt: skip
    terms(school)
    absence(school, school.lesson, AttendanceStatus.ILL, "справка")  # the only lesson of its day
    part = date(2026, 10, 5)
    absence(school, lesson(school, part, 1), AttendanceStatus.ABSENT)
    absence(school, lesson(school, part, 2), AttendanceStatus.LATE)
    lesson(school, part, 3)
    lesson(school, part, 4, is_cancelled=True, cancel_reason="мороз")
    shown = panel.page(mother, f"{home(school)}attendance/")
    assert "Lessons missed 2 Whole days missed 1 Late 1" in shown
    assert "Monday, 5 October 1. Алгебра Absent no reason given explain : 5 October 2. Алгебра Late" in shown
    assert "Thursday, 1 October the whole day 1. Алгебра Ill справка" in shown


def test_a_child_without_a_class_finds_words_in_place_of_an_error(panel: Panel, school: School) -> None:
    newcomer = type(school.student)(family_name="Новиков", given_name="Олег")
    db.session.add(newcomer)
    parent = mother_of(newcomer, "Новикова")
    for part in ("", "week/", "marks/", "finals/", "attendance/", "timetable/", "more/"):
        assert panel.get(parent, f"/diary/{newcomer.id}/{part}").status_code == 200
    assert "Олег is in no class" in panel.page(parent, f"/diary/{newcomer.id}/marks/")


def test_no_argument_breaks_a_page(panel: Panel, school: School, mother: User) -> None:
    terms(school)
    for typed in HOSTILE:
        for path in ("marks", "attendance", "finals"):
            asked = urlencode({"term": typed, "year": typed, "_external": typed, "student": typed})
            assert panel.get(mother, f"{home(school)}{path}/?{asked}").status_code in {200, 400}
        asked = urlencode({"search": typed, "page": typed})
        assert panel.get(mother, f"/diary/news/?{asked}").status_code in {200, 400}


# The timetable


def test_the_timetable_has_times_rooms_and_teachers_and_only_what_holds(
    panel: Panel, school: School, mother: User
) -> None:  # fmt: skip
    school.teacher.is_staff = True
    now, over = (
        TimetableSlot(
            assignment=school.assignment, weekday=weekday, number=2, room="204", valid_from=DAY, valid_until=until
        )
        for weekday, until in ((3, None), (4, MONDAY - timedelta(1)))
    )
    db.session.add_all([now, over, BellTime(number=2, starts_at=time(9, 25), ends_at=time(10, 10))])
    db.session.commit()
    shown = panel.page(mother, f"{home(school)}timetable/")
    assert "Wednesday 2 9:25–10:10 Алгебра room 204 Орлова Вера" in shown
    assert "Thursday" not in shown


# News


def news(title: str, audience: Audience = Audience.ALL, **fields: Any) -> NewsItem:
    item = NewsItem(
        title=title, body=fields.pop("body", "Текст"), audience=audience, **({"published_at": NOW} | fields)
    )  # fmt: skip
    db.session.add(item)
    db.session.commit()
    return item


def test_a_family_reads_the_news_addressed_to_it(panel: Panel, school: School, mother: User) -> None:
    other = second_class(school)
    shown = [
        news("Ёлка для всех", body="**Приходите** <script>alert(1)</script> [сюда](https://resh.edu.ru/)"),
        news("Собрание родителей", Audience.GUARDIANS, is_pinned=True),
        news("Поход 5А", Audience.CLASSES, classes=[school.school_class]),
    ]
    hidden = [
        news("Совещание", Audience.STAFF),
        news("Поход 5Б", Audience.CLASSES, classes=[other]),
        news("Завтра", published_at=NOW + timedelta(1)),
        news("Черновик", published_at=None),
    ]
    page = soup(panel.get(mother, "/diary/news/"))
    assert [words(each) for each in page.select("article h2")] == ["Собрание родителей", "Поход 5А", "Ёлка для всех"]
    article = soup(panel.get(mother, f"/diary/news/{shown[0].id}/")).select_one("article")
    assert article is not None
    assert article.select_one("strong") is not None
    assert article.select_one("script") is None
    assert all(panel.get(mother, f"/diary/news/{item.id}/").status_code == 404 for item in hidden)
    assert panel.get(mother, f"/diary/news/{2**40}/").status_code == 404
    found = soup(panel.get(mother, "/diary/news/?search=елка"))
    assert [words(each) for each in found.select("article h2")] == ["Ёлка для всех"]


def test_news_are_leafed_through(panel: Panel, school: School, mother: User) -> None:
    for number in range(12):
        news(f"Новость {number}", published_at=NOW - timedelta(number))
    first = soup(panel.get(mother, "/diary/news/"))
    assert len(first.select("article")) == 10
    later = first.select_one("[rel=next]")
    assert later is not None
    second = soup(panel.get(mother, str(later["href"])))
    assert [words(each) for each in second.select("article h2")] == ["Новость 10", "Новость 11"]
    assert second.select_one("[rel=next]") is None


def test_the_pages_take_few_statements_however_much_there_is(panel: Panel, school: School, mother: User) -> None:
    terms(school)
    mark(school, school.lesson, 5)
    absence(school, school.lesson, AttendanceStatus.LATE)
    news("Первая")

    paths = [f"{home(school)}{part}/" for part in ("marks", "finals", "attendance")]

    def counts() -> list[int]:
        found = []
        for path in paths:
            with counted() as seen:
                panel.page(mother, path)
            found.append(len([each for each in seen if not each.startswith("BEGIN")]))
        with counted() as seen:
            panel.page(mother, "/diary/news/")
        return [*found, len([each for each in seen if not each.startswith("BEGIN")])]

    counts()  # the visit is noted once
    few = counts()
    for number in range(2, 12):
        held = lesson(school, DAY + timedelta(number), number)
        mark(school, held, 4)
        absence(school, held, AttendanceStatus.ILL)
        news(f"Новость {number}")
    assert counts() == few
    assert max(few) <= 10
