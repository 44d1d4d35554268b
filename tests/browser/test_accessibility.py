"""Every page that somebody of the demo school can reach, looked at by axe-core: light and dark, phone and laptop."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext

from tests.browser.accessibility import violations_in_both_lights
from tests.browser.journal_desk import served
from tests.crawling import crawl, shape
from tests.demo import reader
from tests.visitor import Visitor

PHONE, LAPTOP = {"width": 390, "height": 844}, {"width": 1366, "height": 768}
LOOKED_AT = set[str]()  # one page of a kind is enough, whoever reads it


def signed_in(browser: Browser, address: str, visitor: Visitor, size: dict[str, int]) -> BrowserContext:
    """A window that holds the sign-in of ``visitor``."""
    context = browser.new_context(viewport=size, locale="en")  # type: ignore[arg-type]
    host = address.removeprefix("http://").split(":")[0]
    context.add_cookies(
        [
            {"name": cookie.key, "value": cookie.value, "domain": host, "path": "/"}
            for cookie in visitor._cookies.values()
        ]
    )
    return context


@pytest.mark.parametrize("login", ["guardian", "deputy", "classteacher", "teacher"])
def test_no_page_has_a_violation(browser: Browser, demo_app: Flask, login: str) -> None:
    visitor = reader(demo_app, login)
    found = []
    with served(demo_app) as address:
        context = signed_in(browser, address, visitor, PHONE if login == "guardian" else LAPTOP)
        page = context.new_page()
        for path, answer in crawl(visitor):
            kind = shape(path).partition("?")[0]
            if kind in LOOKED_AT or answer.status_code != 200 or answer.mimetype != "text/html":
                continue
            LOOKED_AT.add(kind)
            page.goto(address + path)
            found += [f"{path}: {breach}" for breach in violations_in_both_lights(page)]
        context.close()
    assert found == []
