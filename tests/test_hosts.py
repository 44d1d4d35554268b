"""Under which names the journal answers, and that a debugger is for this machine only."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.config import from_environment, trusted_hosts
from app.debugging import is_loopback


def made(folder: Path, **settings: object) -> Flask:
    return create_app({"SECRET_KEY": "x", "SQLALCHEMY_DATABASE_URI": "sqlite://"} | settings, instance=folder)


def test_the_names_are_those_of_the_settings_and_this_machine() -> None:
    own = ["localhost", "127.0.0.1", "[::1]"]
    assert trusted_hosts("", "") is None
    assert trusted_hosts("", "https://journal.school7.example:8443/x") == ["journal.school7.example", *own]
    assert trusted_hosts("j.example .school7.example", "") == ["j.example", ".school7.example", *own]


@pytest.mark.parametrize(
    ("host", "is_known"),
    [
        ("journal.example", True), ("journal.example:443", True), ("127.0.0.1:8000", True), ("localhost", True),
        ("evil.example", False), ("journal.example.evil.example", False), ("journal.example@evil.example", False),
        ("", False),
    ],
)  # fmt: skip
def test_another_host_gets_no_page(tmp_path: Path, host: str, is_known: bool) -> None:
    visitor = made(tmp_path, TRUSTED_HOSTS=trusted_hosts("", "https://journal.example")).test_client()
    for page in ("/login", "/a/", "/nowhere", "/static/page.css"):
        answer = visitor.get(page, headers={"Host": host})
        assert (answer.status_code != 400) is is_known
        assert is_known or "evil" not in answer.text
        assert "Content-Security-Policy" in answer.headers


def test_a_forwarded_host_counts_from_a_known_proxy_only(tmp_path: Path) -> None:
    for proxies, status in ((0, 200), (1, 400)):
        known = trusted_hosts("", "https://journal.example")
        visitor = made(tmp_path / str(proxies), TRUSTED_HOSTS=known, PROXIES=proxies).test_client()
        headers = {"Host": "journal.example", "X-Forwarded-Host": "evil.example"}
        assert visitor.get("/login", headers=headers).status_code == status


def test_over_https_cookies_are_of_this_host_alone(tmp_path: Path) -> None:
    https = from_environment({"PUBLIC_URL": "https://journal.example"}, tmp_path)
    assert https["SESSION_COOKIE_NAME"] == "__Host-session"
    assert from_environment({}, tmp_path)["SESSION_COOKIE_NAME"] == "session"
    cookie = (
        made(tmp_path, **https).test_client().get("/login", base_url="https://journal.example").headers["Set-Cookie"]
    )
    assert cookie.startswith("__Host-session=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize("address", ["https://journal.example", "http://192.0.2.7:8000"])
def test_nothing_starts_with_a_debugger_for_strangers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    with pytest.raises(RuntimeError, match="FLASK_DEBUG"):
        made(tmp_path, PUBLIC_URL=address)


def test_a_debugger_on_this_machine_answers_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    visitor = made(tmp_path, PUBLIC_URL="http://127.0.0.1:8000").test_client()
    assert visitor.get("/login").status_code == 200
    assert visitor.get("/login", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403


def test_no_variable_puts_a_server_into_testing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TESTING", "FLASK_TESTING", "PROPAGATE_EXCEPTIONS", "FLASK_PROPAGATE_EXCEPTIONS", "DEBUG"):
        monkeypatch.setenv(name, "1")
    app = made(tmp_path)
    assert [app.testing, app.debug, app.config["PROPAGATE_EXCEPTIONS"]] == [False, False, None]


def test_what_is_this_machine() -> None:
    assert all(map(is_loopback, ("localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]")))
    assert not any(map(is_loopback, ("", "0.0.0.0", "192.0.2.7", "journal.example", "localhost.example", "::")))
