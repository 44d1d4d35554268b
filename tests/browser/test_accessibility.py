"""Every page that somebody of the demo school can reach, looked at by axe-core: light and dark, phone and laptop.

The browser itself tells there what its Content-Security-Policy kept a page from.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Browser

from tests.browser.accessibility import violations_in_both_lights
from tests.browser.journal_desk import served
from tests.browser.phone import LAPTOP, PHONE, window_of
from tests.crawling import crawl, path_shape
from tests.demo import reader

TELL = """addEventListener("securitypolicyviolation", (event) =>
  tellBreach(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`))"""
SIZES = {"guardian": PHONE, "deputy": LAPTOP, "classteacher": LAPTOP, "teacher": LAPTOP}


def test_no_page_has_a_violation(
    browser: Browser, demo_app: Flask, record_property: Callable[[str, int], None]
) -> None:
    seen, found, kept = set[str](), [], list[str]()  # one page of a kind is enough, whoever reads it
    with served(demo_app) as address:
        for login, size in SIZES.items():
            visitor = reader(demo_app, login)
            page = window_of(browser, address, visitor, size).new_page()
            page.expose_binding("tellBreach", lambda source, breach: kept.append(f"{source['page'].url}: {breach}"))
            page.add_init_script(TELL)
            for path, answer in crawl(visitor, path_shape):
                kind = path_shape(path)
                if kind in seen or answer.status_code != 200 or answer.mimetype != "text/html":
                    continue
                seen.add(kind)
                page.goto(address + path)
                found += [f"{path}: {breach}" for breach in violations_in_both_lights(page)]
            page.context.close()
    record_property("axe-core: pages", len(seen))
    record_property("axe-core: violations", len(found))
    record_property("content security policy: pages", len(seen))
    record_property("content security policy: violations", len(kept))
    assert not found + kept, "\n".join(found + kept)
