"""The control in a browser: the charts are drawn, nothing sticks out of a phone, axe-core finds nothing."""

from __future__ import annotations

from typing import Any

from flask import Flask
from playwright.sync_api import Browser, Page

from tests.browser.accessibility import violations_in_both_lights
from tests.browser.journal_desk import served
from tests.browser.phone import LAPTOP, PHONE, window_of
from tests.demo import reader

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Height and width of each drawn line: nothing that is empty or flat in one corner.
DRAWN = "(all) => all.map((line) => line.getBBox()).map((box) => box.width)"


def opened(browser: Browser, address: str, app: Flask, size: dict[str, int]) -> Page:
    page: Any = window_of(browser, address, reader(app, "deputy"), size).new_page()
    return page  # type: ignore[no-any-return]


def test_the_deputy_reads_the_control_on_a_laptop_and_on_a_phone(browser: Browser, demo_app: Flask) -> None:
    with served(demo_app) as address:
        page = opened(browser, address, demo_app, LAPTOP)
        page.goto(f"{address}/admin/control/")
        sparks = page.locator(".sparkline .series path").evaluate_all(DRAWN)
        assert sparks
        assert min(sparks) > 20
        worst = page.locator(".control tbody tr").first
        kept = int(worst.locator(".figure").inner_text().split()[0].split(".")[0])
        parts = worst.locator(".kept-bar rect").evaluate_all("(all) => all.map((part) => part.width.baseVal.value)")
        assert abs(parts[0] - kept) <= 1
        worst.locator("a.open").click()
        (line,) = page.locator(".chart:not(.sparkline) .series path.line").evaluate_all(DRAWN)
        assert line > 300
        assert page.locator(".by-weeks tbody tr").count() == page.locator(".chart .series .dots").count()
        assert not violations_in_both_lights(page)
        page.locator(".breaches a.open").first.click()
        assert "/admin/control/" not in page.url
        page.context.close()

        page = opened(browser, address, demo_app, PHONE)
        for path in ("/admin/control/", "/admin/control/topics/", "/admin/rulesetting/"):
            page.goto(address + path)
            assert page.evaluate(WIDER) <= 0, path
        page.context.close()
