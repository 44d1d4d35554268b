"""The diary on a phone without a connection: what was seen last is there, and says that it is old."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser.journal_desk import served
from tests.browser.phone import window_of
from tests.demo import reader

OLD = "This is the diary as it was seen last"
READY = "navigator.serviceWorker.ready.then(() => !!navigator.serviceWorker.controller)"
KEPT = "path => caches.open('diary-pages').then(pages => pages.match(path)).then(found => !!found)"


@pytest.fixture
def phone(browser: Browser, demo_app: Flask) -> Iterator[Page]:
    """A guardian's phone on which the diary has been opened once."""
    visitor = reader(demo_app, "guardian")
    visitor.get("/diary/")
    with served(demo_app) as address:
        window = window_of(browser, address, visitor, base_url=address)
        page = window.new_page()
        page.goto("/diary/")
        skip_introduction(page)
        page.wait_for_function(READY)
        yield page
        window.close()


def skip_introduction(page: Page) -> None:
    """The first visit explains the diary; the demo's guardian may not have made it."""
    if "/welcome/" in page.url:
        page.goto("/diary/")


def seen(page: Page, path: str) -> str:
    """Open a page and wait until it is kept; its address."""
    page.goto(path)
    page.wait_for_function(KEPT, arg=page.url)
    return page.url


def test_what_was_seen_last_is_there_without_a_connection_and_marked_as_old(phone: Page) -> None:
    address = seen(phone, "/diary/")
    expect(phone.get_by_text(OLD)).to_be_hidden()
    heading = phone.locator("h1").inner_text()
    phone.context.set_offline(True)
    phone.goto(address)
    expect(phone.locator("h1")).to_have_text(heading)
    expect(phone.get_by_text(OLD)).to_be_visible()
    expect(phone.locator("time.seen-at")).not_to_be_empty()
    phone.goto("/diary/")  # where the installed app begins
    expect(phone.locator("h1")).to_have_text(heading)
    phone.context.set_offline(False)
    phone.goto(address)
    expect(phone.get_by_text(OLD)).to_be_hidden()


def test_a_page_never_seen_says_so_and_leads_back(phone: Page) -> None:
    address = seen(phone, "/diary/")
    phone.context.set_offline(True)
    phone.goto(f"{address}more/")
    expect(phone.get_by_role("heading", name="No connection")).to_be_visible()
    phone.get_by_role("link", name="To the diary").click()
    expect(phone.get_by_text(OLD)).to_be_visible()


def test_what_somebody_saw_is_gone_when_they_have_signed_out(phone: Page) -> None:
    address = seen(phone, "/diary/")
    phone.context.clear_cookies()
    phone.goto("/login")
    phone.wait_for_function("path => caches.keys().then(names => !names.includes('diary-pages'))")
    phone.context.set_offline(True)
    phone.goto(address)
    expect(phone.get_by_role("heading", name="No connection")).to_be_visible()


def test_the_diary_can_be_installed(phone: Page) -> None:
    manifest = phone.request.get("/diary/manifest.webmanifest").json()
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/diary/", "/diary/", "standalone")
    assert {"192x192", "512x512"} == {icon["sizes"] for icon in manifest["icons"]}
    for icon in manifest["icons"]:
        assert phone.request.get(icon["src"]).headers["content-type"] == "image/png"
    assert phone.locator("link[rel=manifest]").get_attribute("href") == "/diary/manifest.webmanifest"
