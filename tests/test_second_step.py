"""Signing in with a second factor: the password first, then a code that is taken once."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from app import create_app, policy
from app.auth import second_factor
from app.auth.throttle import FREE
from app.credentials.codes import code_hash
from app.extensions import db
from app.models import Credential, SecondFactor, SignIn, User, UserSession
from tests.school_panel import NOW
from tests.telephone import Clock, Telephone, set_up
from tests.visitor import OTHER, PASSWORD, Visitor, person, text

PAGE = "/login/code"
REFUSED = "This code is not right, or was used."
ENDED = "This sign-in has ended"

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def user(app: Flask) -> User:
    return person(is_staff=True)


@pytest.fixture
def kept(user: User, clock: Clock) -> tuple[Telephone, list[str]]:
    return set_up(user, clock)


@pytest.fixture
def telephone(kept: tuple[Telephone, list[str]]) -> Telephone:
    return kept[0]


def rows(query: Any) -> list[Any]:
    with policy.system() as session:
        return list(session.scalars(query))


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/account/").status_code == 200


def waiting(app: Flask, login: str = "petrova") -> Visitor:
    """A browser that has got as far as the code."""
    visitor = app.test_client()
    assert visitor.sign_in(login).location == PAGE
    return visitor


def test_the_password_alone_opens_no_session(app: Flask, telephone: Telephone) -> None:
    visitor = app.test_client()
    answer = visitor.sign_in("petrova", page="/login?next=/account/")
    assert answer.location == f"{PAGE}?next=/account/"
    assert not is_in(visitor)
    assert rows(select(UserSession)) == []
    page = visitor.get(answer.location)
    assert 'autocomplete="one-time-code"' in page.text
    assert 'inputmode="numeric"' in page.text
    assert "Петрова" not in page.text
    assert visitor.send(answer.location, code=telephone.code()).location == "/account/"
    assert is_in(visitor)
    assert rows(select(SignIn.succeeded)) == [True]


def test_who_has_none_is_not_asked(app: Flask, user: User, clock: Clock) -> None:
    with policy.system() as session:
        second_factor.begin(session, user.id, clock.at)  # shown, never confirmed
        session.commit()
    assert app.test_client().sign_in("petrova").location == "/admin/"


def test_wrong_old_and_used_codes_read_the_same(app: Flask, telephone: Telephone, clock: Clock) -> None:
    used = telephone.code()
    first = waiting(app)
    assert first.send(PAGE, code=f" {used[:3]} {used[3:]}").location == "/admin/"
    second = waiting(app)
    clock.go(1)
    for code in (used, telephone.code(-1), telephone.code(2), "000000x", "１２３４５６", "\U0001f600"):
        answer = second.send(PAGE, code=code)
        assert answer.status_code == 401, code
        assert REFUSED in text(answer)
        assert not is_in(second)
        clock.go(-clock.at.second)  # the same half minute
        with policy.system() as session:
            session.execute(update(SignIn).values(succeeded=True).where(SignIn.at < clock.at))
            session.commit()
        clock.go(1)
    assert second.send(PAGE, code="").status_code == 422


@ONE_DATABASE
def test_a_clock_may_go_one_step_wrong(app: Flask, telephone: Telephone, clock: Clock) -> None:
    clock.go(60)
    for steps in (-1, 0, 1):
        assert waiting(app).send(PAGE, code=telephone.code(steps)).status_code == 302


@given(st.integers(-3, 3), st.integers(0, 29), st.none() | st.integers(-3, 3))
def test_a_code_counts_near_its_half_minute_and_after_the_last_one(shown: int, second: int, last: int | None) -> None:
    shared, step = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", int(NOW.timestamp()) // 30
    telephone, moment = Telephone(shared, Clock()), NOW + timedelta(seconds=second)
    taken = second_factor.step_of(shared, telephone.code(shown), moment, None if last is None else step + last)
    assert taken == (step + shown if abs(shown) <= 1 and (last is None or shown > last) else None)


def test_the_app_is_told_the_school_and_the_person() -> None:
    shared = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    for school in ("МБОУ «СОШ № 7: с углублённым изучением всего»" * 5, "a:b&secret=X"):
        told = pyotp.parse_uri(second_factor.address(shared, "семёнова&issuer=x", school))
        assert isinstance(told, pyotp.TOTP)
        assert (told.secret, told.interval, told.digits, told.name) == (shared, 30, 6, "семёнова&issuer=x")
        assert told.issuer == " ".join(school.replace(":", " ").split())[:40]


def at_once(app: Flask, tmp_path: Path, visitors: list[Visitor], code: str, page: str = PAGE) -> list[int]:
    """Statuses of the same code sent from several browsers to two processes at once."""
    settings = {**app.config, "TESTING": True}
    processes = [create_app(settings, tmp_path / "instance") for _ in range(2)]
    ready, codes = threading.Barrier(len(visitors)), list[int]()
    copies = []
    for number, visitor in enumerate(visitors):
        token = visitor.get(page).text.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
        cookie = visitor.get_cookie("session")
        assert cookie is not None
        copy = Visitor(processes[number % 2], app.response_class)
        copy.set_cookie("session", cookie.value)
        copies.append((copy, token))

    def send(copy: Visitor, token: str) -> None:
        ready.wait()
        codes.append(copy.post(page, data={"code": code, "csrf_token": token}).status_code)

    threads = [threading.Thread(target=send, args=each) for each in copies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in processes:
        with process.app_context():
            db.engine.dispose()
    return sorted(codes)


def test_the_same_code_from_two_browsers_at_once_lets_one_in(app: Flask, telephone: Telephone, tmp_path: Path) -> None:
    assert at_once(app, tmp_path, [waiting(app), waiting(app)], telephone.code()) == [302, 401]
    assert len(rows(select(UserSession))) == 1


def test_a_recovery_code_stands_in_once(app: Flask, kept: tuple[Telephone, list[str]], tmp_path: Path) -> None:
    _, codes = kept
    visitors = [waiting(app), waiting(app)]
    assert visitors[0].get("/login/recovery").status_code == 200
    assert at_once(app, tmp_path, visitors, codes[0].lower(), "/login/recovery") == [302, 401]
    again = waiting(app)
    assert REFUSED in text(again.send("/login/recovery", code=codes[0]))
    assert again.send("/login/recovery", code=codes[1].replace("-", " ")).location == "/admin/"


def test_guesses_are_counted_together_with_passwords(app: Flask, telephone: Telephone, clock: Clock) -> None:
    for _ in range(2):
        app.test_client().sign_in("petrova", "wrong")
    visitor = waiting(app)
    assert [visitor.send(PAGE, code="000000").status_code for _ in range(4)] == [401] * (FREE - 2) + [429]
    answer = visitor.send(PAGE, code=telephone.code())
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert "Wait 1 minute" in text(answer)
    assert app.test_client().sign_in("petrova").status_code == 429
    clock.go(61)
    assert visitor.send(PAGE, code=telephone.code()).location == "/admin/"


@ONE_DATABASE
def test_a_right_password_gives_no_new_guesses(app: Flask, telephone: Telephone, clock: Clock) -> None:
    """Each sign-in that stops at the code counts: otherwise the password would buy guesses without end."""
    for _ in range(FREE):
        waiting(app)
    assert app.test_client().sign_in("petrova").status_code == 429


@ONE_DATABASE
def test_five_wrong_passwords_before_the_right_one_do_not_stop_the_code(app: Flask, telephone: Telephone) -> None:
    for _ in range(FREE - 1):
        app.test_client().sign_in("petrova", "wrong")
    assert waiting(app).send(PAGE, code=telephone.code()).location == "/admin/"


def test_whoever_waits_longer_than_five_minutes_begins_anew(app: Flask, telephone: Telephone, clock: Clock) -> None:
    early, late = waiting(app), waiting(app)
    clock.go(299)
    assert early.send(PAGE, code=telephone.code()).location == "/admin/"
    clock.go(1)
    answer = late.send(PAGE + "?next=/account/", code=telephone.code(1))
    assert answer.location == "/login?next=/account/"
    assert ENDED in text(late.get("/login"))
    assert late.get(PAGE).location == "/login"


def test_what_ends_sign_ins_ends_the_one_that_waits(app: Flask, clock: Clock) -> None:
    for ending in ("everywhere", "password", "off", "used"):
        user = person(ending, is_staff=True)
        telephone, _ = set_up(user, clock)
        own, stranger = waiting(app, ending), waiting(app, ending)
        cookie = stranger.get_cookie("session")
        assert cookie is not None
        own.send(PAGE, code=telephone.code())
        clock.go(30)
        if ending == "everywhere":
            own.send("/account/", "/account/sessions/end")
        elif ending == "password":
            own.send("/account/", "/account/password", old=PASSWORD, password=OTHER, repeated=OTHER)
        elif ending == "off":
            user.is_active = False
            db.session.commit()
        else:
            assert stranger.send(PAGE, code=telephone.code()).location == "/admin/"
            stranger.set_cookie("session", cookie.value)
        clock.go(30)
        assert stranger.send(PAGE, code=telephone.code()).location == "/login", ending
        assert not is_in(stranger)


@ONE_DATABASE
def test_a_waiting_sign_in_is_for_its_own_person(app: Flask, telephone: Telephone, clock: Clock) -> None:
    other, _ = set_up(person("other"), clock)
    assert waiting(app, "other").send(PAGE, code=telephone.code()).status_code == 401
    assert waiting(app).send(PAGE, code=other.code()).status_code == 401
    stranger = app.test_client()
    assert stranger.get(PAGE).location == "/login"
    stranger.set_cookie("session", "eyJzZWNvbmQgc3RlcCI6WzEsImEiXX0.AAAA.AAAA")
    assert stranger.get(PAGE).location == "/login"


def test_new_access_does_not_go_around_it(app: Flask, user: User, telephone: Telephone, clock: Clock) -> None:
    expires = clock.at + timedelta(days=7)
    db.session.add(Credential(user_id=user.id, version=1, code_hash=code_hash("7K3M9PXW2R5T"), expires_at=expires))
    db.session.commit()
    visitor = app.test_client()
    answer = visitor.send("/a/7K3M9PXW2R5T", password=OTHER, repeated=OTHER)
    assert answer.location == f"{PAGE}?next=/account/welcome"
    assert not is_in(visitor)
    assert visitor.send(answer.location, code="000000").status_code == 401
    assert visitor.send(answer.location, code=telephone.code()).location == "/account/welcome"
    assert rows(select(SecondFactor.confirmed_at)) != [None]
