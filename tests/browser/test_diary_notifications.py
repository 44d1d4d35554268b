"""A parent chooses on a phone what to be told of, by finger and by keyboard alone, and stops it from a mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app.auth import passwords
from app.extensions import db
from app.models import Enrollment, NotificationChoice, User
from app.models.access import DeliveryChannel
from app.models.notification import NoticeKind, Timing
from app.notifications.stop import Stop, token
from tests.notices import guardian, subscribed
from tests.school import School

PASSWORD = "летний дождь идёт"
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "locale": "en"}


@pytest.fixture
def anna(school: School) -> User:
    db.session.scalars(select(Enrollment)).one().starts_on = date(2020, 9, 1)
    user = guardian(school, login="anna", phone="+79123456789")
    assert user.account is not None
    user.account.password_hash = passwords.hashed(PASSWORD)
    subscribed(user, "https://fcm.googleapis.com/old").agent = "Mozilla/5.0 (Linux; Android 15) Chrome/140.0"
    db.session.commit()
    return user


@pytest.fixture
def phone(address: str, anna: User, browser: Browser) -> Iterator[Page]:
    """Her phone, signed in."""
    context = browser.new_context(**PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{address}/login?next=/diary/notifications/")
    page.fill("[name=username]", "anna")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/diary/notifications/")
    yield page
    context.close()


def chosen() -> dict[str, Timing]:
    rows = list(db.session.scalars(select(NotificationChoice).execution_options(populate_existing=True)))
    db.session.commit()  # SQLite has one writer: give its lock back
    return {f"{row.kind.value}-{row.channel.value}": row.timing for row in rows}


def violations(page: Page) -> list[str]:
    return [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in Axe().run(page).response["violations"]]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_parent_chooses_and_takes_an_old_phone_off_the_list(app: Flask, phone: Page) -> None:
    expect(phone.get_by_role("group", name="Mark below 3")).to_be_visible()
    phone.get_by_role("group", name="Mark below 3").get_by_label("SMS").select_option("at_once")
    phone.get_by_role("button", name="Save").click()
    expect(phone.get_by_role("status").first).to_have_text("Your choice is saved.")
    assert chosen() == {"low_mark-sms": Timing.AT_ONCE}
    phone.get_by_role("button", name="Remove: Chrome, Android").click()
    expect(phone.get_by_text("No device gets push notifications yet.")).to_be_visible()
    phone.get_by_role("button", name="Notify this device").click()  # this browser refuses: it is said, not hidden
    expect(phone.locator("#push-says")).to_contain_text("does not allow the diary to show notifications")
    assert not phone.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert violations(phone) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_parent_chooses_by_keyboard_alone(app: Flask, phone: Page) -> None:
    for _step in range(60):
        phone.keyboard.press("Tab")
        if phone.evaluate("document.activeElement.name") == "news-email":
            break
    phone.keyboard.type("ne")  # «never»
    for _step in range(60):
        phone.keyboard.press("Tab")
        if phone.evaluate("document.activeElement.textContent") == "Save":
            break
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("status").first).to_have_text("Your choice is saved.")
    assert chosen() == {"news-email": Timing.NEVER}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_tap_stops_the_mails_without_a_sign_in_and_without_scripts(
    app: Flask, address: str, anna: User, browser: Browser
) -> None:
    stop = token(app.config["SECRET_KEY"], Stop(anna.id, DeliveryChannel.EMAIL, NoticeKind.LOW_MARK))
    context = browser.new_context(**PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{address}/stop/{stop}")
    assert chosen() == {}
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("heading", name="Stopped")).to_be_visible()
    context.close()
    assert chosen() == {"low_mark-email": Timing.NEVER}
