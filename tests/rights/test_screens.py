"""Every way that the panel can read or write a row, for every role, on own and foreign rows: no leak.

Made of the views and models that exist, so a new view is in it by itself. A cell is one row on one
way. A page leaks when it shows a word of a row that the person may not see; a write leaks when
anything in the database has changed that the person may not change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from wtforms import SelectField

from admin_views.base import SchoolModelView
from app import policy
from app.extensions import Base, db
from app.models import Lesson, Work
from tests.rights.table import Rights
from tests.rights.words import forbidden, text_of
from tests.rights.world import ACTORS, NOW, TODAY, World, build

UNTOLD = {("account", "last_seen_at"), ("user_session", "last_seen_at")}  # a visit is no change of a row


class Screens:
    """The panel as one person sees it, with a count of what was looked at and what leaked."""

    def __init__(self, app: Flask, world: World, who: str) -> None:
        self.app, self.world, self.who = app, world, who
        rights = Rights(world)
        models = [mapper.class_ for mapper in Base.registry.mappers]
        rows = {model: list(db.session.scalars(select(model))) for model in models}
        self.words = forbidden(rights, who, [row for some in rows.values() for row in some])
        self.ids = {model: [row.id for row in some] for model, some in rows.items()}
        self.seen = {model: {row.id for row in some if rights.sees(who, row)} for model, some in rows.items()}
        self.changes = {model: {row.id for row in some if rights.changes(who, row)} for model, some in rows.items()}
        self.deletes = {model: {row.id for row in some if rights.deletes(who, row)} for model, some in rows.items()}
        self.user_id = world.users[who].id
        db.session.commit()
        db.session.expunge_all()
        self.client: FlaskClient = app.test_client()
        self.cells, self.leaks = 0, list[str]()

    def views(self) -> list[SchoolModelView]:
        """Every model view of the panel."""
        return [view for view in self.app.extensions["admin"][0]._views if isinstance(view, SchoolModelView)]

    def some_words(self, most: int = 6) -> list[str]:
        """Some of the forbidden words, of every kind."""
        words = sorted(self.words)
        return words[:: max(1, len(words) // most)]

    def get(self, path: str, typed: str = "") -> Any:
        """Open a page; what was ``typed`` may stand in it again."""
        answer = self.client.get(path)
        self.check(path, answer, typed)
        return answer

    def check(self, path: str, answer: Any, typed: str = "") -> None:
        """Note what the answer gives away, and that it is no mistake of ours."""
        self.cells += 1
        if answer.status_code >= 500:
            self.leaks.append(f"{self.who} {path}: {answer.status_code}")
        text = text_of(answer)
        for word in self.words:
            if word in text and word not in typed:
                self.leaks.append(f"{self.who} {path}: {word}")

    def post(self, path: str, **fields: Any) -> Any:
        """Send a form."""
        answer = self.client.post(path, data=fields)
        self.check(path, answer, " ".join(str(value) for value in fields.values()))
        return answer


def own_links(answer: Any, view: SchoolModelView) -> set[int]:
    """Ids of the rows of the view's own table."""
    found = re.findall(rf'/{view.endpoint}/details/\?(?:[^"]*[;&])?id=(\d+)"', text_of(answer))
    return {int(number) for number in found}


# Reading


def read_lists(screens: Screens, view: SchoolModelView) -> None:
    """List, count, page, sort, search, filter, export, look-up."""
    base, model = f"/admin/{view.endpoint}/", view.model_class
    answer = screens.get(base + "?page_size=200")
    if answer.status_code == 403:
        return
    seen = screens.seen[model]
    missing, foreign = seen - own_links(answer, view), own_links(answer, view) - seen
    screens.cells += len(screens.ids[model])
    screens.leaks += [f"{screens.who} {base} lists {number}" for number in foreign]
    screens.leaks += [f"{screens.who} {base} does not list {number}" for number in missing]
    for column in range(len(view._list_columns)):
        own = own_links(screens.get(f"{base}?page_size=200&sort={column}&desc={column % 2}"), view)
        if own != seen:
            screens.leaks.append(f"{screens.who} {base} sorted by {column}: {own ^ seen}")
    screens.get(base + "?page=1&page_size=20")
    for kind in ("csv", "xlsx"):
        exported = text_of(screens.get(f"{base}export/{kind}/"))
        if kind == "csv" and len(exported.strip().split("\r\n")) - 1 != len(seen):
            screens.leaks.append(f"{screens.who} {base} exports other rows than are seen")
    for word in screens.some_words() if view._search_supported else ():
        found = own_links(screens.get(f"{base}?page_size=200&search={word}", word), view)
        if found:
            screens.leaks.append(f"{screens.who} {base} finds {found} by the secret {word}")


def read_filters(screens: Screens, view: SchoolModelView) -> None:
    """Every value of every filter, and numbers that are not among them."""
    base = f"/admin/{view.endpoint}/?page_size=200"
    for index, flt in enumerate(view._filters or ()):
        with screens.app.test_request_context():
            policy.act_as(db.session(), policy.SYSTEM)
            values = [value for value, _label in flt.choices()] or ["2026-10-05"]
            db.session.commit()
        for value in [*values, "1", "999999", "x", "' OR 1=1 --"]:
            found = own_links(screens.get(f"{base}&flt{index}_{flt.key}={value}"), view)
            if found - screens.seen[view.model_class]:
                screens.leaks.append(f"{screens.who} {base} filter {flt.key}={value}")


def read_rows(screens: Screens, view: SchoolModelView) -> None:
    """Details and edit form of each row."""
    base = f"/admin/{view.endpoint}"
    screens.get(f"{base}/new/")
    for number in screens.ids[view.model_class]:
        for way, allowed in (("details", screens.seen), ("edit", screens.changes)):
            answer = screens.get(f"{base}/{way}/?id={number}")
            if answer.status_code == 200 and number not in allowed[view.model_class]:
                screens.leaks.append(f"{screens.who} {base}/{way}/?id={number}")


def read_lookups(screens: Screens, view: SchoolModelView) -> None:
    """The options of every relation field."""
    for name, loader in view._form_ajax_refs.items():
        path = f"/admin/{view.endpoint}/ajax/lookup/?name={name}&query="
        for word in ["", "а", *screens.some_words()]:
            answer = screens.get(path + word, word)
            if answer.status_code != 200:
                continue
            found = {number for number, _text in json.loads(answer.data)}
            if found - screens.seen[loader.model]:
                screens.leaks.append(f"{screens.who} {path}{word}: {found}")


# Writing


def write_rows(screens: Screens, view: SchoolModelView) -> None:
    """Edit, delete, bulk action and inline edit of rows that are not theirs to change."""
    base, model = f"/admin/{view.endpoint}", view.model_class
    fields = hostile(screens, view)
    foreign_relations = [name for name in fields if name in view._form_ajax_refs]
    for number in screens.ids[model]:
        form = text_of(screens.get(f"{base}/edit/?id={number}"))
        if number not in screens.changes[model] or any(f'name="{name}"' in form for name in foreign_relations):
            screens.post(f"{base}/edit/?id={number}", **fields)
            screens.post(f"{base}/ajax/update/", list_form_pk=number, **fields)
        if number not in screens.deletes[model]:
            screens.post(f"{base}/delete/", id=number)
    for action in view._actions_data:
        right = screens.deletes if action == "delete" else screens.changes
        foreign = [number for number in screens.ids[model] if number not in right[model]]
        if foreign:
            screens.post(f"{base}/action/", action=action, rowid=foreign)
            screens.post(f"{base}/action/", action=action, rowid=foreign, confirm="1", **fields)
    creates = screens.get(f"{base}/new/").status_code == 200
    if foreign_relations or not creates:  # who may create, may create what points to own rows
        screens.post(f"{base}/new/", **fields)
    lessons = [(name, loader.model) for name, loader in view._form_ajax_refs.items() if loader.model in WRITTEN_IN]
    for name, target in lessons:
        for number in screens.seen[target] - screens.changes[target]:
            screens.post(f"{base}/new/", **fields | {name: number})


def hostile(screens: Screens, view: SchoolModelView) -> dict[str, Any]:
    """A form filled so that it would be taken from a deputy director, every relation pointing to a foreign row."""
    fields: dict[str, Any] = {}
    with screens.app.test_request_context():
        form = view._create_form_class()
        for name, field in form._fields.items():
            loader = view._form_ajax_refs.get(name)
            if loader is not None:
                foreign = [number for number in screens.ids[loader.model] if number not in screens.seen[loader.model]]
                if foreign:
                    fields[name] = foreign[0]
            elif isinstance(field, SelectField):
                fields[name] = [value for value, *_rest in field.iter_choices() if value][0]
            else:
                fields[name] = TYPED.get(type(field).__name__, "взлом")
    return fields


WRITTEN_IN = (Lesson, Work)  # whoever sees a lesson does not yet write in it
TYPED = {
    "DateField": "2026-10-05",
    "TimeField": "08:00",
    "MomentField": "2026-10-05T08:00",
    "IntegerField": "2",
    "WholeNumberField": "2",
    "BooleanField": "y",
    "EmailField": "thief@example.org",
    "PhoneField": "+79009999999",
}
WAYS: tuple[Callable[[Screens, SchoolModelView], None], ...] = (
    read_lists,
    read_filters,
    read_rows,
    read_lookups,
    write_rows,
)


def snapshot() -> dict[str, list[Any]]:
    """Everything in the database."""
    db.session.rollback()
    with Session(db.engine) as session:
        connection = session.connection()
        return {
            table.name: [
                tuple(str(value) for key, value in row._mapping.items() if (table.name, key) not in UNTOLD)
                for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in Base.metadata.sorted_tables
        }


def changed(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> Iterator[str]:
    """What differs between two snapshots."""
    for name, rows in before.items():
        yield from (f"{name}: {row}" for row in set(rows) ^ set(after[name]))


@pytest.fixture
def world(app: Flask) -> World:
    return build(db.session())


@pytest.fixture
def bound(app: Flask, world: World) -> Callable[[str], Screens]:
    """Screens of a person, at the world's day."""

    def screens_of(who: str) -> Screens:
        screens = Screens(app, world, who)
        sign_in(app, screens.user_id)
        return screens

    return screens_of


def sign_in(app: Flask, user_id: int) -> None:
    def bind() -> None:
        db.session.rollback()  # the test's own context lasts over all requests
        with policy.system() as facts:
            actor = policy.load_actor(facts, user_id, TODAY, NOW)
        policy.act_as(db.session(), actor)

    app.config["WTF_CSRF_ENABLED"] = False
    app.before_request_funcs.setdefault(None, []).append(bind)
    app.login_manager.user_loader(lambda _number: None)  # type: ignore[attr-defined]


# The rights of all on PostgreSQL are compared row by row in test_rows; its screens cost minutes.
PEOPLE = [("sqlite", who) for who in ACTORS] + [("postgresql", who) for who in ("ct", "ga1")]


@pytest.mark.parametrize(("database_url", "who"), PEOPLE, indirect=["database_url"])
def test_nothing_leaks(bound: Callable[[str], Screens], who: str, record_property: Callable[[str, int], None]) -> None:
    screens = bound(who)
    before = snapshot()
    for view in screens.views():
        for way in WAYS:
            way(screens, view)
        after = snapshot()
        screens.leaks += [f"{who} wrote through {view.endpoint}: {change}" for change in changed(before, after)]
        before = after
    record_property("rights on screens: cells", screens.cells)
    record_property("rights on screens: leaks", len(screens.leaks))
    assert screens.leaks == []
    assert screens.cells > 500


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("who", "listener", "occasion", "endpoint"),
    [
        ("ga1", policy.enforcement.narrow, "do_orm_execute", "student"),
        ("t", policy.check_before, "before_flush", "mark"),
        ("t", policy.check_after, "after_flush", "work"),
    ],
)
def test_without_a_listener_it_leaks(
    bound: Callable[[str], Screens], who: str, listener: Any, occasion: str, endpoint: str
) -> None:
    """The test can fail: each listener of the policy is what keeps it green."""
    screens = bound(who)
    view = next(view for view in screens.views() if view.endpoint == endpoint)
    before = snapshot()
    event.remove(Session, occasion, listener)
    try:
        for way in (read_lists, read_rows, write_rows):
            way(screens, view)
    finally:
        event.listen(Session, occasion, listener)
    assert screens.leaks + list(changed(before, snapshot()))
