"""Setting up the second factor, switching it off, having it reset: who may, what is kept, what is told."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app import policy
from app.auth.throttle import FREE
from app.extensions import Base
from app.models import AuditRecord, RecoveryCode, SecondFactor, User
from tests.school import School
from tests.school_panel import Panel, deputy
from tests.telephone import Clock, Telephone, set_up
from tests.visitor import PASSWORD, Visitor, person, text

PAGE = "/account/second-factor"

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def user(app: Flask) -> User:
    return person(is_staff=True)


@pytest.fixture
def visitor(app: Flask, user: User, clock: Clock) -> Visitor:
    browser = app.test_client()
    browser.sign_in("petrova")
    return browser


def rows(query: Any) -> list[Any]:
    with policy.system() as session:
        return list(session.scalars(query))


def everything() -> str:
    """All that is in the database, as text."""
    with policy.system() as session:
        tables = Base.metadata.sorted_tables
        return "".join(str(tuple(row)) for table in tables for row in session.connection().execute(select(table)))


def begun(visitor: Visitor, clock: Clock) -> Telephone:
    """A telephone that has read the key of the page."""
    visitor.send(PAGE, f"{PAGE}/begin")
    shared = BeautifulSoup(visitor.get(PAGE).text, "html.parser").select_one("#shared")
    assert shared is not None
    return Telephone(shared.get_text(), clock)


def send(visitor: Visitor, action: str, code: str, password: str = PASSWORD) -> TestResponse:
    """The form of the page with one of its two buttons."""
    token = visitor.get(PAGE).text.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
    return visitor.post(f"{PAGE}/{action}", data={"code": code, "password": password, "csrf_token": token})


def confirmed(visitor: Visitor, clock: Clock) -> tuple[Telephone, list[str]]:
    telephone = begun(visitor, clock)
    answer = visitor.send(PAGE, f"{PAGE}/confirm", code=telephone.code(), password=PASSWORD)
    clock.go(30)
    return telephone, codes_of(answer.text)


def codes_of(page: str) -> list[str]:
    shown = BeautifulSoup(page, "html.parser").select_one("#codes")
    return shown.get_text().split() if shown else []


def test_a_teacher_sets_it_up_and_signs_in_with_it(app: Flask, visitor: Visitor, clock: Clock) -> None:
    elsewhere = app.test_client()
    elsewhere.sign_in("petrova")
    assert "Set up the second factor" in text(visitor.get("/account/"))
    page = visitor.get(visitor.send(PAGE, f"{PAGE}/begin").location)
    picture = BeautifulSoup(page.text, "html.parser").select_one(".qr-frame svg")
    assert picture is not None
    assert "style" not in str(picture)
    assert "otpauth://totp/" in page.text
    telephone, codes = confirmed(visitor, clock)
    assert len(set(codes)) == 10
    assert elsewhere.get("/account/").status_code == 302
    page = text(visitor.get("/account/"))
    assert "On since 12 Oct 2026, 12:00." in page
    assert "10 recovery codes are left." in page
    assert telephone.key not in visitor.get(PAGE).text
    assert elsewhere.sign_in("petrova").location == "/login/code"
    assert elsewhere.send("/login/code", code=telephone.code()).location == "/admin/"


def test_keys_and_codes_are_in_no_table_no_record_and_no_log(
    visitor: Visitor, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    telephone, codes = confirmed(visitor, clock)
    send(visitor, "recovery-codes", telephone.code())
    clock.go(30)
    assert send(visitor, "off", telephone.code()).location == "/account/"
    known = everything() + caplog.text
    for secret in (telephone.key.replace(" ", ""), codes[0], codes[0].replace("-", "")):
        assert secret not in known
    records = rows(select(AuditRecord).where(AuditRecord.model == "SecondFactor").order_by(AuditRecord.id))
    assert [record.action for record in records] == ["create", "change", "delete"]
    assert set(records[1].changes) == {"confirmed_at"}
    assert records[2].summary == "Петрова Анна Ильинична"
    of_codes = rows(select(AuditRecord).where(AuditRecord.model == "RecoveryCode"))
    assert {record.changes["code_hash"][0] for record in of_codes} == {"***"}
    assert not rows(select(RecoveryCode))


def test_it_is_not_switched_on_without_the_right_code_and_password(visitor: Visitor, clock: Clock) -> None:
    telephone = begun(visitor, clock)
    for code, password, reason in [
        (telephone.code(2), PASSWORD, "This code is not right"),
        ("", PASSWORD, "Type the six digits"),
        (telephone.code(), "wrong", "This is not your present password."),
    ]:
        answer = visitor.send(PAGE, f"{PAGE}/confirm", code=code, password=password)
        assert answer.status_code == 422
        assert reason in text(answer)
        assert telephone.key in answer.text
        assert PASSWORD not in answer.text
    assert rows(select(SecondFactor.confirmed_at)) == [None]
    assert begun(visitor, clock).key != telephone.key  # somebody may have seen the first one
    stale = visitor.send(PAGE, f"{PAGE}/confirm", code=telephone.code(), password=PASSWORD)
    assert stale.status_code == 422


def test_switching_off_and_new_recovery_codes_ask_for_both(app: Flask, visitor: Visitor, clock: Clock) -> None:
    telephone, codes = confirmed(visitor, clock)
    for action in ("off", "recovery-codes"):
        assert send(visitor, action, telephone.code(), "wrong").status_code == 422
        assert send(visitor, action, telephone.code(-1)).status_code == 422  # used when it was switched on
    renewed = codes_of(send(visitor, "recovery-codes", codes[0]).text)
    assert len(renewed) == 10
    assert not set(renewed) & set(codes)
    waiting = app.test_client()
    waiting.sign_in("petrova")
    assert waiting.send("/login/recovery", code=codes[1]).status_code == 401
    assert waiting.send("/login/recovery", code=renewed[1]).location == "/admin/"
    assert send(visitor, "off", renewed[2]).location == "/account/"
    assert "switched off" in text(visitor.get("/account/"))
    assert app.test_client().sign_in("petrova").location == "/admin/"


def test_a_key_comes_never_again(app: Flask, user: User, visitor: Visitor, clock: Clock) -> None:
    """Also where the database gives the number of a deleted row to the next one."""
    telephone, codes = confirmed(visitor, clock)
    send(visitor, "off", codes[0])
    clock.go(30)
    assert confirmed(visitor, clock)[0].key != telephone.key


@ONE_DATABASE
def test_codes_cannot_be_guessed_at_an_unattended_screen(visitor: Visitor, clock: Clock) -> None:
    telephone, _ = confirmed(visitor, clock)
    assert [send(visitor, "off", "000000").status_code for _ in range(FREE + 1)] == [422] * FREE + [429]
    answer = send(visitor, "off", telephone.code())
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


@ONE_DATABASE
def test_it_is_for_staff(app: Flask, clock: Clock) -> None:
    parent = person("parent")
    visitor = app.test_client()
    visitor.sign_in("parent")
    account = visitor.get("/account/").text
    assert "second-factor" not in account
    assert visitor.get(PAGE).status_code == 404
    token = account.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
    assert visitor.post(f"{PAGE}/begin", data={"csrf_token": token}).status_code == 404
    assert visitor.post(f"{PAGE}/begin").status_code == 400
    set_up(parent, clock)  # had one as a teacher, and can be rid of it
    assert "Switch off" in text(visitor.get(PAGE))
    assert app.test_client().get(PAGE).location == f"/login?next={PAGE}"


@ONE_DATABASE
def test_deputy_directors_set_it_up_first_where_the_school_demands_it(app: Flask, clock: Clock) -> None:
    app.config["SECOND_FACTOR_FOR_DEPUTIES"] = True
    person("boss", is_staff=True, is_deputy_director=True)
    person("teacher", is_staff=True)
    teacher, boss = app.test_client(), app.test_client()
    teacher.sign_in("teacher")
    assert teacher.get("/admin/").status_code == 200
    boss.sign_in("boss")
    for page in ("/admin/", "/admin/user/", "/account/"):
        assert boss.get(page).location == PAGE
    assert boss.get("/admin/user/", headers={"Accept": "application/json"}).status_code == 403
    assert "The school demands a second factor" in text(boss.get(PAGE))
    assert boss.get("/logout").status_code == 200
    assert boss.get("/static/page.css").status_code == 200
    confirmed(boss, clock)
    assert boss.get("/admin/").status_code == 200


def test_a_deputy_director_resets_it_and_the_person_is_told(
    app: Flask, user: User, visitor: Visitor, clock: Clock
) -> None:
    telephone, codes = confirmed(visitor, clock)
    person("boss", is_staff=True, is_deputy_director=True)
    boss = app.test_client()
    boss.sign_in("boss")
    details = f"/admin/user/details/?id={user.id}"
    assert "on since 12 Oct 2026, 12:00" in text(boss.get(details))
    clock.go(600)
    waiting = app.test_client()
    waiting.sign_in("petrova")
    token = boss.get(details).text.split('name="csrf_token" value="')[1].split('"')[0]
    form = {"id": user.id, "csrf_token": token}
    assert boss.post("/admin/user/second-factor/reset/", data=form).location.startswith("/admin/user/details/")
    page = text(boss.get(details))
    assert "The second factor is reset." in page
    assert "Second factor off" in page
    assert visitor.get("/account/").status_code == 302
    assert waiting.send("/login/code", code=telephone.code()).location == "/login"
    assert not rows(select(RecoveryCode))
    taken_off = select(AuditRecord).where(AuditRecord.model == "SecondFactor").order_by(AuditRecord.id.desc())
    record = rows(taken_off.limit(1))[0]
    assert (record.action, record.summary, record.source) == ("delete", "Петрова Анна Ильинична", "panel")
    ended = rows(select(AuditRecord).where(AuditRecord.model == "UserSession", AuditRecord.unit == record.unit))
    assert {"ended_at"} == {name for each in ended for name in each.changes}
    clock.go(600)
    told = "The school reset your second factor: 12 Oct 2026, 12:10."
    assert visitor.sign_in("petrova").location == "/admin/"
    assert told in text(visitor.get("/account/"))
    clock.go(600)
    again = app.test_client()
    again.sign_in("petrova")
    assert told not in text(again.get("/account/"))


@ONE_DATABASE
def test_nobody_else_resets_it(panel: Panel, school: School, clock: Clock) -> None:
    boss, other = deputy(), deputy("Вторая")
    school.teacher.is_staff = True
    parent = person("parent")
    for each in (boss, other):
        set_up(each, clock)
    where = "/admin/user/second-factor/reset/"
    for who in (school.teacher, parent):
        assert panel.post(who, where, id=boss.id).status_code in (403, 404)
    assert panel.post(boss, where, id=boss.id).status_code == 403  # the own one takes the password and a code
    for number in ("", "x", "0", "99999999", "9" * 30, "1 OR 1=1", str(school.teacher.id)):
        assert panel.post(boss, where, id=number).status_code == 404
    assert panel.get(boss, where).status_code in (404, 405)
    assert len(rows(select(SecondFactor))) == 2
    assert "Reset the second factor" not in panel.page(boss, f"/admin/user/details/?id={boss.id}")
    assert "Reset the second factor" in panel.page(boss, f"/admin/user/details/?id={other.id}")
    assert "Second factor" not in panel.page(school.teacher, f"/admin/user/details/?id={other.id}")
    for answer, stand in (("1", True), ("0", False)):
        listed = panel.page(boss, f"/admin/user/?flt3_second={answer}")
        assert ("Вторая Ольга" in listed) is stand
        assert ("Орлова Вера" in listed) is not stand


def test_the_command_helps_the_only_deputy_director(app: Flask, user: User, clock: Clock) -> None:
    set_up(user, clock)
    run = app.test_cli_runner().invoke
    assert "Nobody has the login" in run(args=["reset-second-factor", "nobody"]).output
    answer = run(args=["reset-second-factor", "Petrova"])
    assert (answer.exit_code, rows(select(SecondFactor))) == (0, [])
    assert "has no second factor" in run(args=["reset-second-factor", "petrova"]).output
    clock.go(60)
    visitor = app.test_client()
    assert visitor.sign_in("petrova").location == "/admin/"
