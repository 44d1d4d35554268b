"""Two people, two browsers, any order of events: who is in is always who should be (``tests/sign_in_model.py``)."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete
from werkzeug.test import TestResponse

from app import policy
from app.auth import passwords, second_factor
from app.credentials import issue
from app.extensions import db
from app.models import Account, AuditRecord, Credential, Delivery, RecoveryCode, SecondFactor, SignIn, User, UserSession
from tests.post import code_of
from tests.sign_in_model import STEP, Browser, Model, Person
from tests.telephone import Clock, Telephone, set_up
from tests.visitor import Visitor, person

PASSWORDS = ("летний дождь идёт", "correct horse battery", "зелёный трамвай ночью")
NEVER = "nobody ever had this one"
TABLES = (RecoveryCode, SecondFactor, SignIn, UserSession, Delivery, Credential, AuditRecord, Account, User)
HOPS = (1, STEP, 61, 6 * 60, 31 * 60, 3600, 13 * 3600, 25 * 3600, 8 * 86400, 29 * 86400)
browsers, people = st.integers(0, 1), st.integers(0, 1)


class SignIns(RuleBasedStateMachine):
    """``app``, ``clock`` and ``steps`` are those of the test that runs it."""

    app: Flask
    clock: Clock
    steps: Counter[str]

    @initialize()
    def empty(self) -> None:
        """Two people: one of staff, one who is not; two browsers that nobody used."""
        db.session.rollback()
        for model in TABLES:
            db.session.connection().execute(delete(model))
        db.session.commit()
        db.session.expunge_all()
        self.users: list[User] = [person(f"login{number}", PASSWORDS[0], is_staff=not number) for number in (0, 1)]
        self.people = [Person(number, not number, PASSWORDS[0]) for number in (0, 1)]
        self.model, self.browsers = Model(), [Browser(0), Browser(1)]
        self.visitors: list[Visitor] = [self.app.test_client(), self.app.test_client()]
        self.telephones: dict[int, Telephone] = {}
        self.codes: list[list[str]] = [[], []]

    def step(self, name: str) -> Any:
        """Every event has a moment of its own."""
        db.session.commit()
        self.steps[name] += 1
        self.clock.go(1)
        return self.clock.at

    @rule(browser=browsers, who=people, typed=st.sampled_from(["right", "right", "right", "wrong", "former"]))
    def sign_in(self, browser: int, who: int, typed: str) -> None:
        now, right = self.step("sign in"), self.people[who].password
        password = {"right": right or PASSWORDS[0], "wrong": NEVER, "former": PASSWORDS[2]}[typed]
        self.model.is_in(self.browsers[browser], now)
        expected = self.model.sign_in(self.browsers[browser], self.people[who], password, now)
        answer = self.visitors[browser].post("/login", data={"username": f"login{who}", "password": password})
        assert told(answer) == expected

    @rule(who=people)
    def fail_six_times(self, who: int) -> None:
        """A stranger tries: nobody waits who comes with a browser that is known."""
        stranger = self.app.test_client()
        for _ in range(6):
            expected = self.model.sign_in(Browser(9), self.people[who], NEVER, self.step("guess"))
            answer = stranger.post("/login", data={"username": f"login{who}", "password": NEVER})
            assert told(answer) == expected

    @precondition(lambda self: any(one.pending for one in self.browsers))
    @rule(shift=st.sampled_from([0, 0, 0, -1, 1, 3]), is_recovery=st.booleans(), which=st.integers(0, 12))
    def second_step(self, shift: int, is_recovery: bool, which: int) -> None:
        now, browser = self.step("code"), next(one for one in self.browsers if one.pending)
        assert browser.pending
        who = browser.pending[1].number
        step, page, code = int(now.timestamp()) // STEP + shift, "/login/code", "000000"
        if who in self.telephones:
            code = self.telephones[who].code(shift)
        if is_recovery:
            code, page = (self.recovery[who] + [NEVER])[min(which, len(self.recovery[who]))], "/login/recovery"
        self.model.is_in(browser, now)
        expected = self.model.code(browser, None if is_recovery else step, code, now)
        assert told(self.visitors[browser.number].post(page, data={"code": code})) == expected

    @rule(who=people)
    def switch_second_factor(self, who: int) -> None:
        now, model = self.step("second factor"), self.people[who]
        if not model.has_factor:
            model.last_step, model.has_factor = int(now.timestamp()) // STEP, True
            self.telephones[who], codes = set_up(self.users[who], self.clock)
            model.recovery = set(codes)
            self.recovery = {**getattr(self, "recovery", {}), who: codes}
            return
        with policy.system() as session:
            second_factor.reset(session, self.users[who].id, now)
            session.commit()
        model.has_factor = False
        self.model.end(model, now)

    @rule(who=people)
    def give_access(self, who: int) -> None:
        now = self.step("give access")
        if not self.people[who].is_active:
            return
        with policy.system() as session:
            issue.issue(session, [session.get_one(User, self.users[who].id)], None, now)
            session.commit()
        self.model.issue(self.people[who], now)
        self.codes[who].append(code_of(self.users[who]))

    @precondition(lambda self: any(self.codes))
    @rule(browser=browsers, who=people, age=st.integers(0, 2), password=st.sampled_from(PASSWORDS))
    def use_link(self, browser: int, who: int, age: int, password: str) -> None:
        """The newest code or an older one, used or not."""
        if age >= len(self.codes[who]):
            return
        now, link = self.step("link"), self.people[who].links[-1 - age]
        self.model.is_in(self.browsers[browser], now)
        expected = self.model.activate(self.browsers[browser], self.people[who], link, password, now)
        fields = {"password": password, "repeated": password}
        assert told(self.visitors[browser].post(f"/a/{self.codes[who][-1 - age]}", data=fields)) == expected

    @rule(who=people)
    def take_access_back(self, who: int) -> None:
        now = self.step("revoke")
        with policy.system() as session:
            issue.revoke(session, [session.get_one(User, self.users[who].id)], now)
            session.commit()
        self.model.revoke(self.people[who], now)

    @rule(who=people)
    def switch_person_off_or_on(self, who: int) -> None:
        self.step("switch off")
        self.people[who].is_active = not self.people[who].is_active
        with policy.system() as session:
            session.get_one(User, self.users[who].id).is_active = self.people[who].is_active
            session.commit()

    @rule(browser=browsers, is_right=st.booleans(), new=st.sampled_from(PASSWORDS))
    def change_password(self, browser: int, is_right: bool, new: str) -> None:
        now, holder = self.step("change password"), self.browsers[browser]
        if not self.model.is_in(holder, now):
            return
        assert holder.session
        old = (holder.session.person.password if is_right else None) or NEVER
        expected = self.model.change_password(holder, old, new, now)
        fields = {"old": old, "password": new, "repeated": new}
        answer = self.visitors[browser].post("/account/password", data=fields)
        assert {302: "changed", 422: "wrong", 429: "wait"}[answer.status_code] == expected

    @rule(browser=browsers, everywhere=st.booleans())
    def sign_out(self, browser: int, everywhere: bool) -> None:
        now, holder = self.step("sign out"), self.browsers[browser]
        if not self.model.is_in(holder, now):
            return
        self.model.leave(holder, now, everywhere=everywhere)
        assert self.visitors[browser].post("/account/sessions/end" if everywhere else "/logout").status_code == 302

    @rule(seconds=st.sampled_from(HOPS))
    def wait(self, seconds: int) -> None:
        self.step("wait")
        self.clock.go(seconds)

    @invariant()
    def who_is_in_is_who_should_be(self) -> None:
        for browser in getattr(self, "browsers", ()):
            expected = self.model.is_in(browser, self.clock.at)
            opened = self.visitors[browser.number].get("/account/password").location == "/account/"
            assert opened is expected


def told(answer: TestResponse) -> str:
    """What became of it, by status and by where it leads."""
    if answer.status_code != 302:
        return {401: "wrong", 404: "lapsed", 429: "wait"}[answer.status_code]
    if answer.location.startswith("/login/code"):
        return "code"
    return "lapsed" if answer.location.startswith("/login") else "in"


def test_who_is_in_is_who_should_be(
    app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch, record_property: Any
) -> None:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr("flask_wtf.csrf.validate_csrf", lambda *_arguments: None)
    app.config.update(SIGN_IN_FAILURES_PER_ADDRESS=100_000)
    steps = Counter[str]()
    machine = type("Machine", (SignIns,), {"app": app, "clock": clock, "steps": steps})
    few = settings(
        max_examples=int(os.environ.get("MACHINE_EXAMPLES", "3")), stateful_step_count=20, deadline=None,
        phases=(Phase.generate,), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(machine, settings=few)
    record_property("sign-in machine: steps", steps.total())
