"""A parent writes to the class teacher from a phone, the teacher answers in the panel, and what is new goes away."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app.auth import passwords
from app.extensions import db
from app.models import Enrollment, Guardianship, TeachingAssignment
from tests.school import School
from tests.visitor import PASSWORD, person

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def family(app: Flask, school: School) -> School:
    """A class teacher and a guardian, both of whom can sign in."""
    db.session.scalars(select(Enrollment)).one().starts_on = date(2020, 9, 1)
    db.session.scalars(select(TeachingAssignment)).one().starts_on = date(2020, 9, 1)
    school.school_class.class_teacher, school.teacher.is_staff = school.teacher, True
    assert school.teacher.account is not None
    school.teacher.account.password_hash = passwords.hashed(PASSWORD)
    db.session.add(Guardianship(user=person(login="petrova"), student=school.student))
    db.session.commit()
    return school


def signed_in(browser: Browser, address: str, login: str, **options: object) -> Page:
    page = browser.new_context(locale="en", **options).new_page()  # type: ignore[arg-type]
    page.goto(f"{address}/login")
    page.fill("[name=username]", login)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda now: "/login" not in now)
    return page


def fits(page: Page) -> bool:
    """Whether nothing is wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_parent_asks_and_the_class_teacher_answers(
    family: School, address: str, browser: Browser
) -> None:  # fmt: skip
    phone = signed_in(browser, address, "petrova", viewport=PHONE, is_mobile=True, has_touch=True)
    faults: list[str] = []
    phone.on("pageerror", lambda error: faults.append(str(error)))
    phone.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    phone.goto(f"{address}/diary/messages/")
    phone.get_by_role("link", name="Write").click()
    phone.get_by_role("link", name="Орлова Вера").click()
    phone.get_by_label("What it is about").fill("Пропуск")
    phone.get_by_label("Message").fill("Будет к третьему уроку\nhttps://school.example/" + "a" * 200)
    phone.reload()  # a lost connection, a wrong tap: the draft is still there
    expect(phone.get_by_label("What it is about")).to_have_value("Пропуск")
    phone.get_by_role("button", name="Send").dblclick()
    expect(phone.locator(".said")).to_have_count(1)
    expect(phone.get_by_text("not read yet")).to_be_visible()
    expect(phone.get_by_label("Message")).to_have_value("")
    assert fits(phone)

    desk = signed_in(browser, address, "orlova", viewport={"width": 1366, "height": 768})
    desk.goto(f"{address}/admin/messages/")
    expect(desk.locator(".sidebar .count")).to_contain_text("1")
    desk.get_by_role("link", name="Пропуск").click()
    expect(desk.locator(".sidebar .count")).to_have_count(0)
    desk.get_by_label("Message").fill("Хорошо, отмечу")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    expect(desk.locator(".said.own")).to_contain_text("Хорошо, отмечу")

    phone.goto(f"{address}/diary/messages/")
    expect(phone.locator(".tabs .count")).to_contain_text("1")
    phone.get_by_role("link", name="Пропуск").click()
    expect(phone.get_by_text("Хорошо, отмечу")).to_be_visible()
    expect(phone.locator(".tabs .count")).to_have_count(0)
    expect(phone.get_by_text("✓ read")).to_be_visible()
    assert fits(phone)
    assert faults == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_parent_writes_by_keyboard_and_without_scripts(family: School, address: str, browser: Browser) -> None:
    page = signed_in(browser, address, "petrova", viewport=PHONE, java_script_enabled=False)
    page.goto(f"{address}/diary/messages/new?to=administration")
    page.get_by_label("What it is about").focus()
    page.keyboard.type("Справка")
    page.keyboard.press("Tab")
    page.keyboard.type("Нужна справка")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Справка")
    expect(page.locator(".said")).to_contain_text("Нужна справка")
