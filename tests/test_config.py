"""Settings from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.config import database_uri, from_environment


def test_a_secret_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = from_environment({}, tmp_path)["SECRET_KEY"]
    assert from_environment({}, tmp_path)["SECRET_KEY"] == first
    assert len(first) >= 43
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_the_given_secret_key_is_used(tmp_path: Path) -> None:
    assert from_environment({"SECRET_KEY": "given"}, tmp_path)["SECRET_KEY"] == "given"
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_reached_with_psycopg(scheme: str, tmp_path: Path) -> None:
    assert database_uri(f"{scheme}://school@db/journal", tmp_path) == "postgresql+psycopg://school@db/journal"


@pytest.mark.parametrize(("address", "secure"), [("https://school.example", True), ("http://127.0.0.1:8000", False)])
def test_cookies_are_secure_over_https(address: str, secure: bool, tmp_path: Path) -> None:
    assert from_environment({"PUBLIC_URL": address}, tmp_path)["SESSION_COOKIE_SECURE"] is secure
