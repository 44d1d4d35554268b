"""A class teacher at a desk goes from who never came to what will be sent, and reports a problem on a phone."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from app.auth import passwords
from app.clock import day_of, now
from app.diary import visits
from app.extensions import db
from app.models import Enrollment, SupportFile
from tests.browser.test_access_reaches_parents import sign_in
from tests.notices import guardian
from tests.school import School
from tests.school_panel import led
from tests.visitor import PASSWORD

PASTE = """(content) => {
  const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], "image.png", { type: "image/png" }));
  document.querySelector("#body").dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def login(school: School) -> str:
    """Of the class teacher, whose parents are one who came and one who never did."""
    teacher = led(school)
    assert teacher.account is not None
    teacher.account.password_hash = passwords.hashed(PASSWORD)
    db.session.scalars(select(Enrollment)).one().ends_on = None
    db.session.commit()
    came, student_id = guardian(school, "Частая").id, school.student.id
    guardian(school, "Забытая")
    db.session.commit()
    visits.note(came, student_id, day_of(now()), now())
    return "orlova"


def picture() -> bytes:
    content = BytesIO()
    Image.new("RGB", (320, 200), "navy").save(content, "PNG")
    return content.getvalue()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_from_the_chart_to_the_preview_and_a_report_from_a_phone(
    app: Flask, address: str, browser: Browser, login: str
) -> None:
    desk = browser.new_context(locale="en", viewport={"width": 1366, "height": 768}).new_page()
    sign_in(desk, address, login)
    desk.goto(f"{address}/admin/usage/")
    chart = desk.get_by_role("img", name="Visits to the diary by week").bounding_box()
    assert chart is not None
    assert chart["width"] > 300
    bars = [bar.bounding_box() for bar in desk.locator(".funnel rect").all()]
    assert [round(bar["width"] / bars[0]["width"], 1) if bar and bars[0] else 0 for bar in bars] == [
        1, 1, 1, 1, 1, 0.5,
    ]  # fmt: skip
    desk.get_by_role("checkbox", name="Забытая").check()
    desk.get_by_label("Send by").select_option("slip")
    desk.get_by_role("button", name="Send access anew").click()
    expect(desk.locator("td.first", has_text="Забытая")).to_be_visible()
    expect(desk.locator("td.first", has_text="Частая")).to_have_count(0)

    cookies = desk.context.cookies()
    phone = browser.new_context(locale="en", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone.add_cookies(cookies)  # type: ignore[arg-type]
    page = phone.new_page()
    page.goto(f"{address}/admin/student/")
    page.get_by_text("Menu", exact=True).click()
    page.get_by_role("link", name="Report a problem").click()
    expect(page.get_by_label("On which page")).to_have_value("/admin/student/")
    page.fill("#body", "Список пуст")
    page.set_input_files("#files", {"name": "экран.png", "mimeType": "image/png", "buffer": picture()})
    page.evaluate(PASTE, b64encode(picture()).decode())
    expect(page.locator("[data-files] li")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_text("Список пуст")).to_be_visible()
    shots = page.locator(".shots img")
    expect(shots).to_have_count(2)
    assert shots.first.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 320
    assert sorted(db.session.scalars(select(SupportFile.name))) == ["Pasted 2.png", "экран.png"]
