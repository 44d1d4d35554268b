"""The class teacher gives the parents of the class their access, and a parent comes in from a phone."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app.auth import passwords
from app.extensions import db
from app.models import Enrollment
from tests.mail_server import MailServer
from tests.post import guardian_of, send_due, use_mail, use_twilio
from tests.school import School
from tests.twilio_server import TwilioServer

MOBILE, MAIL, PASSWORD = "+79123456789", "anna@mail.example", "летний дождь идёт"


@pytest.fixture
def class_of_parents(app: Flask, school: School) -> School:
    """A class teacher who can sign in; parents with a phone, with an e-mail address, with neither."""
    db.session.scalars(select(Enrollment)).one().starts_on = date(2020, 9, 1)
    school.school_class.class_teacher, school.teacher.is_staff = school.teacher, True
    assert school.teacher.account is not None
    school.teacher.account.password_hash = passwords.hashed(PASSWORD)
    guardian_of(school, "Телефонова", phone=MOBILE)
    guardian_of(school, "Почтова", email=MAIL)
    guardian_of(school, "Листкова")
    return school


def sign_in(page: Page, address: str, login: str) -> None:
    page.goto(f"{address}/login")
    page.fill("[name=username]", login)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{address}/admin/**")


def state_of(page: Page, name: str) -> str:
    """The word that stands beside a person on the progress page."""
    return page.locator("[data-line]", has_text=name).locator("[data-word]").inner_text()


def test_access_reaches_the_parents_of_a_class(
    app: Flask, class_of_parents: School, address: str, browser: Browser
) -> None:  # fmt: skip
    with TwilioServer() as sms, MailServer() as mail:
        use_twilio(app, sms)
        use_mail(app, mail)
        app.config["PUBLIC_URL"] = address
        desk = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en").new_page()
        faults: list[str] = []
        desk.on("pageerror", lambda error: faults.append(str(error)))
        desk.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        sign_in(desk, address, "orlova")
        desk.goto(f"{address}/admin/access/")
        desk.click("text=See what will be sent")
        expect(desk.locator("#number-sms")).to_have_text("1")
        expect(desk.locator("#number-email")).to_have_text("1")
        expect(desk.locator("#number-slip")).to_have_text("1")
        assert not sms.messages
        desk.click("#chosen >> text=Give access")
        desk.wait_for_url(re.compile("/admin/access/batch/"))
        assert state_of(desk, "Телефонова") == "Queued"

        send_due()  # the worker
        expect(desk.locator("#summary")).to_have_text("Done. Everything is sent.", timeout=15_000)  # without reloading
        assert (state_of(desk, "Телефонова"), state_of(desk, "Почтова")) == ("Sent", "Sent")
        assert sms.complaints == []
        assert (sms.times_received(), mail.times_received()) == ({MOBILE: 1}, {MAIL: 1})
        with desk.expect_popup() as opened:
            desk.click("#slips")
        expect(opened.value.locator(".slip-name")).to_have_text("Листкова Анна Ивановна")

        link = re.search(rf"{address}/a/\S+", sms.messages[0]["body"])
        assert link is not None
        activate(browser, link.group(0), address)
        desk.reload()
        assert state_of(desk, "Телефонова") == "Activated"
        assert faults == []


def activate(browser: Browser, link: str, address: str) -> None:
    """A parent opens the link on a phone, sets a password and is in; the link works once."""
    phone = browser.new_context(
        viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True, locale="en"
    ).new_page()  # fmt: skip
    phone.goto(link)
    phone.fill("[name=password]", PASSWORD)
    phone.fill("[name=repeated]", PASSWORD)
    wide = phone.evaluate("document.documentElement.scrollWidth > innerWidth")
    phone.press("[name=repeated]", "Enter")
    phone.wait_for_url(f"{address}/account/welcome")
    expect(phone.locator("h1")).to_have_text("You are in")
    assert not wide
    again = browser.new_context().new_page()
    answer = again.goto(link)
    assert answer is not None
    assert answer.status == 404
