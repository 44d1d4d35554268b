"""Several people in one journal: nothing is overwritten silently, and others' changes appear by themselves."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.journal_desk import Desk, Journal, cell, expect_saved, keys


@pytest.fixture
def journal(desk: Desk, request: pytest.FixtureRequest) -> Journal:
    return desk.journal(request.node.name[:80], lessons=2, works=1)


@pytest.mark.parametrize(("answer", "stands"), [("Keep «4»", 4), ("Put my «2»", 2)], ids=["theirs", "mine"])
def test_the_second_on_a_cell_learns_what_the_first_did_and_chooses(
    desk: Desk, browser: Browser, journal: Journal, answer: str, stands: int
) -> None:
    first, second = desk.open(browser, journal), desk.open(browser, journal)
    keys(first, "4")
    expect_saved(first)
    keys(second, "2", "5")
    box = second.locator(".conflict-box")
    expect(box).to_contain_text("changed it to «4»")
    expect(box).to_contain_text("Орлова")
    assert sorted(desk.marks(journal).values()) == [4, 5]  # the other cell is saved, this one is as it was
    expect(second.locator("#save-state")).to_have_text("1 cell was changed by somebody else: choose")
    keys(second, "ArrowUp", "ArrowUp", "Enter")  # by the keyboard: Enter at the cell goes to the choice
    box.get_by_role("button", name=answer).press("Enter")
    expect_saved(second)
    assert desk.marks(journal)[journal.lessons[-1], journal.students[0]] == stands
    expect(cell(second, 1, 2)).to_have_text(str(stands))
    expect(box).to_have_count(0)


def test_several_conflicts_are_asked_one_after_the_other(desk: Desk, browser: Browser, journal: Journal) -> None:
    first, second = desk.open(browser, journal), desk.open(browser, journal)
    keys(first, *"444")
    expect_saved(first)
    keys(second, *"232")
    box = second.locator(".conflict-box")
    for answer in ("Put my «2»", "Keep «4»", "Put my «2»"):
        box.get_by_role("button", name=answer).click()
    expect_saved(second)
    expect(box).to_have_count(0)
    assert list(desk.marks(journal).values()) == [2, 4, 2]


def test_a_conflict_outlives_the_tab(desk: Desk, browser: Browser, journal: Journal) -> None:
    first, second = desk.open(browser, journal), desk.open(browser, journal)
    second.context.set_offline(True)
    keys(second, "3")
    expect(second.locator("#save-state")).to_contain_text("1 change is kept in this browser")
    keys(first, "5")
    expect_saved(first)
    second.close()
    context = desk.windows[-1]
    context.set_offline(False)
    again = context.new_page()
    again.goto(f"{desk.address}/admin/journal/{journal.id}/")
    expect(again.locator(".conflict-box")).to_contain_text("You entered «3»")
    again.reload()
    again.get_by_role("button", name="Put my «3»").click()
    expect_saved(again)
    assert list(desk.marks(journal).values()) == [3]


def test_what_others_write_appears_while_one_is_typing(desk: Desk, browser: Browser, journal: Journal) -> None:
    reader, writer = desk.open(browser, journal), desk.open(browser, journal)
    keys(reader, "ArrowUp", "Enter")
    reader.keyboard.type("Начато")  # a topic, not sent yet
    cell(writer, 28, 1).click()
    keys(writer, "5", "ArrowRight", "KeyY")
    expect_saved(writer)
    expect(cell(reader, 28, 1)).to_have_text("5", timeout=10_000)
    expect(cell(reader, 28, 2)).to_have_text("Н")
    expect(reader.locator("dialog [name=topic]")).to_have_value("Начато")
    keys(reader, "Enter")
    expect_saved(reader)
    expect(reader.locator(":focus")).to_have_class("lesson today unattended")


def test_a_work_of_a_colleague_brings_its_column(desk: Desk, browser: Browser, journal: Journal) -> None:
    reader, writer = desk.open(browser, journal), desk.open(browser, journal)
    keys(reader, *["ArrowDown"] * 4)
    add_work(writer)
    expect(reader.locator("th.work")).to_have_count(3, timeout=10_000)
    keys(reader, "5")
    expect_saved(reader)
    assert desk.marks(journal) == {(journal.lessons[1], journal.students[4]): 5}


def add_work(page: Page) -> None:
    keys(page, "Control+Home", "ArrowUp", "Enter")
    page.get_by_role("button", name="Add a work").click()
    page.select_option("[name=kind]", "test")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("th.work")).to_have_count(3)
