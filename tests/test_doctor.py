"""``flask doctor`` finds what is wrong, says what to do, and repeats no secret."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from flask import Flask
from requests import Response

from app.delivery.pulse import Pulse
from app.doctor import database, machine, services, settings
from app.doctor.finding import Finding, Level
from app.extensions import db
from app.models import BackupRun, SecondFactor, User
from tests.mail_server import MailServer
from tests.visitor import person

Check = Callable[[Flask], Iterator[Finding]]


def level(app: Flask, check: Check, name: str) -> str:
    """How bad what ``check`` finds under ``name`` is; «» when it says nothing of it."""
    return next((finding.level.value for finding in check(app) if finding.name == name), "")


def test_almost_a_setting_is_recognised() -> None:
    found = settings.misspelt({"TWILO_AUTH_TOKEN": "x", "MAIL_SERVR": "x", "BACKUP_HOUR_OF": "2", "HOME": "/root"})
    assert found == {"TWILO_AUTH_TOKEN": "TWILIO_AUTH_TOKEN", "MAIL_SERVR": "MAIL_SERVER", "BACKUP_HOUR_OF": ""}


@pytest.mark.parametrize(
    ("check", "name", "good", "bad", "how_bad"),
    [
        (settings.secret_key, "secret-key", {"SECRET_KEY": "k" * 43}, {"SECRET_KEY": "dev"}, "fail"),
        (settings.public_url, "public-url", {"PUBLIC_URL": "https://s.example"}, {"PUBLIC_URL": "http://s"}, "fail"),
        (settings.public_url, "public-url", {"PUBLIC_URL": "https://s"}, {"PUBLIC_URL": "http://127.0.0.1"}, "warn"),
        (settings.school_name, "school-name", {"SCHOOL_NAME": "Школа № 7"}, {"SCHOOL_NAME": "Школа"}, "warn"),
        (settings.notices, "notifications", {}, {"SMS_NOTICES": "marks"}, "fail"),
        (settings.channels, "channels", {"MAIL_SERVER": "mail"}, {"MAIL_SERVER": ""}, "warn"),
        (settings.channels, "channels", {"MAIL_SERVER": "mail"}, {"TWILIO_ACCOUNT_SID": "AC"}, "fail"),
        (settings.channels, "push", {"PUBLIC_URL": "https://s"}, {"PUBLIC_URL": "http://s"}, "warn"),
        (machine.proxies, "proxies", {"PROXIES": 1}, {"PROXIES": 0, "PUBLIC_URL": "https://s"}, "warn"),
    ],
)
def test_settings(
    demo_app: Flask, check: Check, name: str, good: dict[str, object], bad: dict[str, object], how_bad: str
) -> None:
    before = dict(demo_app.config)
    try:
        with demo_app.app_context():
            demo_app.config.update(good)
            assert level(demo_app, check, name) == "ok"
            demo_app.config.update(bad)
            assert level(demo_app, check, name) == how_bad
    finally:
        demo_app.config.clear()
        demo_app.config.update(before)


def test_the_database_its_people_its_worker_and_its_backup(app: Flask) -> None:
    found = {finding.name: finding.level.value for finding in database.database(app)}
    assert (found["database"], found["migrations"], found["demo"]) == ("ok", "ok", "ok")
    assert (found["worker"], found["backup"], found["deputy"]) == ("fail", "warn", "fail")
    now, deputy = datetime.now(UTC), person(is_staff=True, is_deputy_director=True)
    Pulse().beat(now)
    db.session.add(BackupRun(slot="now", finished_at=now))
    db.session.commit()
    found = {finding.name: finding.level.value for finding in database.database(app)}
    assert (found["worker"], found["backup"], found["deputy"]) == ("ok", "ok", "warn")
    db.session.add(SecondFactor(user=db.session.get_one(User, deputy.id), confirmed_at=now))
    db.session.commit()
    assert level(app, database.database, "deputy") == "ok"


def test_an_old_database_is_told(app: Flask) -> None:
    with db.engine.begin() as connection:
        head = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    assert level(app, database.database, "migrations") == "fail"
    with db.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{head}'")


def test_a_demo_on_the_internet_is_refused(demo_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with demo_app.app_context():
        assert level(demo_app, database.database, "demo") == "warn"
        monkeypatch.setitem(demo_app.config, "PUBLIC_URL", "https://journal.school.example")
        assert level(demo_app, database.database, "demo") == "fail"


def test_files_that_others_read(app: Flask, tmp_path: Path) -> None:
    key = Path(app.instance_path) / "secret_key"
    key.write_text("key")
    for mode, how_bad in [(0o600, "ok"), (0o640, "fail")]:
        key.chmod(mode)
        assert level(app, machine.rights, "key-file") == how_bad
    assert level(app, machine.rights, "uploads") == "ok"
    assert level(app, machine.space, "disk-instance") in {"ok", "warn"}


def test_the_mail_server_is_asked_and_gets_no_mail(app: Flask) -> None:
    with MailServer() as mail:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=mail.port)
        assert level(app, services.mail, "mail") == "ok"
        assert mail.mails == []
        app.config.update(MAIL_USE_TLS=True)
        assert level(app, services.mail, "mail") == "fail"
    assert level(app, services.mail, "mail") == "fail"


@pytest.mark.parametrize(("status", "how_bad"), [(200, "ok"), (401, "fail"), (500, "warn")])
def test_twilio_is_asked_for_the_account(
    app: Flask, monkeypatch: pytest.MonkeyPatch, status: int, how_bad: str
) -> None:
    asked = []

    def answer(url: str, **options: object) -> Response:
        asked.append((url, options["auth"]))
        response = Response()
        response.status_code = status
        response.headers["Date"] = "Sat, 01 Jan 2000 00:00:00 GMT"
        return response

    monkeypatch.setattr(requests, "get", answer)
    app.config.update(TWILIO_ACCOUNT_SID="AC1", TWILIO_AUTH_TOKEN="hidden", TWILIO_API_URL="http://127.0.0.1:1")
    assert level(app, services.twilio, "twilio") == how_bad
    assert level(app, services.twilio, "clock") == "fail"
    assert asked[0] == ("http://127.0.0.1:1/2010-04-01/Accounts/AC1.json", ("AC1", "hidden"))


def test_the_command_ends_with_1_and_speaks_both_languages(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    app.config.update(PUBLIC_URL="http://127.0.0.1:1", TWILIO_AUTH_TOKEN="hidden token")
    ended = app.test_cli_runner().invoke(args=["doctor", "--json"])
    found = json.loads(ended.output)
    assert ended.exit_code == 1
    assert {row["level"] for row in found} == {level.value for level in Level}
    assert all(row["advice"] for row in found if row["level"] != "ok")
    assert "hidden token" not in ended.output
    told = app.test_cli_runner().invoke(args=["doctor"]).output
    assert "FAIL  SECRET_KEY is short" in told
    assert "To mend: " in told
