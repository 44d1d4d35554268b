"""axe-core (Deque) run in a page: what stands in the way of people who see, hear or move differently.

The script comes from the package axe-playwright-python; rules: https://dequeuniversity.com/rules/axe/.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

# Rows of a long list are alike: a few of them show what is wrong with all.
FEWER_ROWS = """() => document.querySelectorAll("tbody tr:nth-child(n+6), .task-list > li:nth-child(n+8)")
    .forEach((row) => row.remove())"""


@cache
def script() -> str:
    """axe-core as its package ships it."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text()


def violations(page: Page, *rules: str) -> list[str]:
    """«rule: element» for each element of the page that breaks a rule; all rules, or only those named."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(script())
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def violations_in_both_lights(page: Page) -> list[str]:
    """The same for the page as it stands, in light colours and in dark ones."""
    page.emulate_media(color_scheme="light")
    page.evaluate(FEWER_ROWS)
    found = violations(page)
    page.emulate_media(color_scheme="dark")
    found += [f"dark {breach}" for breach in violations(page, "color-contrast", "link-in-text-block")]
    page.emulate_media(color_scheme="light")
    return found
