"""Reports in the browser: from the list to a report with its chart, narrowed without scripts, and on paper."""

from __future__ import annotations

from flask import Flask
from playwright.sync_api import Browser, Page

from tests.browser.accessibility import violations_in_both_lights
from tests.browser.journal_desk import served
from tests.browser.phone import LAPTOP, PHONE, window_of
from tests.demo import reader

WIDE = "document.documentElement.scrollWidth > innerWidth"


def shown(page: Page, selector: str) -> bool:
    return page.locator(selector).first.is_visible()


def test_a_report_is_found_narrowed_and_printed(browser: Browser, demo_app: Flask) -> None:
    with served(demo_app) as address:
        visitor = reader(demo_app, "deputy")
        page = window_of(browser, address, visitor, LAPTOP, java_script_enabled=False).new_page()
        page.goto(f"{address}/admin/reports/")
        page.get_by_role("link", name="Results by subjects").click()
        assert page.locator("svg.chart").count() == 2
        rows = page.locator(".report-table tbody tr").count()
        page.get_by_label("Grade").select_option("5")
        page.get_by_role("button", name="Show").click()
        assert "grade=5" in page.url
        assert 0 < page.locator(".report-table tbody tr").count() <= rows
        assert page.locator(".report-table tfoot th").inner_text() == "Total of these"
        with page.expect_download() as file:
            page.get_by_role("link", name="xlsx").click()
        assert file.value.suggested_filename.startswith("subjects_")

        page.emulate_media(media="print", color_scheme="dark")
        assert shown(page, ".report-title")
        assert not any(shown(page, each) for each in (".top", ".report-filters", ".page-actions"))
        assert page.locator(".report-table tbody td").first.evaluate("e => getComputedStyle(e).color") == "rgb(0, 0, 0)"
        assert page.locator(".report-table thead").evaluate("e => getComputedStyle(e).display") == "table-header-group"
        assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_a_report_on_a_phone_is_no_wider_than_it(browser: Browser, demo_app: Flask) -> None:
    with served(demo_app) as address:
        page = window_of(browser, address, reader(demo_app, "classteacher"), PHONE).new_page()
        page.goto(f"{address}/admin/reports/subjects/")
        assert not page.evaluate(WIDE)
        assert not violations_in_both_lights(page)
