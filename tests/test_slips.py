"""The printed slips."""

from __future__ import annotations

from datetime import UTC, datetime

from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

from app.credentials import slips
from app.credentials.slips import slips_of
from app.extensions import db
from app.models import Credential
from tests.post import PUBLIC, code_of, guardian_of, issued
from tests.school import DAY, School


def printed(app: Flask) -> BeautifulSoup:
    app.config["PUBLIC_URL"] = PUBLIC
    credentials = db.session.scalars(select(Credential)).all()
    rows = slips_of(db.session(), credentials, app.config["SECRET_KEY"], DAY, datetime.now(UTC))
    with app.test_request_context("/"):
        return BeautifulSoup(slips.page(rows), "html.parser")


def test_a_slip_has_name_child_code_and_address(app: Flask, school: School) -> None:
    guardian = guardian_of(school, "<b>Семёнова")
    issued(guardian)
    code = code_of(guardian)
    (slip,) = printed(app).select(".slip")
    text = slip.get_text(" ")
    assert guardian.full_name in text
    assert "Семёнов Пётр, 5А" in text
    assert f"{code[:4]}-{code[4:8]}-{code[8:]}" in text
    assert f"{PUBLIC}/a/{code}" in text
    assert slip.svg is not None


def test_slips_stand_in_the_order_of_names_and_used_codes_are_left_out(app: Flask, school: School) -> None:
    people = [guardian_of(school, name) for name in ("Ёлкина", "Жукова", "Егорова", "Яшина")]
    issued(*people)
    issued(people[3])  # replaces the first one
    names = [name.get_text() for name in printed(app).select(".slip-name")]
    assert [name.split()[0] for name in names] == ["Егорова", "Ёлкина", "Жукова", "Яшина"]


def test_the_page_holds_no_script_and_no_style_of_its_own(app: Flask, school: School) -> None:
    issued(guardian_of(school))
    page = printed(app)
    assert page.find("script") is None
    assert page.find("style") is None
    assert page.find(style=True) is None
    sheet = page.find("link", rel="stylesheet")
    assert sheet is not None
    assert app.test_client().get(str(sheet["href"])).status_code == 200


def test_no_code_is_in_the_database(app: Flask, school: School) -> None:
    guardian = guardian_of(school)
    issued(guardian)
    code = code_of(guardian)
    printed(app)
    for table in db.metadata.sorted_tables:
        assert code not in str(db.session.execute(select(table)).all())
