"""Every page of every role: no inline script or style, nothing from elsewhere, one heading, labels and alternatives."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.demo import ROLES, reader, token_of

WITHOUT_LABEL = {"hidden", "submit", "button", "image", "reset"}
NO_PAGE = ("/static/", "/admin/static/", "/logout", "/healthz")


class Page(HTMLParser):
    """What is wrong with a page, in ``faults``; where its links to rows lead, in ``links``."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.links: set[str] = set()
        self.headings = 0
        self._ids: list[str] = []
        self._labelled: set[str] = set()
        self._fields: list[dict[str, str]] = []
        self._open: list[str] = []
        self._label_depth = 0
        self.feed(html)
        self.close()
        self._judge()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        for name, value in values.items():
            if name.startswith("on") or name == "style" or value.strip().lower().startswith("javascript:"):
                self.faults.append(f"<{tag} {name}={value!r}>")
            if name in {"src", "href", "action", "srcset", "poster"} and "//" in value.split("?")[0]:
                self.faults.append(f"<{tag} {name}={value!r}> leads away")
        data = values.get("type") == "application/json"  # read by a script, run by nobody
        if tag == "style" or (tag == "script" and "src" not in values and not data):
            self.faults.append(f"inline <{tag}>")
        if tag == "img" and "alt" not in values:
            self.faults.append(f"<img src={values.get('src')!r}> has no alt")
        if tag == "a":
            self.links.add(values.get("href", ""))
        self.headings += tag == "h1"
        self._label_depth += tag == "label"
        if tag == "label" and "for" in values:
            self._labelled.add(values["for"])
        if "id" in values:
            self._ids.append(values["id"])
        unseen = values.get("type") in WITHOUT_LABEL or values.get("aria-hidden") == "true"
        if tag in {"input", "select", "textarea"} and not unseen:
            self._fields.append(values | ({"aria-label": "inside a label"} if self._label_depth else {}))

    def handle_endtag(self, tag: str) -> None:
        self._label_depth -= tag == "label"

    def _judge(self) -> None:
        for field in self._fields:
            if not (field.get("aria-label") or field.get("aria-labelledby") or field.get("id") in self._labelled):
                self.faults.append(f"{field.get('name')!r} has no label")
        self.faults += [f"the id {name!r} stands twice" for name in {n for n in self._ids if self._ids.count(n) > 1}]
        if self.headings != 1:
            self.faults.append(f"{self.headings} headings of the first level")


def addresses(app: Flask) -> Iterator[str]:
    """Every page that needs nothing but its address."""
    rules: list[Rule] = sorted(app.url_map.iter_rules(), key=str)
    for rule in rules:
        if "GET" in (rule.methods or ()) and not rule.arguments and not str(rule).startswith(NO_PAGE):
            yield str(rule)


@pytest.mark.parametrize("role", ROLES)
def test_a_page_loads_nothing_inline_and_nothing_from_elsewhere(demo_app: Flask, role: str) -> None:
    client = reader(demo_app, role)
    faults, seen, opened = [], 0, set()
    waiting = list(addresses(demo_app))
    while waiting:
        address = waiting.pop()
        answer = client.get(address)
        assert answer.status_code < 500, address
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        seen += 1
        page = Page(answer.text)
        faults += [f"{address}: {fault}" for fault in page.faults]
        for kind in ("/details/?", "/edit/?"):  # one row of each list, as its links lead there
            link = next((link for link in sorted(page.links) if kind in link), None)
            if link and link.split("?")[0] not in opened:
                opened.add(link.split("?")[0])
                waiting.append(link)
    assert not faults
    assert seen > 10
    assert len(opened) > 5


def test_a_search_that_finds_nothing_and_a_form_that_was_refused_are_clean_too(demo_app: Flask) -> None:
    client = reader(demo_app, "deputy")
    empty = client.get("/admin/student/?search=nobody+is+called+so")
    token = token_of(client.get("/admin/lesson/new/").text)
    refused = client.post(
        "/admin/lesson/new/", data={"csrf_token": token, "number": "many", "topic": "typed <b>by hand</b>"}
    )
    for answer in (empty, refused):
        assert answer.status_code == 200
        assert not Page(answer.text).faults
    assert "Nothing found" in empty.text
    assert "Mend these fields" in refused.text
    assert "typed &lt;b&gt;by hand&lt;/b&gt;" in refused.text
