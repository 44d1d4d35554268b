"""A form that cannot be saved stands on the page that says so, and can be sent again; nobody else's, and no secret."""

from __future__ import annotations

import errno
from io import BytesIO
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask, request
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.test import TestResponse

from app.auth import sessions
from app.extensions import db
from tests.visitor import Visitor, person, text

HERE = {"Sec-Fetch-Site": "same-origin"}
TYPED = {"title": "Ярмарка", "body": "Приглашаем <b>всех</b>\r\nна ярмарку"}
ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""The pages have nothing to do with the kind of the database."""


class Driver(Exception):
    """What a driver says, with the words that programs go by."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


FAULTS: dict[str, Exception] = {
    "away": OperationalError("", {}, Driver("08006")),
    "stopped": DBAPIError("", {}, Driver("57P01")),
    "full": OperationalError("", {}, Driver("53100")),
    "no room": OSError(errno.ENOSPC, "No space left on device"),
    "bug": RuntimeError("a bug"),
    "file": FileNotFoundError(errno.ENOENT, "no such file"),
    "value": DBAPIError("", {}, Driver("22001")),
}


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """A browser with somebody signed in, at an application with a form that fails as it is told until it works."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.extensions["tests.saved"] = saved = []

    def save(how: str) -> Any:
        if how in FAULTS and not request.args.get("well"):
            raise FAULTS[how]
        saved.append((request.form.to_dict(), [file.read() for file in request.files.getlist("files")]))
        return "saved"

    app.add_url_rule("/save/<how>", "save", save, methods=["POST"])
    person()
    browser = Visitor(app)
    browser.sign_in("petrova")
    return browser


def post(visitor: Visitor, path: str, headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
    token = BeautifulSoup(visitor.get("/account/").text, "html.parser").select_one("[name=csrf_token]")
    assert token is not None
    data = {"csrf_token": token["value"]} | TYPED | fields
    return visitor.post(path, data=data, headers=HERE if headers is None else headers)


def kept(answer: TestResponse) -> dict[str, str]:
    """Names and values of the form that stands on the page, without its token."""
    form = BeautifulSoup(answer.text, "html.parser").select_one("main form")
    if form is None:
        return {}
    fields = {str(field["name"]): str(field.get("value", "")) for field in form.select("input[type=hidden]")}
    assert fields.pop("csrf_token")
    return fields | {"action": str(form["action"])}


@ONE
def test_what_was_typed_stands_on_the_page_and_is_sent_again(visitor: Visitor) -> None:
    for how, status, says in [
        ("away", 503, "The journal is busy"),
        ("stopped", 503, "The journal is busy"),
        ("full", 503, "There is no room left on the server"),
        ("no room", 503, "There is no room left on the server"),
        ("bug", 500, "went wrong on our side"),
        ("file", 500, "went wrong on our side"),
        ("value", 500, "went wrong on our side"),
    ]:
        answer = post(visitor, f"/save/{how}?tab=2")
        assert answer.status_code == status
        assert says in text(answer)
        form = kept(answer)
        assert form.pop("action") == f"/save/{how}?tab=2"
        assert {name: value.replace("\r\n", "\n") for name, value in form.items()} == {
            name: value.replace("\r\n", "\n") for name, value in TYPED.items()
        }
        assert "<b>всех</b>" not in answer.text
        assert "Приглашаем <b>всех</b>" in text(answer)
        assert post(visitor, f"/save/{how}?well=1", **form).text == "saved"


@ONE
def test_an_expired_form_is_kept_with_a_fresh_token(app: Flask, visitor: Visitor) -> None:
    answer = visitor.post("/save/well", data=TYPED | {"csrf_token": "old"}, headers=HERE)
    assert answer.status_code == 400
    assert "The form has expired" in text(answer)
    soup = BeautifulSoup(answer.text, "html.parser").select_one("main form")
    assert soup is not None
    fields = {str(field["name"]): str(field["value"]) for field in soup.select("input[type=hidden]")}
    assert visitor.post(str(soup["action"]), data=fields, headers=HERE).text == "saved"
    assert app.extensions["tests.saved"][0][0]["title"] == "Ярмарка"


@ONE
def test_what_another_site_sends_is_not_offered_to_be_sent_again(visitor: Visitor) -> None:
    headers: list[dict[str, str]] = [
        {}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ]  # fmt: skip
    for said in headers:
        answer = visitor.post("/save/well", data=TYPED, headers=said)
        assert answer.status_code == 400
        assert kept(answer) == {}
        assert "Ярмарка" not in answer.text


@ONE
def test_secrets_are_not_written_into_a_page(visitor: Visitor) -> None:
    for name in ("password", "new_password", "code", "token"):
        answer = post(visitor, "/save/away", **{name: "a secret word"})
        assert answer.status_code == 503
        assert "a secret word" not in answer.text
        assert kept(answer) == {}


@ONE
def test_files_are_to_be_chosen_once_more(visitor: Visitor) -> None:
    answer = post(visitor, "/save/no room", files=(BytesIO(b"abc"), "a.txt"))
    form = BeautifulSoup(answer.text, "html.parser").select_one("main form")
    assert form is not None
    assert form["enctype"] == "multipart/form-data"
    assert form.select_one("input[type=file][name=files]") is not None
    assert "Choose the files once more" in text(answer)


@ONE
def test_who_was_signed_out_signs_in_beside_it(app: Flask, visitor: Visitor) -> None:
    visitor.get("/account/")
    token = BeautifulSoup(visitor.get("/account/").text, "html.parser").select_one("[name=csrf_token]")
    assert token is not None
    who = sessions.UserSession
    db.session.query(who).delete()
    db.session.commit()
    answer = visitor.post("/admin/newsitem/new/", data=TYPED | {"csrf_token": token["value"]}, headers=HERE)
    assert answer.status_code == 401
    assert "You are signed out" in text(answer)
    assert kept(answer)["title"] == "Ярмарка"
    link = BeautifulSoup(answer.text, "html.parser").select_one("main a[href^='/login']")
    assert link is not None
    assert link["target"] == "_blank"
