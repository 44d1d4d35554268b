"""A list keeps what was searched, filtered and sorted through its pages, its export and back from a row."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from app.demo.sign_ins import DEPUTY, GUARDIAN
from tests.demo import reader


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


def test_the_history_of_a_row_is_one_click_away(demo_app: Flask) -> None:
    client = reader(demo_app, DEPUTY)
    details = client.get("/admin/schoolclass/details/?id=1").text
    history = next(link for link in links(details) if "/auditrecord/" in link and "object=1" in link)
    page = client.get(history)
    assert page.status_code == 200
    assert "Object: Classes" in page.text
    assert "is not to choose from" in client.get("/admin/auditrecord/?object=1e3").text
