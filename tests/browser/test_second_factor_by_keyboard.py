"""A teacher sets up the second factor and signs in with it by the keyboard alone; the pages are fit for everybody."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import violations_in_both_lights
from tests.browser.phone import LAPTOP, PHONE
from tests.telephone import Clock, Telephone
from tests.visitor import PASSWORD, person


def signed_in(page: Page, address: str) -> None:
    """Type login and password where the cursor stands."""
    page.goto(f"{address}/login?next=/account/second-factor")
    expect(page.locator("#username")).to_be_focused()
    page.keyboard.type("petrova")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_is_set_up_and_used_by_keyboard(app: Flask, address: str, browser: Browser, clock: Clock) -> None:
    person(is_staff=True)
    page = browser.new_context(viewport=LAPTOP, locale="en").new_page()
    signed_in(page, address)
    page.get_by_role("button", name="Set up").focus()
    page.keyboard.press("Enter")
    page.locator("#shared").wait_for()
    telephone = Telephone(page.locator("#shared").inner_text(), clock)
    faults = violations_in_both_lights(page)
    page.locator("#code").focus()
    page.keyboard.type(telephone.code())
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#codes")).to_contain_text("-")
    faults += violations_in_both_lights(page)
    page.context.close()

    clock.go(30)
    page = browser.new_context(viewport=PHONE, locale="en").new_page()
    signed_in(page, address)
    expect(page.locator("#code")).to_be_focused()
    faults += violations_in_both_lights(page)
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Wait for the next one")
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.type(telephone.code())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="It is on")).to_be_visible()
    page.context.close()
    assert not faults
