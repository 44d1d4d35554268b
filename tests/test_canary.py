"""A person whose every value is a canary goes through the doors; none of it sings in the logs or in addresses."""

from __future__ import annotations

import logging

import pytest
from flask import Flask
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from tests.visitor import PASSWORD, Visitor, person

CANARY = {
    "family_name": "Канарейкина", "given_name": "Жёлтая", "login": "canary.login", "email": "canary@example.org",
    "phone": "+79997770011",
}  # fmt: skip
TYPED = ("canary-wrong-password", "канарейка поёт утром", "CANARYC0DE12")


def token_of(visitor: Visitor) -> str:
    return visitor.get("/account/").text.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]


@pytest.mark.parametrize("breaks", [False, True])
def test_nothing_of_a_person_is_logged(
    app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, breaks: bool
) -> None:
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    caplog.set_level(logging.DEBUG)
    person(is_deputy_director=True, **CANARY)
    visitor, addresses = app.test_client(), list[str]()
    if breaks:
        monkeypatch.setattr("app.auth.passwords.faults", lambda *_: 1 / 0)
        monkeypatch.setattr("app.credentials.activation.find", lambda *_: 1 / 0)
    for answer in (
        visitor.sign_in(CANARY["login"], TYPED[0]),
        visitor.get(f"/a/{TYPED[2]}"),
        visitor.sign_in(CANARY["email"], PASSWORD),
        visitor.send("/account/", "/account/password", old=PASSWORD, password=TYPED[1], repeated=TYPED[1]),
        visitor.send("/account/", "/account/contacts", email=CANARY["email"], phone="123"),
        visitor.post("/admin/user/new/", data={**CANARY, "csrf_token": token_of(visitor)}),
        visitor.post("/admin/user/new/", data=CANARY),
        visitor.get("/admin/user/details/?id=1"),
    ):
        addresses.append(answer.headers.get("Location", ""))
    said = caplog.text + " ".join(addresses)
    assert ("ZeroDivisionError" in caplog.text) is breaks
    assert [each for each in (*CANARY.values(), *TYPED, PASSWORD) if each in said] == []


def test_the_database_does_not_say_values_back(app: Flask) -> None:
    with pytest.raises(SQLAlchemyError) as error:
        db.session.execute(sql("SELECT * FROM nowhere WHERE name = :name"), {"name": CANARY["family_name"]})
    db.session.rollback()
    assert CANARY["family_name"] not in str(error.value)
