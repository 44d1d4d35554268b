"""Every way that the panel can read or write a row, for every role, on own and foreign rows: no leak.

Made of the views and models that exist, so a new view is in it by itself. A cell is one row on one
way. A page leaks when it shows a word of a row that the person may not see; a write leaks when
anything in the database has changed that the person may not change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session
from wtforms import SelectField

from admin_views.base import SchoolModelView
from app import policy
from app.extensions import db
from app.models import Lesson, Work
from tests.at_length import FULL
from tests.rights.screens import Screens, changed, snapshot
from tests.rights.words import text_of
from tests.rights.world import ACTORS


def own_links(answer: Any, view: SchoolModelView) -> set[int]:
    """Ids of the rows of the view's own table."""
    found = re.findall(rf'/{view.endpoint}/details/\?(?:[^"]*[;&])?id=(\d+)"', text_of(answer))
    return {int(number) for number in found}


def listed_rows(screens: Screens, view: SchoolModelView, order: str) -> set[int]:
    """The same of the whole list, page by page."""
    pages = range(-(-len(screens.seen[view.model_class]) // 200) or 1)
    addresses = (f"/admin/{view.endpoint}/?page_size=200&page={page}{order}" for page in pages)
    return {number for address in addresses for number in own_links(screens.get(address), view)}


# Reading


def read_lists(screens: Screens, view: SchoolModelView) -> None:
    """List, count, page, sort, search, filter, export, look-up."""
    base, model = f"/admin/{view.endpoint}/", view.model_class
    answer = screens.get(base + "?page_size=200")
    if answer.status_code == 403 or view.place is not None:  # a part of another list, which has its rows' pages
        return
    seen = screens.seen[model]
    listed = listed_rows(screens, view, "")
    missing, foreign = seen - listed, listed - seen
    screens.cells += len(screens.ids[model])
    screens.leaks += [f"{screens.who} {base} lists {number}" for number in foreign]
    screens.leaks += [f"{screens.who} {base} does not list {number}" for number in missing]
    for column in range(len(view._list_columns)):
        own = listed_rows(screens, view, f"&sort={column}&desc={column % 2}")
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
        for value in [*values[:12], "1", "999999", "' OR 1=1 --"]:
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


# The rights of all on PostgreSQL are compared row by row in test_rows; its screens cost minutes.
# What a student's own access opens is a part of what the guardian's does (test_rows, test_addressing).
ALIKE = {"sub", "ended"}  # see about what «t» sees; their rows are all tried in test_rows.py
PEOPLE = [("sqlite", who) for who in ACTORS if who != "sa1" and (FULL or who not in ALIKE)]
PEOPLE += [("postgresql", "ga1" if FULL else "nobody")]


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
