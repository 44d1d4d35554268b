"""A line for each request and event: with what an operator needs, and nothing about anybody."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator

import pytest
from flask import Flask

from app import logs
from app.extensions import csrf
from tests.visitor import person

SECRET = "Петрова +79123456789"
NUMBER = re.compile(r"[2-9a-z]{8}")


@pytest.fixture
def failing(app: Flask) -> Iterator[Flask]:
    """The application with a view that breaks, and its log as this process writes it."""
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def fail(name: str) -> str:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise RuntimeError(SECRET) from error

    app.add_url_rule("/fail/<name>", "fail", csrf.exempt(fail), methods=["GET", "POST"])
    logs.configure("json", "INFO")
    yield app
    logs.configure("text", "WARNING")


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_a_request_is_a_line_without_address_query_or_name(failing: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    user = person()
    visitor = failing.test_client()
    visitor.sign_in("petrova")
    capsys.readouterr()
    answer = visitor.get("/account/?who=Петрова")
    err = capsys.readouterr().err
    [line] = lines(err)
    assert (line["method"], line["endpoint"], line["status"], line["person"]) == ("GET", "account.show", 200, user.id)
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert isinstance(line["ms"], int)
    assert "Петрова" not in err
    assert "/account/" not in err


def test_an_exception_is_its_type_and_place_and_the_page_tells_its_number(
    failing: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = failing.test_client().get(f"/fail/{SECRET}?{SECRET}")
    err = capsys.readouterr().err
    number = answer.headers["X-Request-ID"]
    assert NUMBER.fullmatch(number)
    assert f"tell this number: {number}" in answer.text
    assert failing.test_client().get("/fail/x", headers={"Accept": "application/json"}).json["request"]
    [failed, asked] = lines(err)
    assert failed["request_id"] == asked["request_id"] == number
    assert "RuntimeError at " in str(failed["exception"])
    assert "in fail; after KeyError at " in str(failed["exception"])
    assert asked["status"] == 500
    for part in SECRET.split():
        assert part not in err


def test_only_a_proxy_gives_requests_their_number(failing: Flask) -> None:
    visitor, given = failing.test_client(), {"X-Request-ID": "proxy-made-1"}
    assert visitor.get("/login", headers=given).headers["X-Request-ID"] != "proxy-made-1"
    failing.config["PROXIES"] = 1
    assert visitor.get("/login", headers=given).headers["X-Request-ID"] == "proxy-made-1"
    for forged in ("short", "with space in it", "x" * 65, "<script>"):
        assert visitor.get("/login", headers={"X-Request-ID": forged}).headers["X-Request-ID"] != forged


def test_a_line_stays_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("text", "INFO")
    logging.getLogger("app.delivery").warning("one\ntwo")
    logs.configure("text", "WARNING")
    [line] = capsys.readouterr().err.splitlines()
    assert re.search(r" WARNING \[-\] one \| two$", line)
