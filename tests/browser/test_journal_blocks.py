"""Blocks of cells between the journal and a spreadsheet: what is good is written, what is bad is named."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.journal_desk import Desk, Journal, cell, expect_saved, keys


def open_with_clipboard(desk: Desk, browser: Browser, journal: Journal) -> Page:
    return desk.open(browser, journal, permissions=["clipboard-read", "clipboard-write"])


def paste(page: Page, text: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    keys(page, "Control+v")


def test_of_28_by_5_with_3_bad_values_137_are_saved_and_3_refused(desk: Desk, browser: Browser) -> None:
    journal = desk.journal("Алгебра, блок", lessons=5)
    page = open_with_clipboard(desk, browser, journal)
    block = [[str(2 + (row + column) % 4) for column in range(5)] for row in range(28)]
    block[3][1], block[10][0], block[27][4] = "6", "отл", "4,5"
    keys(page, "Control+Home")
    paste(page, "\r\n".join("\t".join(line) for line in block) + "\r\n")
    expect(page.locator("#table tbody td.lesson:not(:empty)")).to_have_count(137)
    expect_saved(page)
    assert len(desk.marks(journal)) == 137
    expect(page.locator("#table td.refused")).to_have_count(3)
    expect(page.locator("#problems")).to_have_text("3 not accepted")
    expect(page.locator("#toast")).to_contain_text("137 entries pasted · 3 not accepted")
    cell(page, 11, 1).click()
    expect(page.locator("#cell-line")).to_contain_text("«отл» is no mark: marks are 1 to 5")
    page.click("#problems")
    expect(page.locator(".problems li")).to_have_count(3)
    page.get_by_role("button", name="I have seen it").click()
    expect(page.locator("#table td.refused")).to_have_count(0)

    cell(page, 1, 1).click()
    keys(page, "Control+z")  # a paste is one step
    expect(page.locator("#table tbody td.lesson:not(:empty)")).to_have_count(0)
    expect_saved(page)
    assert desk.marks(journal) == {}


def test_a_block_is_copied_with_marks_and_letters(desk: Desk, browser: Browser) -> None:
    journal = desk.journal("История, блок", lessons=4)
    page = open_with_clipboard(desk, browser, journal)
    keys(page, "Control+Home", "5", "4", "KeyY", "Control+Home", "KeyJ", "Control+Home")
    keys(page, "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowRight", "Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == "5 О\t\n4\t\nН\t"
    keys(page, "ArrowRight", "Control+Home", "ArrowRight", "ArrowRight", "Control+v")
    expect(cell(page, 3, 3)).to_have_text("Н")
    expect_saved(page)
    assert sorted(desk.marks(journal).values()) == [4, 4, 5, 5]
    assert desk.absences(journal) == 4
    keys(page, "Shift+ArrowDown", "Shift+ArrowDown", "Delete")
    expect_saved(page)
    assert (sorted(desk.marks(journal).values()), desk.absences(journal)) == ([4, 5], 2)


def test_what_the_server_refuses_is_shown_at_its_cell(desk: Desk, browser: Browser) -> None:
    journal = desk.journal("Труд", lessons=2)
    page = desk.open(browser, journal)

    def refuse(route: Any) -> None:
        edits = route.request.post_data_json["edits"]
        refusal = {"status": "refused", "message": "The term is locked."}
        route.fulfill(json={"results": [{"key": edit["key"], **refusal} for edit in edits]})

    page.route("**/edits", refuse)
    keys(page, "5")
    expect(page.locator("#problems")).to_have_text("1 not accepted")
    expect(page.locator("#table td.refused")).to_have_count(1)
    keys(page, "ArrowUp")
    expect(page.locator("#cell-line")).to_contain_text("The term is locked.")
    page.reload()  # it is told again, until it is seen
    expect(page.locator("#problems")).to_have_text("1 not accepted")
