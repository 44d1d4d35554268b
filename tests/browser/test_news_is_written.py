"""News is written at a desk: looked at in a tab of its own, then published, with all that was typed and chosen."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.test_access_reaches_parents import sign_in
from tests.visitor import person


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_previewed_can_still_be_published(app: Flask, address: str, browser: Browser) -> None:
    person(login="volkova", is_deputy_director=True, is_staff=True)
    photo = BytesIO()
    Image.new("RGB", (320, 200), "teal").save(photo, "JPEG")
    desk = browser.new_context(locale="en").new_page()
    sign_in(desk, address, "volkova")
    desk.goto(f"{address}/admin/newsitem/new/")
    desk.fill("#title", "Осенняя ярмарка")
    desk.fill("#body", "Приглашаем **всех**")
    desk.set_input_files("#picture_file", {"name": "фото.jpg", "mimeType": "image/jpeg", "buffer": photo.getvalue()})
    with desk.context.expect_page() as opened:
        desk.get_by_role("button", name="Preview").click()
    preview = opened.value
    expect(preview.get_by_role("heading", name="Осенняя ярмарка")).to_be_visible()
    expect(preview.locator("strong", has_text="всех")).to_be_visible()
    assert preview.locator(".article img").evaluate("picture => picture.naturalWidth") == 320
    preview.close()
    desk.get_by_role("button", name="Save and publish now").click()
    desk.get_by_role("link", name="Осенняя ярмарка").click()
    expect(desk.get_by_text("Published", exact=True)).to_be_visible()
    assert desk.locator(".article img").evaluate("picture => picture.naturalWidth") == 320
