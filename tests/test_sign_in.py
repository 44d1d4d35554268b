"""Signing in: by any name, with one answer for everything that is wrong."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select

from app import policy
from app.auth import passwords
from app.extensions import db
from app.models import Account, SignIn, UserSession
from tests.visitor import PASSWORD, person, text

REFUSED = "Login and password do not match."


def test_any_way_to_write_the_name_lets_in(app: Flask) -> None:
    person(email="anna@example.org", phone="+79123456789")
    for name in ("petrova", " Petrova ", "ANNA@Example.org", "+79123456789", "8 (912) 345-67-89", "89123456789"):
        visitor = app.test_client()
        answer = visitor.sign_in(name)
        assert (answer.status_code, answer.location) == (302, "/admin/")
        assert "Петрова Анна Ильинична" in visitor.get("/account/").text


def test_unknown_name_wrong_password_and_no_access_read_the_same(app: Flask) -> None:
    person()
    person("invited", password=None)
    person("gone", is_active=False)
    answers = {
        text(app.test_client().sign_in(name, password)).replace(name, "")
        for name, password in [
            ("petrova", "wrong password"), ("nobody", PASSWORD), ("invited", PASSWORD), ("invited", ""),
            ("gone", PASSWORD), ("petrova", PASSWORD + "x" * 300),
        ] if password
    }  # fmt: skip
    assert len(answers) == 1
    assert REFUSED in answers.pop()


def test_an_unknown_name_costs_a_hash_too(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda *args: hashes.append(1) or verify(*args))
    for name in ("nobody", "petrova"):
        app.test_client().sign_in(name)
    assert len(hashes) == 2


def test_a_shared_phone_is_nobodys_and_the_page_says_to_type_the_login(app: Flask) -> None:
    person("petrova", phone="+79123456789")
    person("petrov", phone="+79123456789")
    answer = app.test_client().sign_in("89123456789")
    assert answer.status_code == 401
    assert "type the login" in text(answer)
    assert app.test_client().sign_in("petrov").status_code == 302


def test_nobody_takes_a_login_by_writing_it_as_their_e_mail(app: Flask) -> None:
    owner = person("anna@example.org")
    person("other", password="another long password", email="anna@example.org")
    visitor = app.test_client()
    assert visitor.sign_in("anna@example.org").status_code == 302
    assert db.session.scalars(select(UserSession.user_id)).all() == [owner.id]


def test_sign_ins_are_recorded_without_what_was_typed(app: Flask) -> None:
    user = person()
    visitor = app.test_client()
    visitor.sign_in("my secret password by mistake", "x")
    visitor.sign_in("petrova", "wrong")
    visitor.sign_in("petrova")
    rows = db.session.execute(select(SignIn.user_id, SignIn.succeeded, SignIn.account_hash).order_by(SignIn.id)).all()
    assert [(row.user_id, row.succeeded) for row in rows] == [(None, False), (user.id, False), (user.id, True)]
    assert rows[1].account_hash == rows[2].account_hash != rows[0].account_hash
    assert all("secret" not in row.account_hash for row in rows)


def test_a_hash_with_old_parameters_is_renewed(app: Flask) -> None:
    user = person()
    assert user.account
    user.account.password_hash = old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    db.session.commit()
    assert app.test_client().sign_in("petrova").status_code == 302
    stored = db.session.scalars(select(Account.password_hash).execution_options(populate_existing=True)).one()
    assert stored != old
    assert stored is not None
    assert not passwords.outdated(stored)
    assert passwords.verified(stored, PASSWORD)


def test_nothing_is_checked_without_the_token(app: Flask) -> None:
    person()
    answer = app.test_client().post("/login", data={"username": "petrova", "password": PASSWORD})
    assert answer.status_code == 400
    assert "The form has expired" in text(answer)
    assert db.session.scalars(select(SignIn)).all() == []


def test_empty_fields_say_what_to_type(app: Flask) -> None:
    answer = app.test_client().sign_in("", "")
    assert answer.status_code == 422
    assert "Type your login, e-mail or phone." in text(answer)
    assert "Type your password." in text(answer)


def test_hostile_names_are_just_wrong(app: Flask) -> None:
    for name in ("'\"<script>", "х" * 10_000, "+" * 50, "@", "\U0001f600", "%s%n", "\x01\x7f"):
        answer = app.test_client().sign_in(name, name)
        assert answer.status_code == 401
        assert "<script>" not in answer.text


def test_a_nul_in_the_name_is_refused(app: Flask) -> None:
    assert app.test_client().sign_in("pet\0rova").status_code == 400


def test_who_is_signed_in_is_not_asked_again(app: Flask) -> None:
    person()
    visitor = app.test_client()
    visitor.sign_in("petrova")
    assert visitor.get("/login?next=/account/").location == "/account/"


def test_a_hash_is_made_outside_of_a_transaction(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others write while a password is being checked: SQLite has one writer."""
    person()

    written = []

    def verified(stored: str | None, password: str) -> bool:
        with policy.system() as session:
            session.connection().exec_driver_sql("UPDATE account SET locale = 'en'")
            session.commit()
        written.append(stored)
        return True

    monkeypatch.setattr(passwords, "verified", verified)
    assert app.test_client().sign_in("petrova").status_code == 302
    assert len(written) == 1
