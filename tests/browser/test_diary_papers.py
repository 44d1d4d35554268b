"""A family on a phone: the first visit and the consent, an absence that ends up in the journal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app import clock
from app.auth import passwords
from app.extensions import db
from app.models import Attendance, Enrollment, Guardianship, Lesson, SchoolText, User
from app.models.diary import TextKind
from app.models.journal import AttendanceStatus
from tests.school import School

PASSWORD = "летний дождь идёт"
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "locale": "en"}


@pytest.fixture
def family(app: Flask, school: School) -> User:
    """A guardian who was never here; the class has a lesson today, and a class teacher."""
    today = clock.day_of(clock.now())
    school.year.starts_on, school.year.ends_on = today - timedelta(100), today + timedelta(100)
    db.session.scalars(select(Enrollment)).one().starts_on = today - timedelta(50)
    school.lesson.date = today
    school.school_class.class_teacher, school.teacher.is_staff = school.teacher, True
    guardian = User(family_name="Семёнова", given_name="Анна", login="anna")
    db.session.add_all([guardian, Guardianship(user=guardian, student=school.student)])
    for user in (guardian, school.teacher):
        assert user.account is not None
        user.account.password_hash = passwords.hashed(PASSWORD)
    db.session.commit()
    return guardian


def signed_in(browser: Browser, address: str, login: str, **options: object) -> Page:
    page = browser.new_context(**options).new_page()  # type: ignore[arg-type]
    page.goto(f"{address}/login")
    page.fill("[name=username]", login)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{address}/admin/**")
    return page


def go_on(page: Page, role: str, name: str) -> None:
    """Choose a link or a button with the keyboard alone."""
    for _step in range(40):
        page.keyboard.press("Tab")
        focused = page.locator("*:focus")
        if focused.count() and focused.inner_text().strip() == name:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"no {role} {name} within reach of the keyboard")


def fits(page: Page) -> bool:
    """Nothing is wider than the phone."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_the_first_visit_ends_with_the_consent_by_keyboard_alone(
    app: Flask, family: User, address: str, browser: Browser
) -> None:  # fmt: skip
    db.session.add(SchoolText(kind=TextKind.CONSENT, version=1, body="Я согласна на **всё**"))
    db.session.commit()
    page = signed_in(browser, address, "anna", **PHONE)
    page.goto(f"{address}/diary/")
    expect(page.locator("h1")).to_have_text("Welcome to the diary")
    assert fits(page)
    go_on(page, "link", "Next")
    expect(page.locator("h1")).to_have_text("You learn of it in time")
    go_on(page, "link", "Next")
    expect(page.locator("h1")).to_have_text("Answer and ask")
    go_on(page, "button", "Open the diary")
    expect(page.locator("article")).to_contain_text("Я согласна на всё")
    assert fits(page)
    go_on(page, "button", "I agree")
    expect(page.locator("main")).to_contain_text("Your consent is recorded")
    expect(page.locator("main")).not_to_contain_text("The school asks for your consent")
    page.goto(f"{address}/diary/")
    expect(page.locator("h1")).not_to_have_text("Welcome to the diary")


def test_an_absence_that_a_parent_announces_stands_in_the_journal(
    app: Flask, school: School, family: User, address: str, browser: Browser
) -> None:  # fmt: skip
    phone = signed_in(browser, address, "anna", **PHONE, java_script_enabled=False)
    phone.goto(f"{address}/diary/{school.student.id}/more/")
    phone.get_by_role("link", name="Absence: announce or explain").click()
    phone.get_by_label("In words").fill("Температура 38")
    phone.get_by_label("Last day").fill("2020-01-01")
    phone.get_by_role("button", name="Send to the class teacher").click()
    expect(phone.locator(".error")).to_have_text("The last day cannot be before the first one.")
    expect(phone.get_by_label("In words")).to_have_value("Температура 38")
    phone.get_by_label("Last day").fill("")
    phone.get_by_role("button", name="Send to the class teacher").click()
    expect(phone.locator(".requests li")).to_contain_text("Sent to the class teacher")

    desk = signed_in(browser, address, "orlova", viewport={"width": 1366, "height": 768}, locale="en")
    desk.get_by_role("link", name="1 request of a family waits for your answer").click()
    expect(desk.locator("summary", has_text="It will stand in 1 lesson")).to_be_visible()
    desk.get_by_role("button", name="Confirm", exact=True).click()
    expect(desk.locator("main")).to_contain_text("Confirmed: the absence stands in the journal.")
    desk.goto(f"{address}/admin/attendance/")
    expect(desk.locator("main")).to_contain_text("Температура 38")

    phone.reload()
    expect(phone.locator(".requests li")).to_contain_text("Confirmed")
    stands = db.session.scalars(select(Attendance).join(Lesson).where(Lesson.id == school.lesson.id)).one()
    assert (stands.status, stands.reason) == (AttendanceStatus.ILL, "Температура 38")
    db.session.commit()
