"""Random schools: nobody opens, lists, writes into or hears of what is not theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from sqlalchemy import func, select

from app import policy
from app.extensions import Base, db
from app.models import User
from tests.random_school import STUDENTS, Truth, build, plans
from tests.school_panel import NOW, TODAY, Panel
from tests.visitor import text

few = settings(
    max_examples=6, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
MODELS = [mapper.class_ for mapper in Base.registry.mappers]
WATCHED = {"DiaryVisit"}  # written by looking at one's own


def addresses(app: Flask, method: str, *, of_student: bool) -> list[str]:
    """Addresses of the diary that take a student and nothing that is not a day, or that take nothing at all."""
    found = []
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/diary/") or method not in (rule.methods or ()):
            continue
        others = rule.arguments - {"student", "day"}
        if ("student" in rule.arguments) is of_student and not others:
            found.append(rule.rule.replace("<int:student>", "{student}").replace("<day>", str(TODAY)))
    return sorted(found)


def rows() -> dict[str, int]:
    db.session.commit()
    found = {
        model.__name__: db.session.scalar(select(func.count()).select_from(model)) or 0
        for model in MODELS
        if model.__name__ not in WATCHED
    }
    db.session.commit()
    return found


def everybody(truth: Truth) -> Iterator[tuple[str, User]]:
    for name, number in truth.people.items():
        user = db.session.get_one(User, number)
        db.session.commit()
        yield name, user


@few
@given(plan=plans)
def test_nobody_opens_or_lists_what_is_not_theirs(
    app: Flask, panel: Panel, record_property: Callable[[str, int], None], plan: Any
) -> None:
    truth = build(plan)
    asked = 0
    for who, user in everybody(truth):
        hidden = truth.foreign_words(who)
        for address in addresses(app, "GET", of_student=True):
            for index in range(STUDENTS):
                answer = panel.get(user, address.format(student=truth.students[index]))
                asked += 1
                if truth.reads(who, index):
                    assert answer.status_code in (200, 302), (who, address)
                elif who in truth.readers():
                    assert answer.status_code == 404, (who, address, answer.status_code)
                else:
                    assert answer.status_code in (302, 404), (who, address, answer.status_code)
                assert not hidden & set(words(answer)), (who, address)
        for address in addresses(app, "GET", of_student=False) if who in truth.readers() else ():
            answer = panel.get(user, address)
            asked += 1
            assert answer.status_code < 400 or answer.status_code in (404, 405), (who, address)
            assert not hidden & set(words(answer)), (who, address)
    record_property("addressing: pages asked for", asked)


@few
@given(plan=plans)
def test_nobody_writes_into_what_is_not_theirs(app: Flask, panel: Panel, plan: Any) -> None:
    truth = build(plan)
    before = rows()
    for who, user in everybody(truth):
        for address in addresses(app, "POST", of_student=True):
            for index in range(STUDENTS):
                if not truth.reads(who, index):
                    answer = panel.post(user, address.format(student=truth.students[index]), reason="x", value="x")
                    assert answer.status_code in (302, 403, 404), (who, address, answer.status_code)
    assert rows() == before


@few
@given(plan=plans)
def test_people_write_to_those_they_have_to_do_with(app: Flask, plan: Any) -> None:
    truth = build(plan)
    ids = {number: name for name, number in truth.people.items()}
    for who, number in truth.people.items():
        with policy.system() as session:
            actor = policy.load_actor(session, number, TODAY, NOW)
            assert actor is not None
            found = {ids[one] for one in session.execute(policy.correspondents(actor)).scalars() if one in ids}
        assert found == {other for other in truth.people if truth.has_to_do(who, other)}, who


def words(answer: Any) -> list[str]:
    """The words of a page, a calendar or an export."""
    said = text(answer) if answer.mimetype == "text/html" else answer.get_data(as_text=True)
    return [part.strip(".,:;()«»\"'") for part in said.replace("\\n", " ").split()]
