"""Every page that a person of the demo can reach, and every form on it filled with nothing and with the worst.

A page may say no (400, 403, 404, 405, 413, 422, 429); it never breaks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from bs4 import Tag
from flask import Flask
from werkzeug.test import TestResponse

from tests.at_length import FULL
from tests.crawling import crawl, parsed, path_shape, shape
from tests.demo import ROLES, demo_school, reader

FORMS_PER_ACTION = 1
HOSTILE = (  # each other one is what make test sends
    "",
    "я" * 10_000,
    "'\"><script>alert(1)</script>",
    "-1",
    "99999999999999999999",
    "0001-01-01",
    "\x00\ud7ff",
    "9999-12-31T23:59",
)


@pytest.fixture
def school(tmp_path: Path) -> Flask:
    """A demo school of its own: the forms may change it; what breaks is answered as in production."""
    app = demo_school(tmp_path)
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    return app


def forms(answer: TestResponse) -> list[Tag]:
    """Forms of the page that change something, but for signing out."""
    return [form for form in parsed(answer).select("form") if str(form.get("method", "get")).lower() == "post"]


def fields_of(form: Tag, soup_of: TestResponse) -> list[Tag]:
    """Fields inside the form, and those elsewhere on the page that belong to it."""
    inside = form.select("input[name], select[name], textarea[name], button[name]")
    return [*inside, *(parsed(soup_of).select(f'[form="{form["id"]}"][name]') if form.get("id") else [])]


def filled(form: Tag, answer: TestResponse, value: str) -> dict[str, Any]:
    """The form with ``value`` in every field; the token stays, so that the page itself has to judge."""
    typed: dict[str, Any] = {}
    for field in fields_of(form, answer):
        name = str(field["name"])
        if name == "csrf_token":
            typed[name] = str(field.get("value", ""))
        elif field.get("type") == "file":
            typed[name] = (BytesIO(value.encode("utf-8", "replace")), value[:80] or "x.xlsx")
        else:
            typed[name] = value
    return typed


# Their lists and forms are between them those of all others too, who open each list once and send fewer values.
THOROUGH = {"deputy", "teacher", "guardian"}
MOST, FEW = (HOSTILE, HOSTILE[:3]) if FULL else (HOSTILE[::2], HOSTILE[1:2])


@pytest.mark.parametrize("who", ROLES)
def test_nothing_breaks(school: Flask, who: str, record_property: Callable[[str, int], None]) -> None:
    visitor, broken, sent = reader(school, who), list[str](), Counter[str]()
    values = MOST if who in THOROUGH else FEW
    pages = list(crawl(visitor, shape if who in THOROUGH or FULL else path_shape))
    for page, answer in pages:
        if answer.status_code >= 500:
            broken.append(f"GET {page}: {answer.status_code}")
        for form in forms(answer) if "html" in answer.mimetype else ():
            action = urljoin(page, str(form.get("action") or page))
            if sent[shape(action)] >= FORMS_PER_ACTION or "logout" in action or "account/" in action:
                continue
            sent[shape(action)] += 1
            for value in values:
                said = visitor.post(action, data=filled(form, answer, value), content_type="multipart/form-data")
                if said.status_code >= 500:
                    broken.append(f"POST {action} {value[:20]!r}: {said.status_code}")
    record_property("crawl: pages", len(pages))
    record_property("crawl: forms sent", len(sent) * len(values))
    record_property("crawl: broken", len(broken))
    assert broken == []
    assert len(pages) > 20


@pytest.mark.parametrize("who", ["deputy"])
def test_hostile_addresses_do_not_break(school: Flask, who: str) -> None:
    visitor = reader(school, who)
    broken = []
    for view in school.extensions["admin"][0]._views:
        base = f"/admin/{view.endpoint}/"
        for value in ("99999999999999999999", "1 OR 1=1", "%27"):
            for ask in ("?page=", "?sort=", "?search=", "details/?id=", "edit/?id=", "?flt0_class="):
                answer = visitor.get(base + ask + value)
                if answer.status_code >= 500:
                    broken.append(f"{base}{ask}{value}")
    assert broken == []
