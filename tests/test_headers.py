"""What every answer tells the browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from app import create_app
from tests.visitor import person

PAGES = ["/login", "/a/", "/a/UNKNWN", "/nowhere", "/healthz", "/account/", "/logout", "/static/page.css"]


def test_every_answer_carries_them(app: Flask) -> None:
    person()
    visitor = app.test_client()
    visitor.sign_in("petrova")
    for page in PAGES:
        headers = visitor.get(page).headers
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert policy["img-src"] == "'self' data:"
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert policy["form-action"] == "'self'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
        assert "camera=()" in headers["Permissions-Policy"]
        assert headers["Cross-Origin-Resource-Policy"] == headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"
        assert "Strict-Transport-Security" not in headers


def test_pages_are_not_kept_but_styles_are(app: Flask) -> None:
    person()
    visitor = app.test_client()
    visitor.sign_in("petrova")
    for page in PAGES[:-1]:
        assert visitor.get(page).headers["Cache-Control"] == "no-store"
    assert "no-store" not in visitor.get("/static/page.css").headers["Cache-Control"]


def test_https_is_remembered(app: Flask) -> None:
    answer = app.test_client().get("/login", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize(("proxies", "address"), [(0, "127.0.0.1"), (1, "198.51.100.9")])
def test_only_a_proxy_we_know_of_says_who_asks(tmp_path: Path, proxies: int, address: str) -> None:
    settings = {"SECRET_KEY": "x", "SQLALCHEMY_DATABASE_URI": "sqlite://", "PROXIES": proxies}
    application = create_app(settings, instance=tmp_path)
    seen: list[tuple[str | None, bool]] = []

    def note() -> str:
        from flask import request

        seen.append((request.remote_addr, request.is_secure))
        return ""

    application.add_url_rule("/note", "note", note)
    headers = {"X-Forwarded-For": "203.0.113.1, 198.51.100.9", "X-Forwarded-Proto": "https"}
    application.test_client().get("/note", headers=headers)
    assert seen == [(address, proxies == 1)]


def test_no_page_has_inline_script_or_style(app: Flask) -> None:
    person()
    visitor = app.test_client()
    visitor.sign_in("petrova")
    pages = [visitor.get(page).text for page in PAGES[:-1]] + [app.test_client().get("/login").text]
    for page in pages:
        soup = BeautifulSoup(page, "html.parser")
        assert all(script.get("src") and not script.string for script in soup.find_all("script"))
        assert not soup.find_all("style")
        for tag in soup.find_all(True):
            assert not [name for name in tag.attrs if name == "style" or name.startswith("on")]
