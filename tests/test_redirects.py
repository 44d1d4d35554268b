"""After sign-in nobody lands on another site."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st

from app.auth.next_page import local_path
from tests.visitor import person

EVIL = [
    "//evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example", "https:evil.example",
    "https://evil.example", "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example", "\t//evil.example",
    " //evil.example", "/\r\n\\evil.example", "///evil.example", "http:///evil.example", "evil.example",
    "/\x00/evil.example", "/\x85/evil.example", "", "data:text/html,x", "/a b", "//[evil", "@evil.example", "?x", "#x",
]  # fmt: skip


def lands(target: str) -> bool:
    """Whether a browser stays on the site, by the URL Standard: trimmed, without tabs and breaks, \\ as /."""
    trimmed = re.sub(r"[\t\n\r]", "", target.strip("".join(map(chr, range(0x21))))).replace("\\", "/")
    return not (trimmed.startswith("//") or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", trimmed))


PIECES = st.sampled_from(
    ["/", "\\", "\t", "\n", "\r", " ", ":", "@", "https", "evil.example", "..", "%2f", "?", "#", "а"]
)


@given(st.one_of(st.text(), st.lists(PIECES).map("".join), st.lists(PIECES).map("".join).map("/".__add__)))
@example("/..//evil.example")
def test_what_is_accepted_stays_here(target: str) -> None:
    accepted = local_path(target)
    if accepted is not None:
        assert accepted == target
        assert lands(accepted)
        assert accepted.startswith("/")


@pytest.mark.parametrize("target", EVIL)
def test_foreign_addresses_are_dropped(target: str) -> None:
    assert local_path(target) is None


@pytest.mark.parametrize(
    "target", ["/", "/admin/journal/7/?term=2", "/admin/student/?search=семёнов", "/x#part", "/a//b"]
)
def test_pages_of_the_journal_are_kept(target: str) -> None:
    assert local_path(target) == target


def test_sign_in_goes_where_it_was_asked_to_or_home(app: Flask) -> None:
    person()
    for target in ("/account/", "/admin/journal/7/?term=2"):
        assert app.test_client().sign_in("petrova", page=f"/login?next={quote(target)}").location == target
    for target in EVIL[:10]:
        assert app.test_client().sign_in("petrova", page=f"/login?next={quote(target)}").location == "/admin/"


def test_somebody_signed_out_comes_back_to_the_page(app: Flask) -> None:
    person()
    visitor = app.test_client()
    answer = visitor.get("/account/")
    assert answer.location == "/login?next=/account/"
    assert "Please sign in to go on." in visitor.get(answer.location).text
    assert visitor.sign_in("petrova", page=answer.location).location == "/account/"


def test_a_program_gets_401_instead_of_a_page(app: Flask) -> None:
    answer = app.test_client().get("/account/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["error"]) == (401, "unauthorized")


def test_the_language_switch_leads_nowhere_else(app: Flask) -> None:
    for target in EVIL[:10]:
        assert app.test_client().send("/login", "/language", language="ru", next=target).location == "/login"


def test_the_panel_asks_to_sign_in_and_opens_afterwards(app: Flask) -> None:
    person("deputy", is_deputy_director=True, is_staff=True)
    visitor = app.test_client()
    answer = visitor.get("/admin/student/?page=2")
    assert answer.location == "/login?next=/admin/student/?page%3D2"
    answer = visitor.sign_in("deputy", page=answer.location)
    assert answer.location == "/admin/student/?page=2"
    assert visitor.get(answer.location).status_code == 200
    assert visitor.get("/").location == "/admin/"
    assert visitor.get("/admin/").status_code == 200
    assert app.test_client().get("/").location == "/login"
