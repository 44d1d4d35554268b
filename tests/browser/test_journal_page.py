"""The journal page itself: works and comments, a phone, grade 1, and a page that is small, quick and still."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, expect

from app.extensions import db
from app.models import FinalMark, Mark, StaffNote, Work
from tests.browser.journal_desk import DESK, Desk, Journal, cell, expect_saved, keys

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
UNSEEN = 0.001
"""A layout shift of which nobody sees anything: a hundredth of what web.dev calls good (0.1). Usually it is 0."""
WATCH_SHIFTS = """
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) window.shifts.push([shift.value, shift.hadRecentInput]);
  }).observe({ type: "layout-shift", buffered: true });
"""


def works_of(desk: Desk, journal: Journal) -> list[tuple[str, int, str]]:
    with desk.rows():
        works = db.session.query(Work).where(Work.lesson_id.in_(journal.lessons)).order_by(Work.id)
        return [(work.kind.value, work.weight, work.title) for work in works]


def test_a_work_is_added_changed_deleted_and_brought_back(desk: Desk, browser: Browser) -> None:
    journal = desk.journal("Работы", lessons=2, works=1)
    page = desk.open(browser, journal)
    works = page.locator("th.work span[title]")
    keys(page, "5", "4", "3")
    keys(page, "Control+Home", "ArrowUp", "Enter")
    page.get_by_role("button", name="Add a work").click()
    page.select_option("[name=kind]", "test")
    page.fill("[name=title]", "Дроби")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(works).to_have_count(3)
    assert works_of(desk, journal) == [("answer", 1, ""), ("answer", 1, ""), ("test", 3, "Дроби")]

    def delete_todays() -> None:  # with three marks
        page.locator("th.work").nth(2).click()
        page.get_by_role("button", name="Delete the work").click()
        expect(page.locator("dialog.journal-dialog")).to_contain_text("There are 3 marks in this work")
        page.get_by_role("button", name="Delete", exact=True).click()
        expect(works).to_have_count(2)
        assert desk.marks(journal) == {}

    delete_todays()
    page.get_by_role("button", name="Bring back").click()
    expect(works).to_have_count(3)
    assert list(desk.marks(journal).values()) == [5, 4, 3]
    delete_todays()
    cell(page, 1, 1).click()
    keys(page, "Control+z")
    expect(works).to_have_count(3)
    assert list(desk.marks(journal).values()) == [5, 4, 3]


def test_a_mark_gets_a_comment_for_parents_and_a_note_for_staff(desk: Desk, browser: Browser) -> None:
    journal = desk.journal("Слова", lessons=1, works=1)
    page = desk.open(browser, journal)
    keys(page, "3", "ArrowUp", "F2")
    page.get_by_label("Comment: parents see it").fill("Повторить дроби")
    page.get_by_label("Note: only staff sees it").fill("Был болен")
    page.get_by_role("button", name="Save", exact=True).click()
    expect_saved(page)
    with desk.rows():
        mark = db.session.query(Mark).join(Work).where(Work.lesson_id == journal.lessons[0]).one()
        note = db.session.query(StaffNote).where(StaffNote.mark_id == mark.id).one()
        assert (mark.comment, note.text) == ("Повторить дроби", "Был болен")
    keys(page, "F2")
    expect(page.locator(".history li").first).to_contain_text("Орлова")
    keys(page, "Escape", "4")  # the mark changes, its comment stays
    expect_saved(page)
    expect(cell(page, 1, 1)).to_have_class("lesson first today said")
    keys(page, "Delete")
    expect_saved(page)
    keys(page, "Control+z")  # the mark comes back with what was said about it
    expect(cell(page, 1, 1)).to_have_class("lesson first today said")
    expect_saved(page)
    with desk.rows():
        note = db.session.query(StaffNote).join(Mark).join(Work).where(Work.lesson_id == journal.lessons[0]).one()
        assert (note.mark.comment, note.text) == ("Повторить дроби", "Был болен")


def test_who_may_only_look_changes_nothing(desk: Desk, browser: Browser) -> None:
    journal = desk.journal("Только смотреть", lessons=2, works=1)
    page = desk.open(browser, journal)
    keys(page, "5")
    expect_saved(page)
    page = desk.open(browser, journal, login="zavuch")
    expect(page.locator("#take-over, #add-lesson")).to_have_count(0)
    keys(page, "4", "KeyY", "Delete", "ArrowUp", "Enter")
    expect(page.get_by_label("Topic")).to_have_attribute("readonly", "")
    expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
    keys(page, "Escape")
    cell(page, 1, 2).click(button="right")
    expect(page.get_by_role("menuitem")).to_have_text(["Comment and history"])
    page.reload()
    expect(cell(page, 1, 2)).to_have_text("5")
    assert (list(desk.marks(journal).values()), desk.absences(journal)) == ([5], 0)


def test_the_mouse_opens_the_marks(desk: Desk, browser: Browser) -> None:
    journal = desk.journal("Мышь", lessons=2)
    page = desk.open(browser, journal)
    cell(page, 3, 1).click(button="right")
    page.get_by_role("menuitem", name="4").click()
    cell(page, 5, 1).dblclick()
    page.get_by_role("menuitem", name="Б", exact=True).click()
    expect_saved(page)
    assert (list(desk.marks(journal).values()), desk.absences(journal)) == ([4], 1)


def test_another_final_mark_than_the_proposed_one_needs_a_reason(desk: Desk, browser: Browser) -> None:
    journal = desk.journal("Итоги", lessons=3)
    page = desk.open(browser, journal)
    page.select_option("#direction", "right")
    for row in (1, 2):
        cell(page, row, 1).click()
        keys(page, "4", "4", "4")
    keys(page, "5")  # in the column of the term mark
    page.get_by_label("Reason").fill("Победа на олимпиаде")
    keys(page, "Enter")
    expect(page.locator("tbody tr:nth-child(2) td.final")).to_have_text("5")
    page.click("#take-over")
    expect(page.locator("tbody tr:nth-child(1) td.final")).to_have_text("4")
    expect_saved(page)
    with desk.rows():
        finals = db.session.query(FinalMark).where(FinalMark.teaching_assignment_id == journal.id)
        assert sorted((str(one.value), one.reason) for one in finals) == [("4", ""), ("5", "Победа на олимпиаде")]


def test_grade_1_has_attendance_only(desk: Desk, browser: Browser) -> None:
    journal = desk.journal("Букварь", lessons=3, grade=1)
    page = desk.open(browser, journal)
    expect(page.locator("th.plain, th.weighted, th.proposed, th.final, tfoot")).to_have_count(0)
    keys(page, "5")
    expect(page.locator("#toast")).to_contain_text("There are no marks in this lesson")
    keys(page, "KeyY", "KeyE")
    expect(page.locator("tbody td.absences").first).to_have_text("1")
    expect_saved(page)
    assert (desk.marks(journal), desk.absences(journal)) == ({}, 2)


def test_a_phone_shows_one_lesson_with_big_buttons(desk: Desk, browser: Browser) -> None:
    journal = desk.journal("Телефон", lessons=3)
    page = desk.open(browser, journal, **PHONE)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    pupils = page.locator(".pupils li")
    pupils.nth(0).locator(".pupil").tap()
    pupils.nth(0).get_by_role("button", name="5", exact=True).tap()
    pupils.nth(1).locator(".pupil").tap()
    pupils.nth(1).get_by_role("button", name="Н", exact=True).tap()
    small = "nodes => nodes.filter(n => n.offsetParent && n.getBoundingClientRect().height < 44).map(n => n.outerHTML)"
    assert page.eval_on_selector_all("#phone button, #phone input, #phone textarea", small) == []
    page.get_by_role("button", name="Earlier lesson").tap()
    page.get_by_label("Topic").fill("Вчерашняя тема")
    pupils.nth(2).locator(".pupil").tap()
    pupils.nth(2).get_by_role("button", name="4", exact=True).tap()
    expect_saved(page)
    at = {lesson: value for (lesson, _student), value in desk.marks(journal).items()}
    assert (at, desk.absences(journal)) == ({journal.lessons[2]: 5, journal.lessons[1]: 4}, 1)
    page.reload()
    page.get_by_role("button", name="Earlier lesson").tap()
    expect(page.get_by_label("Topic")).to_have_value("Вчерашняя тема")
    page.get_by_role("button", name="Later lesson").tap()
    page.get_by_role("button", name="Later lesson").tap()  # after the last lesson: the term mark
    pupils.nth(0).locator(".pupil").tap()
    pupils.nth(0).get_by_role("button", name="н/а").tap()
    expect(pupils.nth(0)).to_contain_text("н/а")
    expect_saved(page)


def test_a_full_quarter_is_small_and_still_and_takes_the_first_key(
    desk: Desk, browser: Browser, record_property: Callable[[str, Any], None]
) -> None:
    journal = full_quarter(desk)
    context = desk.context(browser, journal.login)
    page = context.new_page()
    page.add_init_script(WATCH_SHIFTS)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    answer = page.goto(f"{desk.address}/admin/journal/{journal.id}/", wait_until="commit")
    assert answer is not None
    page.wait_for_selector("#grid.ready")
    keys(page, "5")
    expect(cell(page, 1, 24)).to_have_text("5")
    expect_saved(page)
    size = len(gzip.compress(answer.body(), 6))
    ready = page.evaluate("performance.getEntriesByName('journal ready')[0].startTime")
    record_property("journal page: first key accepted, ms on a 4x slowed CPU", round(ready))
    record_property("journal page: bytes compressed", size)
    assert size <= 60_000
    shifted = page.evaluate("shifts.reduce((sum, [value, byInput]) => sum + (byInput ? 0 : value), 0)")
    assert shifted < UNSEEN
    height = page.evaluate("document.documentElement.scrollHeight")
    bottom = page.evaluate("document.querySelector('tbody tr:last-child').getBoundingClientRect().bottom")
    assert (height, bottom < DESK["height"]) == (DESK["height"], True)  # 28 students without scrolling


def full_quarter(desk: Desk) -> Journal:
    """A journal of 24 lessons, all but today's with a mark for each of 28 students."""
    journal = desk.journal("Полная четверть", lessons=24, works=1)
    with desk.rows():
        works = db.session.query(Work).where(Work.lesson_id.in_(journal.lessons)).order_by(Work.id).all()
        db.session.add_all(
            Mark(work=work, student_id=student, value=2 + (student + work.id) % 4)
            for work in works[:-1]
            for student in journal.students
        )
        db.session.commit()
    return journal
