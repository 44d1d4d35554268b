"""The database stops while a teacher types in the journal and a deputy director writes news: both lose nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from app import policy
from app.extensions import db
from app.models import AuditRecord, Mark, NewsItem
from tests.at_length import FULL
from tests.browser.journal_desk import SAVED, keys, sign_in
from tests.faults.kit import Web, journals
from tests.postgres_server import PostgresServer
from tests.visitor import person

OUTAGE = 30 if FULL else 1
TEXT = "Приглашаем всех на ярмарку.\nНачало в 12:00, вход свободный."


@pytest.fixture
def web(app: Flask, tmp_path: Path) -> Iterator[Web]:
    """Two processes that serve the database of ``app``."""
    with Web(app.config["SQLALCHEMY_DATABASE_URI"], tmp_path) as running:
        yield running


def opened(browser: Browser, address: str, login: str) -> Page:
    page = browser.new_context(locale="en").new_page()
    sign_in(page, address, login)
    return page


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_is_typed_while_the_database_is_away_is_saved_when_it_is_back(
    app: Flask, web: Web, browser: Browser, postgres_server: PostgresServer, record_property: Callable[[str, Any], None]
) -> None:
    (journal,) = journals(1)
    person(login="volkova", is_deputy_director=True, is_staff=True)
    db.session.remove()
    teacher, deputy = (opened(browser, web.address, login) for login in (journal.login, "volkova"))
    teacher.goto(f"{web.address}/admin/journal/{journal.assignment_id}/")
    teacher.wait_for_selector("#grid.ready")
    keys(teacher, *"54")
    expect(teacher.locator("#table tbody td.lesson:not(:empty)")).to_have_count(2)
    expect(teacher.locator("#save-state")).to_have_text(SAVED)
    deputy.goto(f"{web.address}/admin/newsitem/new/")
    deputy.fill("#title", "Осенняя ярмарка")
    deputy.fill("#body", TEXT)

    postgres_server.stop()
    try:
        keys(teacher, *"35")
        expect(teacher.locator("#save-state")).to_have_text("The journal is busy: 2 changes are kept in this browser")
        deputy.get_by_role("button", name="Save and publish now").click()
        expect(deputy.get_by_role("heading", name="The journal is busy")).to_be_visible()
        expect(deputy.locator(".kept").last).to_have_text(TEXT)
        deputy.get_by_role("button", name="Send again").click()
        expect(deputy.locator(".kept").last).to_have_text(TEXT)
        time.sleep(OUTAGE)
    finally:
        postgres_server.start()
    back = time.monotonic()
    deputy.get_by_role("button", name="Send again").click()
    expect(deputy.get_by_role("link", name="Осенняя ярмарка")).to_be_visible()
    expect(teacher.locator("#save-state")).to_have_text(SAVED, timeout=30_000)
    took = time.monotonic() - back
    with policy.system() as session:
        assert session.scalars(select(Mark.value).order_by(Mark.student_id)).all() == [5, 4, 3, 5]
        assert session.scalar(select(func.count(AuditRecord.id)).where(AuditRecord.model == "Mark")) == 4
        (news,) = session.scalars(select(NewsItem))
        assert (news.title, news.body.splitlines()) == ("Осенняя ярмарка", TEXT.splitlines())
    record_property("faults: seconds until a browser had saved everything", round(took, 1))
    for page in (teacher, deputy):
        page.context.close()
