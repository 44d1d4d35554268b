"""A code lets one person in once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from app import policy
from app.credentials.activation import activate, find, open_
from app.credentials.logins import latin
from app.extensions import db
from app.models import Account, Credential, User, UserSession
from tests.post import code_of, guardian_of, issued
from tests.school import School


@pytest.fixture
def code(app: Flask, school: School) -> str:
    guardian = guardian_of(school)
    issued(guardian)
    return code_of(guardian)


def let_in(code: str, password_hash: str = "hash") -> bool:
    with policy.system() as session:
        now = datetime.now(UTC)
        credential = find(session, code, now)
        is_in = credential is not None and activate(session, credential, password_hash, now)
        session.commit()
        return is_in


def test_fifty_at_once_let_exactly_one_in(app: Flask, code: str) -> None:
    start, visitors = Barrier(50), range(50)

    def visit(number: int) -> bool:
        with app.app_context():
            with policy.system() as session:
                found = find(session, code, datetime.now(UTC))
                assert found is not None
                session.expunge_all()
            start.wait()  # everybody has seen an unused code
            with policy.system() as session:
                is_in = activate(session, session.merge(found, load=False), f"hash {number}", datetime.now(UTC))
                session.commit() if is_in else session.rollback()
                return is_in

    with ThreadPoolExecutor(len(visitors)) as pool:
        outcomes = list(pool.map(visit, visitors))
    assert outcomes.count(True) == 1
    assert db.session.scalars(select(Account.password_hash).where(Account.password_hash.like("hash %"))).all() == [
        f"hash {outcomes.index(True)}"
    ]


def test_a_used_code_is_not_found_again(code: str) -> None:
    assert (let_in(code), let_in(code)) == (True, False)


@pytest.mark.parametrize("typed", [lambda c: c.lower(), lambda c: f"{c[:4]}-{c[4:8]} {c[8:]}"])
def test_a_code_typed_by_hand_is_found(code: str, typed: object) -> None:
    assert let_in(typed(code))  # type: ignore[operator]


def test_opening_spends_nothing_and_is_noted_once(code: str) -> None:
    first = datetime(2026, 10, 1, tzinfo=UTC)
    for moment in (first, first + timedelta(hours=1)):
        with policy.system() as session:
            credential = find(session, code, datetime.now(UTC))
            assert credential is not None
            open_(session, credential, moment)
            assert credential.opened_at == first
    assert let_in(code)


@pytest.mark.parametrize("lapse", ["expires_at", "revoked_at"])
def test_an_expired_or_replaced_code_is_refused(code: str, lapse: str) -> None:
    with policy.system() as session:
        seen = find(session, code, datetime.now(UTC))
        assert seen is not None
        session.expunge(seen)
    credential = db.session.scalars(select(Credential)).one()
    setattr(credential, lapse, datetime.now(UTC) - timedelta(seconds=1))
    db.session.commit()
    assert not let_in(code)
    with policy.system() as session:  # also when it lapses between the page and the password
        assert not activate(session, session.merge(seen, load=False), "hash", datetime.now(UTC))


def test_somebody_switched_off_stays_outside(code: str) -> None:
    db.session.scalars(select(User).where(User.family_name == "Семёнова")).one().is_active = False
    db.session.commit()
    assert not let_in(code)


def test_activation_gives_a_login_and_ends_what_was_before(app: Flask, school: School) -> None:
    guardian = guardian_of(school)
    issued(guardian)
    db.session.add(UserSession(user_id=guardian.id, token_hash="0" * 64, address="::1"))
    db.session.commit()
    assert let_in(code_of(guardian))
    account = db.session.scalars(select(Account).where(Account.user_id == guardian.id)).one()
    assert re.fullmatch(r"semenova\.a\d+", account.login or "")
    assert db.session.scalars(select(UserSession)).one().ended_at is not None


def test_a_login_that_is_taken_or_chosen_stays_unique(app: Flask, school: School) -> None:
    guardian, other = guardian_of(school), guardian_of(school, "Другая")
    other.account = Account(login=f"semenova.a{guardian.id}")
    issued(guardian, other)
    assert let_in(code_of(guardian))
    assert let_in(code_of(other))
    db.session.expire_all()
    assert guardian.login != other.login == f"semenova.a{guardian.id}"


def test_names_become_small_latin_letters() -> None:
    assert (latin("Щёголева-Ъём"), latin("O'Нил"), latin("李")) == ("shchegolevaieem", "onil", "")
