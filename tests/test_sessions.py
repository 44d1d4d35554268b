"""Sessions: a cookie is worth what its row says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import event, select, text, update

from app import policy
from app.auth import sessions
from app.extensions import db
from app.models import Account, Student, User, UserSession
from tests.school import School
from tests.visitor import Visitor, person


def copied(visitor: Visitor, app: Flask) -> Visitor:
    """Another browser with the same session cookie."""
    thief = app.test_client()
    cookie = visitor.get_cookie("session")
    assert cookie
    thief.set_cookie("session", cookie.value)
    return thief


def session_ids() -> list[int]:
    with policy.system() as session:
        return list(session.scalars(select(UserSession.id).order_by(UserSession.id)))


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/account/").status_code == 200


@pytest.fixture
def user(app: Flask) -> User:
    return person()


@pytest.fixture
def visitor(app: Flask, user: User) -> Visitor:
    browser = app.test_client()
    browser.sign_in("petrova")
    assert is_in(browser)
    return browser


def test_a_copied_cookie_is_dead_after_sign_out(app: Flask, visitor: Visitor) -> None:
    thief = copied(visitor, app)
    assert is_in(thief)
    assert visitor.send("/logout").location == "/login#left"
    assert not is_in(thief)
    assert not is_in(visitor)


def test_looking_at_the_sign_out_page_does_not_sign_out(visitor: Visitor) -> None:
    assert "Sign out?" in visitor.get("/logout").text
    assert is_in(visitor)
    assert visitor.post("/logout").status_code == 400
    assert is_in(visitor)


def test_sign_out_everywhere_ends_every_device(app: Flask, visitor: Visitor) -> None:
    phone = app.test_client()
    phone.sign_in("petrova")
    assert visitor.send("/account/", "/account/sessions/end").location == "/login#left"
    assert not is_in(phone)
    assert not is_in(visitor)


def test_one_device_is_ended_from_another(app: Flask, visitor: Visitor) -> None:
    phone = app.test_client()
    phone.sign_in("petrova")
    lost = session_ids()[-1]
    visitor.send("/account/", f"/account/sessions/{lost}/end")
    assert not is_in(phone)
    assert is_in(visitor)


def test_nobody_ends_the_session_of_somebody_else(app: Flask, visitor: Visitor) -> None:
    person("other", is_deputy_director=True)
    stranger = app.test_client()
    stranger.sign_in("other")
    own = session_ids()[0]
    page = stranger.get("/account/").text
    token = page.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
    answer = stranger.post(f"/account/sessions/{own}/end", data={"csrf_token": token})
    assert answer.status_code == 404
    assert is_in(visitor)


def test_somebody_switched_off_is_out_at_once(visitor: Visitor, user: User) -> None:
    user.is_active = False
    db.session.commit()
    assert not is_in(visitor)


def test_a_sign_in_ends_by_itself(visitor: Visitor, user: User) -> None:
    for staff, column, age, lasts in [
        (False, "last_seen_at", timedelta(days=29), True),
        (False, "last_seen_at", timedelta(days=30), False),
        (True, "last_seen_at", timedelta(hours=11), True),
        (True, "last_seen_at", timedelta(hours=12), False),
        (True, "created_at", timedelta(hours=167), True),
        (True, "created_at", timedelta(hours=168), False),
        (False, "created_at", timedelta(days=89), True),
        (False, "created_at", timedelta(days=90), False),
    ]:
        now = datetime.now(UTC)
        user.is_staff = staff
        moments = {"created_at": now, "last_seen_at": now} | {column: now - age}
        db.session.execute(update(UserSession).values(moments))
        db.session.commit()
        assert is_in(visitor) is lasts


def test_signing_in_makes_a_new_session_and_ends_the_one_before(app: Flask, visitor: Visitor) -> None:
    before = copied(visitor, app)
    person("other")
    page = visitor.get("/logout").text
    token = page.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
    visitor.post("/login", data={"username": "other", "password": "летний дождь идёт", "csrf_token": token})
    assert visitor.post("/logout", data={"csrf_token": token}).status_code == 400
    assert not is_in(before)
    assert is_in(visitor)


def test_the_token_is_stored_as_a_hash_only(app: Flask, visitor: Visitor) -> None:
    cookie, interface = visitor.get_cookie("session"), app.session_interface
    assert isinstance(interface, SecureCookieSessionInterface)
    assert cookie
    token = interface.get_signing_serializer(app).loads(cookie.value)["_user_id"]
    stored = db.session.scalars(select(UserSession.token_hash)).one()
    assert stored == sessions.token_hash(token)
    assert token not in stored


@pytest.mark.parametrize("https", [False, True])
def test_cookies_are_for_this_site_and_no_script(app: Flask, user: User, https: bool) -> None:
    app.config["SESSION_COOKIE_SECURE"] = https
    app.config["PREFERRED_URL_SCHEME"] = "https" if https else "http"
    base = f"{app.config['PREFERRED_URL_SCHEME']}://localhost"
    visitor = app.test_client()
    page = visitor.get("/login", base_url=base).text
    token = page.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
    form = {"username": "petrova", "password": "летний дождь идёт", "csrf_token": token}
    cookies = visitor.post("/login", data=form, base_url=base).headers.getlist("Set-Cookie")
    assert {cookie.split("=")[0] for cookie in cookies} == {"session", "known_browser"}
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert ("Secure" in cookie) is https


@pytest.mark.parametrize("staff", [False, True])
def test_only_the_browser_of_a_parent_keeps_the_sign_in_when_closed(app: Flask, staff: bool) -> None:
    person("petrova", is_staff=staff)
    visitor = app.test_client()
    visitor.sign_in("petrova")
    cookie = visitor.get_cookie("session")
    assert cookie
    assert (cookie.expires is None) is staff


def test_being_here_is_noted_every_five_minutes(visitor: Visitor) -> None:
    def seen() -> list[datetime | None]:
        db.session.rollback()
        return [db.session.scalars(select(column)).one() for column in (UserSession.last_seen_at, Account.last_seen_at)]

    first = seen()[0]
    visitor.get("/account/")
    assert seen() == [first, None]
    db.session.execute(update(UserSession).values(last_seen_at=datetime.now(UTC) - timedelta(minutes=6)))
    db.session.commit()
    visitor.get("/account/")
    moment, account = seen()
    assert account == moment
    assert moment is not None
    assert datetime.now(UTC) - moment < timedelta(minutes=1)


def test_a_busy_database_does_not_stop_a_reader(app: Flask, visitor: Visitor) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL locks rows, not the database")
    db.session.execute(update(UserSession).values(last_seen_at=datetime.now(UTC) - timedelta(minutes=6)))
    db.session.commit()
    with db.engine.connect() as writer:  # outside of a request: BEGIN IMMEDIATE
        writer.execute(text("SELECT 1"))
        assert is_in(visitor)


def test_a_request_asks_for_the_session_and_its_person_in_one_statement(visitor: Visitor) -> None:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "user_session" in statement and "token_hash" in statement.split("WHERE")[-1]:
            asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    visitor.get("/account/")
    event.remove(db.engine, "before_cursor_execute", note)
    assert len(asked) == 1
    assert "account" in asked[0]


@pytest.fixture
def probe(app: Flask, school: School) -> Callable[[Visitor], str]:
    """How many students the session of a request sees."""
    app.add_url_rule("/probe", "probe", lambda: str(len(db.session.scalars(select(Student)).all())))
    return lambda visitor: visitor.get("/probe").text


def test_each_request_sees_with_the_rights_of_its_person(app: Flask, probe: Callable[[Visitor], str]) -> None:
    person("deputy", is_deputy_director=True)
    person("parent")
    deputy, parent, nobody = app.test_client(), app.test_client(), app.test_client()
    deputy.sign_in("deputy")
    parent.sign_in("parent")
    assert [probe(visitor) for visitor in (deputy, nobody, parent, deputy, nobody)] == ["1", "0", "0", "1", "0"]


def test_a_request_within_the_same_context_forgets_its_person(app: Flask, probe: Callable[[Visitor], str]) -> None:
    person("deputy", is_deputy_director=True)
    visitor = app.test_client()
    visitor.sign_in("deputy")
    policy.act_as(db.session(), None)
    assert super(Visitor, visitor).open("/probe").text == "1"
    assert db.session.scalars(select(Student)).all() == []
