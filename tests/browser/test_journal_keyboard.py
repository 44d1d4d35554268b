"""The journal by the keyboard alone: a key is a mark, and nothing that was typed is lost or doubled."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from app.extensions import db
from app.models import Lesson, PlannedTopic
from tests.browser.journal_desk import Desk, cell, expect_saved, keys


def test_a_column_of_28_marks_takes_28_presses(desk: Desk, browser: Browser) -> None:
    journal = desk.journal("Алгебра", lessons=3)
    page = desk.open(browser, journal)
    typed = [2 + number % 4 for number in range(28)]
    keys(page, *map(str, typed))
    expect_saved(page)
    column = {
        student: value for (lesson, student), value in desk.marks(journal).items() if lesson == journal.lessons[-1]
    }
    assert [column[student] for student in journal.students] == typed
    assert len(desk.marks(journal)) == 28


def test_letters_and_marks_do_not_touch_each_other(desk: Desk, browser: Browser) -> None:
    journal = desk.journal("История", lessons=2)
    page = desk.open(browser, journal)
    keys(page, "4", "ArrowUp", "KeyJ", "KeyY")  # a late comer with a mark; the next one is absent
    expect(cell(page, 1, 2)).to_have_text("4О")
    expect(cell(page, 2, 2)).to_have_text("Н")
    keys(page, "ArrowUp", "3", "ArrowUp", "ArrowUp", "5")
    expect_saved(page)
    expect(cell(page, 1, 2)).to_have_text("5О")
    expect(cell(page, 2, 2)).to_have_text("3Н")
    keys(page, "Control+Home", "ArrowRight", "Delete")
    expect_saved(page)
    assert (list(desk.marks(journal).values()), desk.absences(journal)) == ([3], 1)


def test_undo_takes_back_what_is_saved_and_what_is_not(desk: Desk, browser: Browser) -> None:
    journal = desk.journal("Физика", lessons=2)
    page = desk.open(browser, journal)
    keys(page, "5", "4")
    expect_saved(page)
    keys(page, "3", "Control+z", "Control+z")  # the 3 is not sent yet, the 4 is saved
    expect_saved(page)
    assert list(desk.marks(journal).values()) == [5]
    keys(page, "Control+y")
    expect_saved(page)
    assert list(desk.marks(journal).values()) == [5, 4]


def test_the_same_cell_typed_again_and_again_ends_as_typed_last(desk: Desk, browser: Browser) -> None:
    journal = desk.journal("Химия", lessons=1)
    page = desk.open(browser, journal)
    for value in "5432":
        keys(page, value, "ArrowUp")
        page.wait_for_timeout(120)  # some are sent, some overtake
    expect_saved(page)
    assert list(desk.marks(journal).values()) == [2]
    expect(page.locator("#problems")).to_be_hidden()


def test_the_topic_is_typed_in_the_head_of_the_column(desk: Desk, browser: Browser) -> None:
    journal = desk.journal("Биология", lessons=2)
    page = desk.open(browser, journal)
    keys(page, "ArrowUp", "Enter")
    page.keyboard.type("Клетка")
    keys(page, "Tab")
    page.keyboard.type("§ 4")
    keys(page, "Control+Enter")
    expect_saved(page)
    page.reload()
    expect(page.locator("th.lesson.today")).to_have_attribute("title", "Клетка\nAttendance is not taken\nHomework: § 4")


def test_one_key_takes_the_topic_of_the_plan(desk: Desk, browser: Browser) -> None:
    journal = desk.journal("Планы", lessons=2)
    with desk.rows():
        db.session.add_all(
            PlannedTopic(teaching_assignment_id=journal.id, position=position, topic=f"Тема {position}")
            for position in (1, 2)
        )
        db.session.commit()
    page = desk.open(browser, journal)
    keys(page, "ArrowUp", "Enter", "ArrowDown", "Enter")
    expect(page.locator("thead th.lesson").nth(1)).to_have_attribute(
        "title", re.compile("Тема 2")
    )  # it is written here
    expect_saved(page)
    with desk.rows():
        assert db.session.get_one(Lesson, journal.lessons[1]).topic == "Тема 2"


def test_averages_and_the_proposed_mark_follow_what_is_typed(desk: Desk, browser: Browser) -> None:
    journal = desk.journal("География", lessons=3)
    page = desk.open(browser, journal)
    page.select_option("#direction", "right")
    cell(page, 1, 1).click()
    keys(page, "5", "4", "4")
    expect(page.locator("tbody tr:first-child td.weighted")).to_have_text("4.33")
    expect(page.locator("tbody tr:first-child td.proposed")).to_have_text("4")
    expect(page.locator("tfoot .average td:nth-child(2)")).to_have_text("5.0")
    keys(page, "Enter")  # in the column of the term mark: takes the proposed one
    expect(page.locator("tbody tr:first-child td.final")).to_have_text("4")
    expect_saved(page)
