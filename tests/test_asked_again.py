"""Grave acts ask for the password when the sign-in is a while ago; nothing that was sent is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app import policy
from app.auth.throttle import FREE
from app.extensions import db
from app.models import Credential, User
from tests.telephone import Clock
from tests.visitor import PASSWORD, Visitor, person, text

LATER = timedelta(minutes=20)
CONFIRM = "/admin/access/confirm"


@pytest.fixture
def deputy(app: Flask, clock: Clock) -> Visitor:
    """Signed in twenty minutes ago."""
    person("deputy", is_deputy_director=True)
    visitor = app.test_client()
    visitor.sign_in("deputy")
    clock.at += LATER
    return visitor


def token_of(visitor: Visitor) -> str:
    return visitor.get("/account/").text.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]


def give(visitor: Visitor, *people: User, **more: str) -> TestResponse:
    sent = [("csrf_token", token_of(visitor)), ("channel", ""), ("shown_channel", "")]
    sent += [("rowid", str(each.id)) for each in people]
    return visitor.post(CONFIRM, data=MultiDict([*sent, *more.items()]))


def answered(visitor: Visitor, question: TestResponse, password: str) -> TestResponse:
    """The page that asks, with the password typed in."""
    form = BeautifulSoup(question.text, "html.parser").select_one("form[action]")
    assert isinstance(form, Tag)
    sent = MultiDict((str(field["name"]), str(field.get("value", ""))) for field in form.select("input[name]"))
    sent["proof_password"] = password
    return visitor.post(str(form["action"]), data=sent)


def given() -> int:
    with policy.system() as session:
        return session.query(Credential).count()


def test_access_of_staff_waits_for_the_password_and_keeps_what_was_chosen(app: Flask, deputy: Visitor) -> None:
    teachers = [person(login, is_staff=True) for login in ("first", "second")]
    question = give(deputy, *teachers)
    assert question.status_code == 403
    assert "Your password, please" in text(question)
    assert given() == 0
    wrong = answered(deputy, question, "wrong")
    assert "This is not your present password." in text(wrong)
    assert given() == 0
    assert answered(deputy, wrong, PASSWORD).status_code == 302
    assert given() == 2
    assert give(deputy, person("third", is_staff=True)).status_code == 302  # not asked again for a while
    assert given() == 3


def test_it_is_asked_again_when_the_answer_is_old(deputy: Visitor, clock: Clock) -> None:
    teacher = person("first", is_staff=True)
    assert answered(deputy, give(deputy, teacher), PASSWORD).status_code == 302
    clock.at += LATER
    assert give(deputy, teacher).status_code == 403


def test_parents_are_given_access_without_being_asked(deputy: Visitor) -> None:
    assert give(deputy, person("parent")).status_code == 302
    assert given() == 1


def test_who_has_just_signed_in_is_not_asked(deputy: Visitor, clock: Clock) -> None:
    clock.at -= LATER
    assert give(deputy, person("first", is_staff=True)).status_code == 302


def test_guessing_there_is_slowed_down(deputy: Visitor) -> None:
    question = give(deputy, person("first", is_staff=True))
    codes = [answered(deputy, question, "wrong").status_code for _ in range(FREE + 1)]
    assert codes == [403] * FREE + [429]
    assert answered(deputy, question, PASSWORD).status_code == 429
    assert given() == 0


@pytest.mark.parametrize(
    ("page", "fields"),
    [
        ("/admin/user/second-factor/reset/", {"id": "1"}),
        ("/admin/staff/leave/?id=1", {"ends": "1"}),
        ("/admin/access/revoke/confirm", {"rowid": "1"}),
        ("/admin/newyear/", {"do": "undo"}),
        ("/admin/user/new/", {"is_deputy_director": "y", "family_name": "Новая"}),
        ("/admin/user/edit/?id=1", {"is_deputy_director": "y"}),
    ],
)
def test_every_grave_act_asks(deputy: Visitor, page: str, fields: dict[str, str]) -> None:
    question = deputy.post(page, data=fields | {"csrf_token": token_of(deputy)})
    assert "Your password, please" in text(question)
    hidden = BeautifulSoup(question.text, "html.parser").select("[type=hidden]")
    kept = {field["name"]: field["value"] for field in hidden}
    assert fields.items() <= kept.items()
    assert db.session.get_one(User, 1).is_active
