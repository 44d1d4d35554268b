"""/account/: what everybody does with their own access."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app import policy
from app.auth.agents import device
from app.auth.throttle import FREE
from app.models import Account, AuditRecord, User
from app.models.people import Channel
from tests.visitor import OTHER, PASSWORD, Visitor, person, text


def stands() -> Account:
    with policy.system() as session:
        return session.scalars(select(Account)).one()


def change_password(visitor: Visitor, old: str, new: str, repeated: str | None = None):  # type: ignore[no-untyped-def]
    return visitor.send(
        "/account/", "/account/password", old=old, password=new, repeated=new if repeated is None else repeated
    )


@pytest.fixture
def user(app: Flask) -> User:
    return person(email="anna@example.org")


@pytest.fixture
def visitor(app: Flask, user: User) -> Visitor:
    browser = app.test_client()
    browser.sign_in("petrova")
    return browser


def test_it_is_for_those_signed_in(app: Flask) -> None:
    for page in ("/account/", "/account/welcome"):
        assert app.test_client().get(page).location == f"/login?next={page}"


def test_a_changed_password_holds_and_other_devices_are_out(app: Flask, visitor: Visitor) -> None:
    phone = app.test_client()
    phone.sign_in("petrova")
    assert change_password(visitor, PASSWORD, OTHER).location == "/account/"
    assert "Your password is changed." in text(visitor.get("/account/"))
    assert phone.get("/account/").status_code == 302
    assert app.test_client().sign_in("petrova", PASSWORD).status_code == 401
    assert app.test_client().sign_in("petrova", OTHER).status_code == 302


def test_a_password_is_not_changed_and_the_page_says_why(visitor: Visitor) -> None:
    before = stands().password_hash
    for old, new, repeated, reason in [
        ("wrong", OTHER, OTHER, "This is not your present password."),
        ("", OTHER, OTHER, "Type your present password."),
        (PASSWORD, OTHER, PASSWORD, "The two passwords differ."),
        (PASSWORD, "short", "short", "at least 12 characters"),
        (PASSWORD, "anna@example.org", "anna@example.org", "must not be made of"),
    ]:
        answer = change_password(visitor, old, new, repeated)
        assert answer.status_code == 422
        assert reason in text(answer)
        assert OTHER not in answer.text
    assert stands().password_hash == before


def test_the_old_password_cannot_be_guessed_at_an_unattended_screen(app: Flask, visitor: Visitor) -> None:
    codes = [change_password(visitor, "wrong", OTHER).status_code for _ in range(FREE + 1)]
    assert codes == [422] * FREE + [429]
    answer = change_password(visitor, PASSWORD, OTHER)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert app.test_client().sign_in("petrova").status_code == 302


def test_contacts_are_kept_in_one_form(visitor: Visitor) -> None:
    answer = visitor.send(
        "/account/", "/account/contacts", email=" Anna.P@Example.ORG ", phone="8 (912) 345-67-89", channel="sms"
    )
    assert answer.location == "/account/"
    account = stands()
    assert (account.email, account.phone, account.channel) == ("anna.p@example.org", "+79123456789", Channel.SMS)
    page = visitor.get("/account/").text
    assert "Your contacts are saved." in page
    assert 'value="+7 912 345-67-89"' in page
    visitor.send("/account/", "/account/contacts", email="", phone="", channel="")
    account = stands()
    assert (account.email, account.phone, account.channel) == (None, None, None)


def test_wrong_contacts_change_nothing_and_stay_in_the_form(visitor: Visitor) -> None:
    for fields, reason in [
        ({"email": "anna"}, "This is not an e-mail address."),
        ({"email": "x" * 300 + "@example.org"}, "This is not an e-mail address."),
        ({"phone": "12"}, "This is not a phone number."),
        ({"phone": "позвоните вечером"}, "This is not a phone number."),
        ({"channel": "sms", "phone": ""}, "give the number of a mobile phone"),
        ({"channel": "sms", "phone": "8 495 123-45-67"}, "give the number of a mobile phone"),
        ({"channel": "email", "email": ""}, "give an e-mail address"),
        ({"channel": "pigeon"}, "Not a valid choice"),
    ]:
        answer = visitor.send("/account/", "/account/contacts", **fields)
        assert answer.status_code == 422
        assert reason in text(answer)
        for typed in (fields.get("email"), fields.get("phone")):
            assert not typed or f'value="{typed}"' in answer.text
    account = stands()
    assert (account.email, account.phone, account.channel) == ("anna@example.org", None, None)


def test_a_change_is_in_the_audit_without_the_password(visitor: Visitor, user: User) -> None:
    change_password(visitor, PASSWORD, OTHER)
    with policy.system() as session:
        record = session.scalars(select(AuditRecord).order_by(AuditRecord.id.desc())).first()
    assert record is not None
    assert (record.actor_id, record.changes) == (user.id, {"password_hash": ["***", "***"]})


def test_devices_and_sign_ins_are_listed(app: Flask, visitor: Visitor) -> None:
    phone = app.test_client()
    phone.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604.1"
    phone.environ_base["REMOTE_ADDR"] = "198.51.100.9"
    phone.sign_in("petrova")
    app.test_client().sign_in("petrova", "wrong")
    page = text(visitor.get("/account/"))
    assert "Safari, iPhone" in page
    assert "198.51.100.9" in page
    assert page.count("this device") == 1
    assert "failed" in page


def test_another_person_sees_none_of_it(app: Flask, visitor: Visitor) -> None:
    person("deputy", is_deputy_director=True, family_name="Завучева")
    deputy = app.test_client()
    deputy.sign_in("deputy")
    page = text(deputy.get("/account/"))
    assert "Завучева" in page
    assert "Петрова" not in page
    assert page.count("Last used") == 1
    assert page.count("succeeded") == 1


def test_the_language_is_the_accounts_then_the_browsers_then_the_schools(app: Flask, visitor: Visitor) -> None:
    russian, english = '<html lang="ru">', '<html lang="en">'
    stranger = app.test_client()
    assert english in stranger.get("/login", headers={"Accept-Language": "ru"}).text
    stranger.send("/login", "/language", language="ru")
    assert russian in stranger.get("/login").text
    assert russian in stranger.sign_in("petrova", "wrong").text

    answer = visitor.send("/account/", "/language", language="ru")
    assert answer.location == "/account/"
    assert russian in visitor.get("/account/").text
    assert stands().locale == "ru"
    elsewhere = app.test_client()
    elsewhere.sign_in("petrova")
    assert russian in elsewhere.get("/account/").text
    assert elsewhere.send("/account/", "/language", language="tlh").status_code == 302
    assert stands().locale == "ru"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/128.0 YaBrowser/24.7 Safari/537.36",
         "Yandex, Windows"),
        ("Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 Chrome/128.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Linux"),
        ("curl/8.9", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_device_has_the_name_people_know(agent: str, name: str) -> None:
    assert device(agent) == name
