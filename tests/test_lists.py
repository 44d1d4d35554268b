"""A list keeps what was searched, filtered and sorted through its pages, its export and back from a row."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from app.auth import passwords
from app.demo.sign_ins import DEPUTY, GUARDIAN
from app.extensions import db
from tests.demo import reader
from tests.school import School
from tests.visitor import PASSWORD, Visitor


def links(html: str) -> list[str]:
    return [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', html)]


def test_a_filter_that_is_not_the_first_stays_set_on_the_next_page_and_in_the_order(demo_app: Flask) -> None:
    client = reader(demo_app, DEPUTY)
    page = client.get("/admin/mark/?flt0_class=&flt4_value=5").text
    following = next(link for link in links(page) if "page=1" in link)
    assert "flt4_value=5" in following
    assert "Mark: 5" in client.get(following).text
    assert all("flt4_value=5" in link for link in links(page) if "sort=" in link)
    assert any("export" in link and "flt4_value=5" in link for link in links(page))


def test_a_filter_named_by_its_key_alone_works_and_can_be_cleared(demo_app: Flask) -> None:
    client = reader(demo_app, DEPUTY)
    page = client.get("/admin/mark/?value=5&sort=1").text
    assert "Mark: 5" in page
    clear = re.search(r'href="([^"]+)"[^>]*>Clear<', page)
    assert clear
    assert "value" not in clear[1]
    assert "Mark: 5" not in client.get(clear[1]).text


def test_a_row_leads_to_its_details_and_back_to_the_list_as_it_was(demo_app: Flask) -> None:
    client = reader(demo_app, DEPUTY)
    page = client.get("/admin/student/?search=%D0%B0&page=1").text
    details = next(link for link in links(page) if "/details/" in link)
    back = [link for link in links(client.get(details).text) if link.startswith("/admin/student/?")]
    assert back == ["/admin/student/?page=1&search=%D0%B0"]


def test_names_can_be_sorted_both_ways(demo_app: Flask) -> None:
    client = reader(demo_app, DEPUTY)
    up, down = (client.get(f"/admin/student/?sort=0&page_size=200{desc}").text for desc in ("", "&desc=1"))
    assert 'aria-sort="ascending"' in up
    assert 'aria-sort="descending"' in down
    names = [re.findall(r'class="open"[^>]*>([^<]+)<', page) for page in (up, down)]
    assert len(names[0]) > 50
    assert names[0] == names[1][::-1]


@pytest.mark.parametrize(
    "odd", ["endpoint=x", "_external=1", "_anchor=x", "export_type=csv", "page_size=-1", "sort=99"]
)
def test_an_odd_address_shows_the_list(demo_app: Flask, odd: str) -> None:
    client = reader(demo_app, DEPUTY)
    assert client.get(f"/admin/student/?{odd}").status_code == 200
    assert client.get(f"/admin/student/export/csv/?{odd}").status_code == 200


def test_who_may_not_change_a_row_finds_no_button_for_it(demo_app: Flask) -> None:
    client = reader(demo_app, GUARDIAN)
    page = client.get("/admin/student/").text
    details = client.get(next(link for link in links(page) if "/details/" in link)).text
    for html in (page, details):
        assert "/edit/" not in html
        assert "/delete/" not in html


def deputy(app: Flask, school: School) -> Visitor:
    """The teacher of the smallest school, promoted and signed in."""
    assert school.teacher.account is not None
    school.teacher.is_deputy_director = True
    school.teacher.account.password_hash = passwords.hashed(PASSWORD)
    db.session.commit()
    visitor = Visitor(app)
    visitor.sign_in("orlova")
    return visitor


def test_the_history_of_a_row_is_one_click_away_and_in_words(app: Flask, school: School) -> None:
    school.lesson.topic = "Quadratic equations"
    visitor = deputy(app, school)
    details = visitor.get(f"/admin/lesson/details/?id={school.lesson.id}").text
    history = next(link for link in links(details) if "/auditrecord/" in link and "object=" in link)
    page = visitor.get(history).text
    assert "Object: Lessons" in page
    assert "Topic: — → Quadratic equations" in page
    assert "Date: Thu, 1 Oct 2026" in page
    people = visitor.get("/admin/auditrecord/?model=User").text
    assert "Deputy director: No → Yes" in people
    accounts = visitor.get("/admin/auditrecord/export/csv/?model=Account").text
    assert "not shown" in accounts
    assert "argon2" not in accounts


def test_a_number_of_an_object_that_is_none_is_told(demo_app: Flask) -> None:
    page = reader(demo_app, DEPUTY).get("/admin/auditrecord/?object=1e3").text
    assert "«1e3» is not to choose from here." in page


def test_a_wrong_filter_is_told_once(demo_app: Flask) -> None:
    client = reader(demo_app, DEPUTY)
    assert "is not to choose from" in client.get("/admin/mark/?value=7&search=nobody").text
    assert "is not to choose from" not in client.get("/admin/mark/").text
