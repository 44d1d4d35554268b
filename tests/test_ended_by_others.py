"""One sign-in of somebody else is ended by who may: a telephone that was lost."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

from app import policy
from app.models import UserSession
from tests.visitor import Visitor, person, text


def sessions_of(user_id: int) -> list[int]:
    with policy.system() as session:
        return list(session.scalars(select(UserSession.id).where(UserSession.user_id == user_id)))


def end(visitor: Visitor, number: int) -> int:
    token = visitor.get("/account/").text.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
    return visitor.post("/admin/user/session/end/", data={"session": str(number), "csrf_token": token}).status_code


@pytest.fixture
def phones(app: Flask) -> list[Visitor]:
    """A teacher's two browsers."""
    person("teacher", is_staff=True)
    phones = [app.test_client(), app.test_client()]
    for phone in phones:
        phone.sign_in("teacher")
    return phones


def test_a_deputy_ends_one_of_two(app: Flask, phones: list[Visitor]) -> None:
    person("deputy", is_deputy_director=True)
    deputy = app.test_client()
    deputy.sign_in("deputy")
    page = deputy.get("/admin/user/details/?id=1")
    buttons = BeautifulSoup(page.text, "html.parser").select("button[name=session]")
    assert {str(button["value"]) for button in buttons} == {str(number) for number in sessions_of(1)}
    assert end(deputy, sessions_of(1)[0]) == 302
    assert phones[0].get("/account/").status_code == 302
    assert phones[1].get("/account/").status_code == 200
    assert "Signed in on 1 browser" in text(deputy.get("/admin/user/details/?id=1"))


def test_nobody_else_does(app: Flask, phones: list[Visitor]) -> None:
    person("colleague", is_staff=True)
    colleague = app.test_client()
    colleague.sign_in("colleague")
    assert end(colleague, sessions_of(1)[0]) in {403, 404}
    assert phones[0].get("/account/").status_code == 200
