"""No keystroke is lost: without network, with a dead server, with a closed browser, with an answer that never came."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy import func, select

from app.extensions import db
from app.models import AuditRecord, EditReceipt
from tests.browser.journal_desk import (
    DESK,
    Desk,
    Journal,
    expect_saved,
    keys,
    open_journal,
    people_of,
    school_at,
    sign_in,
)
from tests.visitor import PASSWORD

ROOT = Path(__file__).resolve().parent.parent.parent


class Server:
    """`flask serve`, in processes that can be killed."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address, self.folder = f"http://127.0.0.1:{self.port}", folder
        self.database = f"sqlite:///{folder / 'journal.sqlite'}"

    def start(self) -> None:
        output = self.folder / "output"
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve", "--port", str(self.port)]
        settings = {"DATABASE_URL": self.database, "SECRET_KEY": "test key", "LOCALE": "en", "WEB_CONCURRENCY": "1"}
        with output.open("w") as stream:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=os.environ | settings, stdout=stream, stderr=subprocess.STDOUT
            )
        while "The journal is at" not in output.read_text():
            assert self.process.poll() is None, output.read_text()
            time.sleep(0.1)

    def kill(self) -> None:
        """kill -9, every process that works on this database."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                environment = (folder / "environ").read_bytes()
            except OSError:
                continue
            if f"DATABASE_URL={self.database}".encode() in environment.split(b"\0"):
                os.kill(int(folder.name), signal.SIGKILL)
        self.process.wait()


def browser_of(browser: Browser, folder: Path) -> BrowserContext:
    """A browser that keeps its files in the folder: closed and started again it is the same one."""
    options = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]
    return browser.browser_type.launch_persistent_context(
        str(folder), executable_path=shutil.which("chromium"), args=options, viewport=DESK, locale="en"
    )


def enter_sixty(page: Page) -> None:
    """28 + 28 + 4 marks in three lessons, from right to left."""
    keys(page, "Control+Home", *"5" * 28, "Control+Home", "ArrowRight", *"4" * 28, "Control+Home", *["ArrowRight"] * 2)
    keys(page, *"3333")


def test_sixty_edits_survive_no_network_a_closed_browser_and_a_killed_server(
    browser: Browser, tmp_path: Path
) -> None:  # fmt: skip
    desk = people_of(school_at(tmp_path))
    journal = desk.journal("Алгебра", lessons=3)
    server = Server(tmp_path)
    try:
        server.start()
        first = browser_of(browser, tmp_path / "browser")
        page = first.new_page()
        sign_in(page, server.address, journal.login)
        open_journal(page, server.address, journal)
        first.set_offline(True)
        enter_sixty(page)
        expect(page.locator("#save-state")).to_have_text("No connection: 60 changes are kept in this browser")
        page.close()  # the tab
        server.kill()
        assert desk.marks(journal) == {}
        first.close()  # the browser
        server.start()

        again = browser_of(browser, tmp_path / "browser")
        page = again.new_page()
        page.goto(f"{server.address}/admin/journal/{journal.id}/")
        if "/login" in page.url:
            sign_in(page, server.address, journal.login)
        open_journal(page, server.address, journal)
        expect_saved(page)
        assert once(desk, journal) == [5] * 28 + [4] * 28 + [3] * 4
        page.reload()
        expect(page.locator("#table tbody td.lesson:not(:empty)")).to_have_count(60)
        again.close()
    finally:
        server.kill()


def once(desk: Desk, journal: Journal) -> list[int]:
    """The marks; each was written by one edit, once."""
    marks = desk.marks(journal)
    with desk.rows():
        assert db.session.scalar(select(func.count(EditReceipt.id))) == len(marks)
        written = select(func.count(AuditRecord.id)).where(AuditRecord.model == "Mark")
        assert db.session.scalar(written) == len(marks)
    return [marks[key] for lesson in journal.lessons for key in sorted(marks) if key[0] == lesson]


def test_an_answer_that_never_came_is_asked_for_again_and_nothing_is_doubled(desk: Desk, browser: Browser) -> None:
    journal = desk.journal("Геометрия", lessons=2)
    page = desk.open(browser, journal)
    lost: list[int] = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)  # the server has written it
            route.abort()

    page.route("**/edits", lose)
    keys(page, *"5555")
    expect(page.locator("#save-state")).to_contain_text("4 changes are kept in this browser")
    keys(page, "ArrowUp", "4", "3")  # changes one that the server has, and enters a new one
    expect_saved(page)
    assert lost == [200]
    assert sorted(desk.marks(journal).values()) == [3, 4, 5, 5, 5]
    expect(page.locator("#problems")).to_be_hidden()
    expect(page.locator(".conflict-box")).to_have_count(0)


def test_leaving_with_unsaved_edits_warns(desk: Desk, browser: Browser) -> None:
    journal = desk.journal("Черчение", lessons=1)
    page = desk.open(browser, journal)
    page.context.set_offline(True)
    keys(page, "5")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.close(run_before_unload=True)
    page.wait_for_event("close")
    assert asked == ["beforeunload"]


def test_who_was_signed_out_keeps_the_edits_and_signs_in_again(desk: Desk, browser: Browser) -> None:
    journal = desk.journal("Астрономия", lessons=1)
    page = desk.open(browser, journal)
    page.context.clear_cookies()
    keys(page, *"55")
    expect(page.locator("#save-state")).to_contain_text("You are signed out. 2 changes are kept in this browser")
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#save-state a")
    page.fill("[name=username]", journal.login)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_selector("#grid.ready")
    expect_saved(page)
    assert list(desk.marks(journal).values()) == [5, 5]


def test_nobody_sends_the_edits_of_another_person(desk: Desk, browser: Browser) -> None:
    journal = desk.journal("Рисование", lessons=1)
    page = desk.open(browser, journal)
    page.context.set_offline(True)
    keys(page, *"54")
    expect(page.locator("#save-state")).to_contain_text("2 changes are kept in this browser")
    page.context.clear_cookies()
    page.context.set_offline(False)
    sign_in(page.context.new_page(), desk.address, "zavuch")  # in another tab
    page.bring_to_front()
    expect(page.locator("#save-state")).to_contain_text("You are signed out. 2 changes", timeout=15_000)
    assert desk.marks(journal) == {}
    page.context.clear_cookies()
    sign_in(page.context.pages[-1], desk.address, journal.login)
    expect_saved(page)
    assert list(desk.marks(journal).values()) == [5, 4]


@pytest.mark.parametrize("journal_first", [True, False], ids=["another journal", "the list of journals"])
def test_what_is_left_over_is_sent(desk: Desk, browser: Browser, journal_first: bool) -> None:
    journal = desk.journal(f"Музыка {journal_first}", lessons=1)
    other = desk.journal(f"Рисунок {journal_first}", lessons=1)
    context = desk.context(browser, journal.login)
    page = open_journal(context.new_page(), desk.address, journal)
    context.set_offline(True)
    keys(page, *"543")
    expect(page.locator("#save-state")).to_contain_text("3 changes are kept in this browser")
    page.close()
    context.set_offline(False)
    page = context.new_page()
    with page.expect_response(lambda answer: answer.url.endswith("/edits") and answer.ok):
        if journal_first:
            open_journal(page, desk.address, other)
        else:
            page.goto(f"{desk.address}/admin/journal/")
    assert list(desk.marks(journal).values()) == [5, 4, 3]
