"""All pages that a person can reach by following links, one of each kind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup
from lxml import html
from werkzeug.test import TestResponse

from tests.visitor import Visitor

PER_SHAPE = 1  # pages of one kind that are opened


def shape(address: str) -> str:
    """Addresses that differ in numbers only are pages of one kind; so is an export or a report."""
    parts = urlsplit(address)
    if "/export/" in parts.path or re.match(r"/admin/(reports|control|usage)/", parts.path):
        return re.sub(r"\d+", "0", parts.path)
    names = sorted(re.sub(r"\d+", "0", pair.partition("=")[0]) for pair in parts.query.split("&") if pair)
    return re.sub(r"\d+|[0-9a-f-]{36}", "0", parts.path) + "?" + "&".join(names)


def page_kind(address: str) -> str:
    """The kind of page; lists made into files are all of one, so that one of them is made."""
    return "file" if "/export" in address or ".xlsx" in address else path_shape(address)


def parsed(answer: TestResponse) -> BeautifulSoup:
    """The page, parsed once however often it is asked for."""
    if not hasattr(answer, "parsed_page"):
        answer.parsed_page = BeautifulSoup(answer.text, "lxml")
    page: BeautifulSoup = answer.parsed_page
    return page


def links(page: str, answer: TestResponse) -> Iterator[str]:
    """Addresses of this site that the page leads to."""
    for link in html.document_fromstring(answer.text).xpath("//a/@href"):
        address = urlsplit(urljoin(page, link))
        if not address.netloc and address.path.startswith("/") and not address.path.startswith("/static"):
            yield address.path + (f"?{address.query}" if address.query else "")


def path_shape(address: str) -> str:
    """The same whatever is asked of the page: a list is one page, however sorted and filtered, and so are reports,
    which have one template."""
    return re.sub(r"/admin/(reports|control)/[\w-]+/", r"/admin/\1/0/", shape(address).partition("?")[0])


def crawl(visitor: Visitor, kind: Callable[[str], str] = shape) -> Iterator[tuple[str, TestResponse]]:
    """Pages of every kind that can be reached from the first ones; a parent is led to the diary, and may open lists."""
    waiting, seen = ["/admin/", "/admin/student/", "/diary/", "/account/", "/login"], Counter[str]()
    while waiting:
        page = waiting.pop(0)
        if seen[kind(page)] >= PER_SHAPE:
            continue
        seen[kind(page)] += 1
        answer = visitor.get(page)
        yield page, answer
        if "html" in answer.mimetype:
            waiting.extend(links(page, answer))
