"""The page behind the link: a parent comes with a code, sets a password and is in."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app import policy
from app.credentials.codes import code_hash
from app.extensions import db
from app.models import Account, Credential, Guardianship, SignIn, User
from tests.school import School
from tests.visitor import OTHER, PASSWORD, Visitor, person, text

CODE = "7K3M9PXW2R5T"
LINK = f"/a/{CODE}"


def credential(user: User, **changes: object) -> int:
    now = datetime.now(UTC)
    fields = {"version": 1, "code_hash": code_hash(CODE), "expires_at": now + timedelta(days=7)}
    row = Credential(user_id=user.id, **(fields | changes))
    db.session.add(row)
    db.session.commit()
    return row.id


def stands() -> Credential:
    with policy.system() as session:
        return session.scalars(select(Credential)).one()


@pytest.fixture
def user(app: Flask) -> User:
    user = person("petrova", password=None, phone="+79123456789", email="anna@example.org")
    credential(user)
    return user


def set_password(visitor: Visitor, password: str = PASSWORD, repeated: str | None = None):  # type: ignore[no-untyped-def]
    return visitor.send(LINK, password=password, repeated=password if repeated is None else repeated)


def test_a_parent_sets_a_password_and_is_in(app: Flask, user: User) -> None:
    phone = app.test_client()
    answer = set_password(phone)
    assert answer.location == "/account/welcome"
    page = text(phone.get(answer.location))
    assert "petrova" in page
    assert "+7 912 345-67-89" in page
    assert "anna@example.org" in page
    assert stands().activated_at is not None
    assert app.test_client().sign_in("89123456789").status_code == 302


def test_the_page_says_whom_it_is_for_and_no_more(app: Flask, user: User, school: School) -> None:
    db.session.add(Guardianship(user_id=user.id, student_id=school.student.id))
    db.session.commit()
    page = text(app.test_client().get(LINK))
    assert "Welcome, Анна Ильинична" in page
    assert "the diary of your children" in page
    for secret in ("Петрова", "petrova", "912", "anna@", "Семёнов"):
        assert secret not in page


def test_looking_does_not_spend_it(app: Flask, user: User) -> None:
    preview = app.test_client()
    assert preview.head(LINK).status_code == 200
    assert stands().opened_at is None
    assert preview.get(LINK).status_code == preview.get(LINK).status_code == 200
    assert stands().opened_at is not None
    assert stands().activated_at is None
    assert set_password(app.test_client()).status_code == 302


def test_a_code_typed_by_hand_works(app: Flask, user: User) -> None:
    visitor = app.test_client()
    for typed in ("7k3m-9pxw-2r5t", "7K3M 9PXW 2R5T", "7К3М9РХW2R5Т"):
        answer = visitor.send("/a/", code=typed)
        assert answer.status_code == 302
        assert "Welcome, Анна Ильинична" in visitor.get(answer.location).text
        assert visitor.get(f"/a/{typed}").status_code == 200


def test_a_mistyped_code_says_what_to_do(app: Flask, user: User) -> None:
    visitor = app.test_client()
    for typed in ("7K3M9PXW2R5X", "???", "/", "x" * 64, "'; --", "💥"):
        answer = visitor.send("/a/", code=typed)
        assert answer.status_code == 404
        assert "Compare it with the message letter by letter" in text(answer)
    assert visitor.send("/a/", code="").status_code == 422
    assert visitor.send("/a/", code="x" * 65).status_code == 422


def test_used_replaced_expired_unknown_and_switched_off_read_the_same(app: Flask) -> None:
    def page(code: str) -> str:
        answer = app.test_client().get(f"/a/{code}")
        assert answer.status_code == 404
        return text(answer)

    past = datetime.now(UTC) - timedelta(seconds=1)
    user = person(password=None)
    gone = person("gone", password=None, is_active=False)
    credential(user, version=1, code_hash=code_hash("USED"), activated_at=past)
    credential(user, version=2, code_hash=code_hash("RVKD"), revoked_at=past)
    credential(user, version=3, code_hash=code_hash("XPRD"), expires_at=past)
    credential(gone, code_hash=code_hash("GNE"))
    pages = {page(code) for code in ("USED", "RVKD", "XPRD", "GNE", "UNKNWN", "x" * 5000, "%00x")[:6]}
    assert len(pages) == 1
    assert "ask the class teacher for a new one" in pages.pop()


def test_it_is_used_once(app: Flask, user: User) -> None:
    second = app.test_client()
    page = second.get(LINK).text
    token = page.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
    assert set_password(app.test_client()).status_code == 302
    late = second.post(LINK, data={"csrf_token": token, "password": OTHER, "repeated": OTHER})
    assert late.status_code == 404
    assert app.test_client().sign_in("petrova", OTHER).status_code == 401
    assert app.test_client().sign_in("petrova", PASSWORD).status_code == 302


def test_without_the_token_nothing_is_spent(app: Flask, user: User) -> None:
    assert app.test_client().post(LINK, data={"password": PASSWORD, "repeated": PASSWORD}).status_code == 400
    assert stands().activated_at is None


def test_a_refused_password_spends_nothing_and_says_why(app: Flask, user: User) -> None:
    for password, repeated, reason in [
        ("short", "short", "at least 12 characters"),
        (PASSWORD, OTHER, "The two passwords differ"),
        ("passwordpassword", "passwordpassword", "easy to guess"),
        ("петрова анна", "петрова анна", "must not be made of your name"),
        ("", "", "Think of a password"),
        ("x" * 10_000, "x" * 10_000, "256"),
    ]:
        answer = set_password(app.test_client(), password, repeated)
        assert answer.status_code == 422
        assert reason in text(answer)
        assert not password or f'value="{password}"' not in answer.text
        assert stands().activated_at is None
    assert set_password(app.test_client()).status_code == 302


def test_a_new_password_ends_the_sign_ins_of_the_old_one(app: Flask) -> None:
    user = person()
    old = app.test_client()
    old.sign_in("petrova")
    credential(user)
    assert set_password(app.test_client(), OTHER).status_code == 302
    assert old.get("/account/").status_code == 302


def test_over_https_it_works_without_a_referer(app: Flask, user: User) -> None:
    phone = app.test_client()
    page = phone.get(LINK, base_url="https://localhost")
    assert page.headers["Referrer-Policy"] == "no-referrer"
    token = page.text.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
    form = {"csrf_token": token, "password": PASSWORD, "repeated": PASSWORD}
    assert phone.post(LINK, data=form, base_url="https://localhost").status_code == 302


def test_the_pages_are_kept_nowhere(app: Flask, user: User) -> None:
    for page in (LINK, "/a/", "/a/UNKNWN"):
        headers = app.test_client().get(page).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_trying_codes_is_slowed_down_by_address(app: Flask, user: User) -> None:
    app.config["SIGN_IN_FAILURES_PER_ADDRESS"] = 3
    codes = [app.test_client().get(f"/a/CODE{number}") for number in range(4)]
    assert [answer.status_code for answer in codes] == [404, 404, 404, 429]
    assert int(codes[-1].headers["Retry-After"]) > 0
    assert "Wait 15 minutes" in text(codes[-1])
    assert app.test_client().get(LINK).status_code == 429
    elsewhere = app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "198.51.100.9"
    assert elsewhere.get(LINK).status_code == 200


def test_neither_the_code_nor_the_password_is_written_down(
    app: Flask, user: User, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    set_password(app.test_client())
    credential(user, version=2, code_hash=code_hash("ABCD"))
    monkeypatch.setattr("app.credentials.activation.open_", lambda *_: 1 / 0)
    with caplog.at_level(logging.DEBUG):
        assert app.test_client().get("/a/ABCD").status_code == 500
        logging.getLogger("werkzeug").info('"GET %s HTTP/1.1" 200', LINK)
    assert "GET /a/*** HTTP/1.1" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert CODE not in caplog.text
    assert "ABCD" not in caplog.text
    with policy.system() as session:
        rows = [
            *session.scalars(select(Account)),
            *session.scalars(select(SignIn)),
            *session.scalars(select(Credential)),
        ]
        stored = " ".join(str(vars(row)) for row in rows)
    assert CODE not in stored
    assert PASSWORD not in stored


def test_many_wrong_codes_at_once_are_all_answered(app: Flask) -> None:
    """A GET that writes must not begin as a reader: SQLite would refuse to turn the read into a write."""
    codes: list[int] = []

    def ask(number: int) -> None:
        visitor = app.test_client()
        codes.extend(visitor.get(f"/a/WRNG{number}X{again}").status_code for again in range(4))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [404] * 32
