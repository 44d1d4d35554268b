"""A mistake in a setting is told in a sentence, and starts nothing."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app import config
from app.bounds import NUMBERS, SettingsError, check

ROOT = Path(__file__).resolve().parent.parent
WRONG = {
    "GRADING_MINIMUM": "три", "MAIL_PORT": "70000", "GRADING_THRESHOLD": "0,5", "TIMEZONE": "Moscow", "LOCALE": "de",
    "PUBLIC_URL": "journal.school.example", "TWILIO_API_URL": "ftp://x", "MAIL_USE_TLS": "maybe", "LOG_LEVEL": "loud",
    "QUIET_HOURS": "evening", "DIGEST_HOUR": "24", "DELIVERIES_PER_SECOND": "nan", "PROXIES": "",
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_meant_is_told_with_its_name_and_value(name: str, tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    with pytest.raises(SettingsError) as error:
        config.from_environment({name: WRONG[name]}, instance)
    [sentence] = error.value.text("en").splitlines()
    assert sentence.startswith(f"{name} is «{WRONG[name]}»")
    assert "Write" in sentence
    assert not instance.exists()


def test_the_address_of_a_database_is_not_repeated() -> None:
    with pytest.raises(SettingsError) as error:
        check({"DATABASE_URL": "postgresql//school:hidden@host"})
    assert "DATABASE_URL is no address" in error.value.text("en")
    assert "hidden" not in error.value.text("en")


def test_what_is_meant_passes() -> None:
    check({
        "GRADING_MINIMUM": "5", "GRADING_THRESHOLD": "0.6", "TIMEZONE": "Asia/Yekaterinburg", "QUIET_HOURS": "",
        "PUBLIC_URL": "https://journal.school.example", "DATABASE_URL": "postgresql://a:b@c/d", "MAIL_USE_TLS": "Yes",
    })  # fmt: skip


def test_every_number_has_its_bounds() -> None:
    asked = re.findall(r'(?:int|float)\(environment\.get\("(\w+)"', inspect.getsource(config.from_environment))
    assert set(asked) == set(NUMBERS) - {"WEB_CONCURRENCY"}


def test_all_mistakes_come_at_once_and_without_a_traceback(tmp_path: Path) -> None:
    wrong = {"GRADING_MINIMUM": "три", "LOCALE": "en", "TIMEZONE": "Moscow"}
    asked = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "doctor"], cwd=ROOT, env=os.environ | wrong, text=True,
        capture_output=True,
    )  # fmt: skip
    assert asked.returncode == 4
    assert len(asked.stderr.splitlines()) == 2
    assert "Traceback" not in asked.stderr
