"""A parent's phone: a window of its size in which somebody has signed in."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, BrowserContext

from tests.visitor import Visitor

PHONE, LAPTOP = {"width": 390, "height": 844}, {"width": 1366, "height": 768}


def window_of(
    browser: Browser, address: str, visitor: Visitor, size: dict[str, int] = PHONE, **options: Any
) -> BrowserContext:
    """A window that holds the sign-in of ``visitor``; nothing in it moves, so that nothing has to be waited for."""
    settings: dict[str, Any] = {"viewport": size, "locale": "en", "reduced_motion": "reduce"}
    if size is PHONE:
        settings |= {"has_touch": True, "is_mobile": True, "device_scale_factor": 2}
    context = browser.new_context(**(settings | options))
    host = address.removeprefix("http://").split(":")[0]
    context.add_cookies(
        [
            {"name": cookie.key, "value": cookie.value, "domain": host, "path": "/"}
            for cookie in visitor._cookies.values()
        ]
    )
    return context
