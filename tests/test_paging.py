"""A long list goes on from its last row, and is counted no further than anybody reads."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from admin_views import paging
from app.demo.sign_ins import CLASS_TEACHER, DEPUTY
from app.extensions import db
from app.models import Enrollment, Mark, Student
from tests.demo import reader
from tests.school import DAY, School
from tests.test_lists import deputy
from tests.visitor import Visitor


def rows(html: str) -> list[str]:
    """Numbers of the rows of a list, by the links to their details."""
    return re.findall(r'class="(?:icon details )?open" href="[^"]*id=(\d+)"', html)


def link(html: str, rel: str) -> str | None:
    found = BeautifulSoup(html, "html.parser").select_one(f'nav.pager a[rel="{rel}"]')
    return str(found["href"]) if found else None


def listed(visitor: Visitor, address: str) -> list[str]:
    return rows(visitor.get(address).text)


def test_pages_that_go_on_from_a_row_are_those_that_are_counted(demo_app: Flask) -> None:
    visitor = reader(demo_app, DEPUTY)
    address, walked = "/admin/mark/?page_size=20", list[str]()
    for _ in range(4):
        page = visitor.get(address).text
        walked += rows(page)
        following = link(page, "next")
        assert following is not None
        assert "below=" in following
        address = following
    assert walked == [row for n in range(4) for row in listed(visitor, f"/admin/mark/?page_size=20&page={n}")]
    assert len(set(walked)) == 80
    before = link(visitor.get(address).text, "prev")
    assert before is not None
    assert "above=" in before
    assert listed(visitor, before) == walked[-20:]


def test_a_row_of_a_deep_page_leads_back_to_it(demo_app: Flask) -> None:
    visitor = reader(demo_app, DEPUTY)
    following = link(visitor.get("/admin/mark/?page_size=20").text, "next")
    assert following is not None
    page = visitor.get(following).text
    details = next(each for each in re.findall(r'href="([^"]*/mark/details/[^"]*)"', page))
    back = re.search(r'class="crumbs"><a href="([^"]+)"', visitor.get(details.replace("&amp;", "&")).text)
    assert back
    assert listed(visitor, back[1].replace("&amp;", "&")) == listed(visitor, following)


def test_more_rows_than_are_counted_are_said_so_and_stand_as_written(
    demo_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "COUNTED", 100)
    visitor = reader(demo_app, DEPUTY)
    page = visitor.get("/admin/mark/?sort=1&page_size=20")
    assert "more than 100" in page.text
    assert "sort=0" not in page.text
    assert listed(visitor, "/admin/mark/?sort=1&page_size=20") == listed(visitor, "/admin/mark/?page_size=20")
    deep = visitor.get("/admin/mark/?page=9&page_size=20").text
    assert link(deep, "next")
    assert "more than" not in visitor.get("/admin/student/").text


def test_far_on_the_rows_are_the_same_however_they_are_read(demo_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = reader(demo_app, DEPUTY)
    lists = ("/admin/lesson/?page=7", "/admin/student/?page_size=20&page=2", "/admin/mark/?page=30&sort=0")
    near = [rows(visitor.get(address).text) for address in lists]
    assert all(near)
    monkeypatch.setattr(paging, "FAR", 0)
    assert [rows(visitor.get(address).text) for address in lists] == near


def test_today_comes_first_then_the_days_before_then_those_to_come(demo_app: Flask) -> None:
    visitor = reader(demo_app, DEPUTY)
    last = len(listed(visitor, "/admin/lesson/?page_size=200"))
    assert last == 200
    walked = list[str]()
    for number in range(60):
        page = listed(visitor, f"/admin/lesson/?page_size=200&page={number}")
        walked += page
        if len(page) < 200:
            break
    with demo_app.app_context():
        everything = db.session.connection().exec_driver_sql("SELECT id FROM lesson").scalars().all()
    assert sorted(map(int, walked)) == sorted(everything)


def test_a_class_teacher_is_told_how_many_they_see(demo_app: Flask) -> None:
    mine = BeautifulSoup(reader(demo_app, CLASS_TEACHER).get("/admin/mark/?page_size=20").text, "html.parser")
    everything = BeautifulSoup(reader(demo_app, DEPUTY).get("/admin/mark/?page_size=20").text, "html.parser")
    few, many = (int(re.sub(r"\D", "", page.select_one("h1 .count").text)) for page in (mine, everything))  # type: ignore[union-attr]
    assert 0 < few < many


def test_a_list_of_marks_is_the_newest_first(app: Flask, school: School) -> None:
    for number in range(30):
        student = Student(family_name=f"Иванов{number}", given_name="Пётр")
        db.session.add(Enrollment(student=student, school_class=school.school_class, starts_on=DAY))
        db.session.add(Mark(work=school.work, student=student, value=5, entered_by=school.teacher))
    db.session.commit()
    visitor = deputy(app, school)
    first = listed(visitor, "/admin/mark/?page_size=20")
    assert first == sorted(first, key=int, reverse=True)
    assert len(first) == 20
    found = visitor.get("/admin/mark/?search=иванов7").text
    assert found.count('class="first"') == 1
