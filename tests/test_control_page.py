"""The control page: each person sees how the rules are kept for whom they answer, and comes to the cell from there."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup

from app.control.rules import RULES
from app.extensions import db
from app.models import Lesson, SchoolClass, StudyGroup, Subject, TeachingAssignment, User
from tests.school import DAY, School
from tests.school_panel import HOSTILE, Panel, counted, deputy, led, second_class, written

ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def other_class(school: School, number: int = 1) -> User:
    """Another class, whose teacher has not written a lesson either."""
    other = second_class(school)
    teacher = User(family_name="Чужова", given_name="Нина", is_staff=True, login="chuzhova")
    group = db.session.query(StudyGroup).filter_by(school_class_id=other.id).one()
    assignment = TeachingAssignment(
        teacher=teacher, subject=Subject(name="Физика"), study_group=group, starts_on=DAY
    )  # fmt: skip
    db.session.add_all(Lesson(assignment=assignment, date=DAY, number=1 + place) for place in range(number))
    db.session.commit()
    return teacher


def ways(html: str) -> set[str]:
    """Where the links of the open cases lead."""
    return {str(link["href"]) for link in BeautifulSoup(html, "html.parser").select(".breaches .ways a")}


def test_the_deputy_sees_where_a_rule_is_not_kept_by_whom_and_since_when(school: School, panel: Panel) -> None:
    other_class(school)
    page = panel.page(deputy(), "/admin/control/")
    assert "The whole school" in page
    assert "As of 12 Oct" in page
    assert "Topics of lessons are filled clause 2.4 0 % 2 since 1 Oct Орлова Вера 1 Чужова Нина 1" in page.replace(
        "\xa0", " "
    )
    assert "Who has most open" in page
    answer = panel.get(deputy("Вторая"), "/admin/control/topics/")
    assert "11 days" in answer.text
    assert f"/admin/lessoncard/{school.lesson.id}/" in ways(answer.text)
    assert f"/admin/journal/{school.assignment.id}/?day=2026-10-01" in ways(answer.text)


def test_marks_lead_to_the_journal_first(school: School, panel: Panel) -> None:
    answer = panel.get(deputy(), "/admin/control/marks/")
    first = BeautifulSoup(answer.text, "html.parser").select_one(".breaches a.open")
    assert first is not None
    assert first["href"] == f"/admin/journal/{school.assignment.id}/?day=2026-10-01"


def test_a_class_teacher_sees_the_class_and_a_teacher_the_own_lessons(school: School, panel: Panel) -> None:
    stranger, leader = other_class(school), led(school)
    page = panel.page(leader, "/admin/control/")
    assert "5А, and your own lessons" in page
    assert "Чужова" not in page.replace("Teacher Орлова Вера Чужова Нина", "")
    foreign = db.session.query(Lesson).filter(Lesson.id != school.lesson.id).one().id
    assert f"/{foreign}/" not in " ".join(ways(panel.get(leader, "/admin/control/topics/").text))
    page = panel.page(stranger, "/admin/control/")
    assert "Your own lessons" in page
    assert "Орлова" not in page
    assert "Who has most open" not in page
    assert ways(panel.get(stranger, "/admin/control/topics/").text) >= {f"/admin/lessoncard/{foreign}/"}
    assert panel.get(stranger, f"/admin/control/?person={leader.id}").status_code == 404
    assert panel.get(stranger, "/admin/control/news/").status_code == 404


def test_filters_of_the_address_narrow_the_figures(school: School, panel: Panel) -> None:
    stranger, boss = other_class(school), deputy()
    other = db.session.query(SchoolClass).filter_by(letter="Б").one()
    for asked in (
        f"class={other.id}", f"person={stranger.id}", f"subject={school.assignment.subject_id + 1}",
        f"class={other.id}&grade=5&from=2026-10-01&until=2026-10-02",
    ):  # fmt: skip
        found = ways(panel.get(boss, f"/admin/control/topics/?{asked}").text)
        assert found
        assert f"/admin/lessoncard/{school.lesson.id}/" not in found
    assert "Nothing was due" in panel.page(boss, "/admin/control/topics/?from=2026-10-02&until=2026-10-05")
    for asked in ("class=99", "subject=99", "person=99", "grade=11", "term=7"):
        assert panel.get(boss, f"/admin/control/?{asked}").status_code == 404
    assert panel.get(boss, "/admin/control/nothing/").status_code == 404


@ONE
def test_whatever_the_address_asks_for_is_answered(school: School, panel: Panel) -> None:
    boss = deputy()
    names = ("class", "subject", "person", "grade", "term", "from", "until", "page", "order")
    for value in HOSTILE:
        asked = urlencode(dict.fromkeys(names, value[:2000]))
        assert panel.get(boss, f"/admin/control/forbidden/?{asked}").status_code in (200, 400, 404), value[:40]
    assert panel.post(boss, "/admin/control/topics/remind", who="1,2").status_code == 400
    assert "At most a year" in panel.page(boss, "/admin/control/?from=2001-01-01")
    assert "has not come yet" in panel.page(boss, "/admin/control/?from=2099-01-01")
    assert panel.get(boss, "/admin/control/topics/?page=99999").status_code == 200


@ONE
def test_every_rule_has_a_page_and_an_empty_school_is_told_so(school: School, panel: Panel) -> None:
    boss = deputy()
    assert all(panel.get(boss, f"/admin/control/{key}/").status_code == 200 for key in RULES)
    db.session.delete(school.work)
    db.session.delete(school.lesson)
    db.session.commit()
    assert "Nothing was due" in panel.page(led(school), "/admin/control/")


@ONE
def test_the_pages_take_as_many_statements_however_many_lessons_there_are(school: School, panel: Panel) -> None:
    boss, numbers = deputy(), []
    other_class(school)
    assignment = db.session.query(TeachingAssignment).filter(TeachingAssignment.id != school.assignment.id).one()
    for back in (1, 2):
        day = DAY + timedelta(back)
        db.session.add_all(Lesson(assignment=assignment, date=day, number=1 + place) for place in range(7))
        db.session.commit()
        with counted() as seen:
            panel.get(boss, "/admin/control/")
            panel.get(boss, "/admin/control/topics/")
        numbers.append(len(seen))
    assert numbers[0] == numbers[1]


def test_somebody_of_a_family_does_not_get_in(school: School, panel: Panel) -> None:
    stranger = written(User(family_name="Гостев", given_name="Иван"))
    assert panel.get(stranger, "/admin/control/").status_code == 403
