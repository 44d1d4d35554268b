"""The diary on a slow line: each page after the first is one small answer, and needs no script."""

from __future__ import annotations

from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser.journal_desk import served
from tests.browser.phone import window_of
from tests.crawling import crawl, path_shape
from tests.demo import reader

LARGEST = 50_000  # bytes of a page, compressed
FETCHED = "performance.getEntriesByType('resource').filter(entry => entry.transferSize > 0).map(entry => entry.name)"
SIZE = "performance.getEntriesByType('navigation')[0].transferSize"


def pages(app: Flask) -> list[str]:
    """One page of each kind of the diary, as links lead to it."""
    visitor = reader(app, "guardian")
    found = [
        (path, answer) for path, answer in crawl(visitor, path_shape)
        if path.startswith("/diary/") and answer.status_code == 200 and answer.mimetype == "text/html"
    ]  # fmt: skip
    return [path for path, _answer in found]


def test_every_page_is_one_small_answer_after_the_first_visit(browser: Browser, demo_app: Flask) -> None:
    addresses = pages(demo_app)
    assert len(addresses) > 15
    with served(demo_app) as address:
        window = window_of(browser, address, reader(demo_app, "guardian"), base_url=address, service_workers="block")
        page = window.new_page()
        for path in addresses:  # the first visit brings scripts and styles
            page.goto(path)
        for path in addresses:
            page.goto(path, wait_until="load")
            assert page.evaluate(FETCHED) == [], path
            assert 0 < page.evaluate(SIZE) < LARGEST, path
        window.close()


def test_every_page_can_be_read_without_scripts(browser: Browser, demo_app: Flask) -> None:
    with served(demo_app) as address:
        with_scripts, without = (
            window_of(browser, address, reader(demo_app, "guardian"), base_url=address, java_script_enabled=on)
            for on in (True, False)
        )
        pair = with_scripts.new_page(), without.new_page()
        for path in pages(demo_app):
            said = [heading_and_links(page, path) for page in pair]
            assert said[0] == said[1], path
        with_scripts.close()
        without.close()


def heading_and_links(page: Page, path: str) -> tuple[str, int]:
    """The heading of a page, and how many links its content holds."""
    page.goto(path)
    expect(page.locator("h1")).to_be_visible()
    return page.locator("h1").inner_text(), page.locator("main a:visible").count()
