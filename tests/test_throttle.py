"""Guessing passwords: slowed down per name and per address, without locking anybody's school out."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import clock, create_app, policy
from app.auth import throttle
from app.auth.throttle import FREE, WAITS, ThrottledError
from app.extensions import db
from app.models import SignIn
from tests.visitor import PASSWORD, Visitor, person, text

NOW = datetime(2026, 10, 1, 8, 30, tzinfo=UTC)


def guess(app: Flask, name: str = "petrova", times: int = 1, address: str = "198.51.100.7") -> list[int]:
    """Statuses of wrong sign-ins, each from a new browser."""
    app.config["PROXIES"] = 0
    codes = []
    for _ in range(times):
        visitor = app.test_client()
        visitor.environ_base["REMOTE_ADDR"] = address
        codes.append(visitor.sign_in(name, "wrong").status_code)
    return codes


def failures(count: int, name: str = "a", address: str = "198.51.100.7", at: datetime = NOW) -> None:
    for _ in range(count):
        throttle.note_failure(db.session(), name * 64, address, at)
    db.session.commit()


@pytest.mark.parametrize("name", ["petrova", "nobody"])
def test_after_five_wrong_passwords_even_the_right_one_waits(app: Flask, name: str) -> None:
    person()
    assert guess(app, name, FREE + 1) == [401] * FREE + [429]
    answer = app.test_client().sign_in(name)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert "Wait 1 minute and try again at" in text(answer)
    assert f'value="{name}"' in answer.text
    assert PASSWORD not in answer.text


def test_other_names_at_the_same_address_do_not_wait(app: Flask) -> None:
    person()
    person("ivanov")
    guess(app, times=FREE)
    assert app.test_client().sign_in("ivanov").status_code == 302


def test_a_browser_that_signed_in_before_is_not_locked_out_by_others(app: Flask) -> None:
    app.config["SIGN_IN_FAILURES_PER_ADDRESS"] = FREE
    person()
    own = app.test_client()
    own.sign_in("petrova")
    own.send("/logout")
    assert guess(app, times=FREE + 1, address="127.0.0.1")[-1] == 429
    assert own.sign_in("petrova").status_code == 302


def test_a_known_browser_does_not_guess_without_end(app: Flask) -> None:
    person()
    own = app.test_client()
    own.sign_in("petrova")
    own.send("/logout")
    assert [own.sign_in("petrova", "wrong").status_code for _ in range(FREE + 1)] == [401] * FREE + [429]


def test_a_forged_cookie_of_a_known_browser_is_worth_nothing(app: Flask) -> None:
    person()
    guess(app, times=FREE)
    stranger = app.test_client()
    stranger.set_cookie("known_browser", "WyJhIiwxXQ.AAAA")
    assert stranger.sign_in("petrova").status_code == 429


def test_an_address_waits_after_its_limit_whatever_the_names(app: Flask) -> None:
    app.config["SIGN_IN_FAILURES_PER_ADDRESS"] = 3
    person()
    assert [guess(app, f"name{number}")[0] for number in range(4)] == [401, 401, 401, 429]
    assert guess(app, "name9", address="198.51.100.8") == [401]
    waiting = app.test_client()
    waiting.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    assert waiting.sign_in("petrova").status_code == 429


def test_a_school_behind_one_address_signs_in_all_morning(app: Flask) -> None:
    app.config["SIGN_IN_FAILURES_PER_ADDRESS"] = 3
    person()
    assert [app.test_client().sign_in("petrova").status_code for _ in range(5)] == [302] * 5


def test_a_pupil_who_hammers_from_the_school_stops_none_of_its_teachers(app: Flask) -> None:
    app.config["SIGN_IN_FAILURES_PER_ADDRESS"] = 20
    teachers = [person(f"teacher{number}", password=None, is_staff=True) for number in range(40)]
    stored = person("pupil").account.password_hash
    for teacher in teachers:
        teacher.account.password_hash = stored
        came_in = throttle.note_failure(db.session(), "x" * 64, "127.0.0.1", clock.now(), teacher.id)
        throttle.note_success(db.session(), came_in)
    db.session.commit()
    guessed = [guess(app, f"teacher{number}", address="127.0.0.1") for number in range(20)]
    assert guess(app, "nobody", address="127.0.0.1") == [429]
    assert guessed == [[401]] * 20
    came = [app.test_client().sign_in(f"teacher{number}").status_code for number in range(40)]  # new browsers, all
    assert came == [302] * 40


def test_who_was_never_there_waits_with_the_address(app: Flask) -> None:
    app.config["SIGN_IN_FAILURES_PER_ADDRESS"] = 3
    person()
    assert [guess(app, f"name{number}", address="127.0.0.1")[0] for number in range(4)] == [401, 401, 401, 429]
    assert app.test_client().sign_in("petrova").status_code == 429


def test_wrong_codes_and_wrong_passwords_do_not_add_up(app: Flask) -> None:
    app.config["SIGN_IN_FAILURES_PER_ADDRESS"] = 3
    person()
    visitor = app.test_client()
    assert [visitor.get(f"/a/WR0NGC0DE{number}").status_code for number in range(4)] == [404, 404, 404, 429]
    assert app.test_client().sign_in("petrova").status_code == 302
    guess(app, "a", times=3, address="127.0.0.1")
    assert guess(app, "b", address="127.0.0.1") == [429]


def test_waits_grow_and_end(app: Flask) -> None:
    waits = []
    for number in range(FREE + len(WAITS) + 2):
        try:
            throttle.check_account(db.session(), "a" * 64, NOW)
        except ThrottledError as error:
            waits.append(error.until - NOW)
        failures(1, at=NOW)
        assert number < FREE or len(waits) == number - FREE + 1
    assert waits[: len(WAITS)] == list(WAITS)
    assert waits[len(WAITS) :] == [WAITS[-1]] * 2
    throttle.check_account(db.session(), "a" * 64, NOW + WAITS[-1])


def test_a_success_or_a_day_clears_the_name(app: Flask) -> None:
    failures(FREE)
    throttle.check_account(db.session(), "a" * 64, NOW + timedelta(days=1))
    with pytest.raises(ThrottledError):
        throttle.check_account(db.session(), "a" * 64, NOW)
    attempt = throttle.note_failure(db.session(), "a" * 64, "198.51.100.7", NOW)
    throttle.note_success(db.session(), attempt)
    db.session.flush()
    throttle.check_account(db.session(), "a" * 64, NOW)


def test_an_ipv6_customer_is_one_address(app: Flask) -> None:
    failures(2, address="2001:db8:1:2::1")
    with pytest.raises(ThrottledError):
        throttle.check_address(db.session(), "2001:db8:1:2:ffff::9", 2, NOW)
    throttle.check_address(db.session(), "2001:db8:1:3::1", 2, NOW)


def test_twenty_guesses_at_once_get_no_further_than_one_by_one(app: Flask, tmp_path: Path) -> None:
    person()
    uri = app.config["SQLALCHEMY_DATABASE_URI"]
    processes = [create_app({**app.config, "SQLALCHEMY_DATABASE_URI": uri}, tmp_path / "instance") for _ in range(2)]
    codes: list[int] = []

    def run(number: int) -> None:
        visitor = Visitor(processes[number % 2], app.response_class)
        codes.append(visitor.sign_in("petrova", "wrong").status_code)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in processes:
        with process.app_context():
            db.engine.dispose()
    assert sorted(codes) == [401] * FREE + [429] * (20 - FREE)
    with policy.system() as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == FREE
