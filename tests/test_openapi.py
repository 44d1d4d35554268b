"""docs/openapi.json names every address that answers with JSON, and what the journal answers is as it says."""

from __future__ import annotations

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from twilio.request_validator import RequestValidator
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.delivery.pulse import Pulse
from app.models import Lesson, User
from tests.demo import reader
from tests.diary_family import mother_of
from tests.journal_page import JournalPage, journal_page
from tests.json_schema import Schemas
from tests.post import guardian_of, issued
from tests.push_server import Subscriber
from tests.school import School
from tests.school_panel import TODAY, Panel, deputy, led, written
from tests.twilio_server import TOKEN

DOCUMENT = json.loads((Path(__file__).parent.parent / "docs" / "openapi.json").read_text())
SCHEMAS = Schemas(DOCUMENT)
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
METHODS = ("get", "post", "put", "patch", "delete")
PUBLIC = "https://s7.example"


# Every address


def test_every_address_that_answers_with_json_is_described(demo_app: Flask) -> None:
    answering = {
        (_path(rule), method.lower())
        for rule in demo_app.url_map.iter_rules()
        for method in rule.methods or ()
        if method.lower() in METHODS and _answers_json(demo_app.view_functions[rule.endpoint])
    }
    described = {(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods}
    # One line stands for the look-ups of all lists; ticks and the webhook answer with JSON only when asked to.
    answering = {(re.sub(r"^/admin/\w+/ajax/", "/admin/{view}/ajax/", path), method) for path, method in answering}
    assert answering == {(re.sub(r"\{(?!view)\w+\}", "{}", path), method) for path, method in described} - {
        ("/webhooks/twilio/status", "post")
    }


def _path(rule: Rule) -> str:
    return re.sub(r"<[^>]+>", "{}", rule.rule)


def _answers_json(view: Callable[..., Any]) -> bool:
    """Whether the view makes JSON: gives a dict back, or says so."""
    view = view.func if isinstance(view, partial) else view
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(view))))
    return any(_is_json(node) for node in ast.walk(tree))


def _is_json(node: ast.AST) -> bool:
    if isinstance(node, ast.Return):
        value = node.value.elts[0] if isinstance(node.value, ast.Tuple) else node.value
        return isinstance(value, ast.Dict)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "jsonify"
    return isinstance(node, ast.keyword) and node.arg == "mimetype" and "json" in ast.unparse(node.value)


# Every answer


class Checked:
    """Looks at answers as the description says; knows which operations it has seen succeed."""

    def __init__(self) -> None:
        self.succeeded: set[str] = set()
        self.answers = 0

    def __call__(self, answer: TestResponse) -> TestResponse:
        operation = _operation(answer.request.path, answer.request.method.lower())
        name, status = operation["operationId"], str(answer.status_code)
        assert status in operation["responses"], f"{name} answered {status}: {answer.text[:200]}"
        said = SCHEMAS.resolved(operation["responses"][status])
        if "content" in said:
            kind, content = next(iter(said["content"].items()))
            assert answer.mimetype == kind, name
            assert not list(SCHEMAS.faults(json.loads(answer.text), content["schema"])), name
        else:
            assert answer.data == b"", name
        assert said.get("headers", {}).keys() <= set(answer.headers.keys()), name
        self.answers += 1
        if answer.status_code < 300:
            self.succeeded.add(name)
        return answer


def _operation(address: str, method: str) -> dict[str, Any]:
    for path, methods in DOCUMENT["paths"].items():
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)), address) and method in methods:
            found: dict[str, Any] = methods[method]
            return found
    raise AssertionError(f"{method} {address} is not described")


@pytest.fixture
def page(app: Flask, panel: Panel, school: School) -> JournalPage:
    app.config.update(TWILIO_AUTH_TOKEN=TOKEN, PUBLIC_URL=PUBLIC, PUSH_SERVICES="push.example")
    return journal_page(panel, school)


@ONE_DATABASE
def test_every_operation_answers_as_described(app: Flask, page: JournalPage) -> None:
    checked = Checked()
    for answer in (*_journal(page), *_access(page), *_family(page), *_open(app)):
        checked(answer)
    assert checked.succeeded == {
        each["operationId"] for methods in DOCUMENT["paths"].values() for each in methods.values()
    }


def _program(person: User) -> dict[str, str]:
    """Headers of a program that asks for the person."""
    return {"Accept": "application/json", "X-Person": str(person.id)}


def _journal(page: JournalPage) -> Iterator[TestResponse]:
    teacher, panel, lesson_id = page.school.teacher, page.panel, page.school.lesson.id
    ask, tell = partial(panel.client.get, headers=_program(teacher)), partial(panel.send, teacher)
    student, work = page.students[0].id, page.school.work.id
    edits = [
        page.mark("5"), page.mark("4", 1), page.mark("9", 2), page.presence("Н", 1),
        {"lesson": lesson_id, "topic": "т"},
        {"lesson": lesson_id, "homework": "№ 5", "version": 2**53}, {"lesson": lesson_id, "roll": "1"},
        {"student": student, "work": work, "comment": "к", "note": "з", "version": 1},
        {"student": student, "final": f"term:{page.term.id}", "value": "5", "reason": "р"},
        {"student": page.students[2].id, "lesson": lesson_id, "mark": "3"}, {"student": 10**6, "lesson": 1}, "nonsense",
    ]  # fmt: skip
    edits = [{"key": f"k{i}", "version": 0, **edit} if isinstance(edit, dict) else edit for i, edit in enumerate(edits)]
    yield tell(f"{page.address}/edits", {"edits": edits})
    yield tell(f"{page.address}/edits", {"edits": [{"key": "again", "version": 0, **page.mark("3", version=7)}]})
    yield tell(f"{page.address}/edits", "nonsense")
    yield ask(f"{page.address}/state?term={page.term.id}")
    yield ask(f"{page.address}/state?term=year")
    for cell in (f"student={student}&work={work}", f"student={student}&lesson={lesson_id}", f"lesson={lesson_id}",
                 f"student={student}&final=term:{page.term.id}", "", "lesson=99",
                 "student=1&final=никакая"):  # fmt: skip
        yield ask(f"{page.address}/history?{cell}")
    new = tell(f"{page.address}/works", {"lesson": lesson_id, "kind": "test", "title": "Контрольная", "weight": 3})
    yield new
    yield tell(f"{page.address}/works", {"lesson": lesson_id})
    number = new.json["work"]["id"]
    yield tell(f"{page.address}/works/{number}", {"weight": 2})
    yield tell(f"{page.address}/works/{work}/delete", {})
    yield tell(f"{page.address}/works/{work}/delete", {"confirmed": True})
    yield tell(f"{page.address}/works/{work}/restore", {})
    yield tell(f"{page.address}/works/{work}/restore", {})
    yield tell(f"{page.address}/lessons", {"date": "2026-10-02", "number": 3})
    yield tell(f"{page.address}/lessons", {"date": "someday"})
    yield ask("/admin/journal/99/state")


def _access(page: JournalPage) -> Iterator[TestResponse]:
    who = deputy()
    led(page.school)
    batch = issued(guardian_of(page.school, phone="+79123456789"), guardian_of(page.school))
    yield page.panel.get(who, f"/admin/access/batch/{batch}/state")
    yield page.panel.get(who, "/admin/guardianship/ajax/lookup/?name=student&query=сем")
    yield page.panel.client.get("/admin/guardianship/ajax/lookup/", headers={"Accept": "application/json"})
    yield page.panel.get(who, f"/admin/personal-data/copy.json?student={page.students[0].id}")


def _family(page: JournalPage) -> Iterator[TestResponse]:
    mother, panel = mother_of(page.students[0]), page.panel
    held = written(Lesson(assignment=page.school.assignment, date=TODAY, number=2, homework="№ 1"))
    as_json = _program(mother)
    tick = f"/diary/{page.students[0].id}/homework/{held.id}/"
    yield panel.client.post(tick, data={"done": "1"}, headers=as_json)
    yield panel.client.post("/diary/1/homework/99/", data={"done": "1"}, headers=as_json)
    yield panel.get(mother, "/diary/push/key")
    browser = Subscriber("https://push.example/1").json()
    yield panel.send(mother, "/diary/push/subscribe", browser)
    yield panel.send(mother, "/diary/push/subscribe", {})
    yield panel.send(mother, "/diary/push/unsubscribe", {"endpoint": browser["endpoint"]})
    yield panel.client.get("/diary/data/export", headers=as_json)


def _open(app: Flask) -> Iterator[TestResponse]:
    client = app.test_client()
    yield client.get("/healthz")
    yield client.get("/healthz/details")
    Pulse().beat(datetime.now(UTC))
    app.config["BACKUP_HOURS"] = ""
    yield client.get("/healthz/details")
    yield client.get("/diary/manifest.webmanifest")
    path, form = "/webhooks/twilio/status?attempt=x", {"MessageStatus": "sent"}
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + path, form)
    yield client.post(path, data=form)
    yield client.post(path, data=form, headers={"X-Twilio-Signature": signature})


def test_the_journals_of_the_demo_are_as_described(demo_app: Flask, record_property: Any) -> None:
    checked = Checked()
    for login in ("deputy", "classteacher"):
        visitor = reader(demo_app, login)
        for number in range(1, 32, 10):
            for term in ("", "year"):
                checked(
                    visitor.get(f"/admin/journal/{number}/state?term={term}", headers={"Accept": "application/json"})
                )
    record_property("described API: answers checked", checked.answers)
