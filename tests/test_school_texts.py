"""Texts that the school writes itself: shipped first, then the school's, version by version."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import SchoolText, User
from tests.requests_family import Family, family_of
from tests.school import School
from tests.school_panel import HOSTILE, deputy, written
from tests.visitor import text


@pytest.fixture
def family(app: Flask, school: School) -> Family:
    app.config["SCHOOL_NAME"] = "School 7"
    return family_of(app, school)


def publish(family: Family, who: User, body: str, seen: int, kind: str = "about") -> str:
    answer = family.panel.post(
        who, f"/admin/texts/edit?kind={kind}", {"body": body, "seen": str(seen), "do": "publish"}
    )
    return text(answer)


def test_the_shipped_text_is_read_until_the_school_writes_its_own(family: Family) -> None:
    assert "Grade 1 and the first quarter of grade 2" in family.panel.page(family.guardian, "/diary/about/")
    who = deputy()
    assert "This text comes with the product" in family.panel.page(who, "/admin/texts/")
    publish(family, who, "# Наш дневник\n\nЗвоните **нам**.", 0)
    page = family.panel.page(family.guardian, "/diary/about/")
    assert "Наш дневник Звоните нам ." in page
    assert "Grade 1" not in page
    assert "Наш дневник" in family.panel.page(family.class_teacher, "/admin/texts/")


def test_the_shipped_texts_are_there_in_russian_too(family: Family) -> None:
    family.panel.app.config["LOCALE"] = "ru"
    assert "Если ребёнок не придёт в школу" in family.panel.get(family.guardian, "/diary/about/").text
    consent = family.panel.get(deputy(), "/admin/texts/?kind=consent").text
    assert "School 7" in consent
    assert "152-ФЗ" in consent


def test_the_draft_of_the_consent_is_not_asked_of_anybody(family: Family) -> None:
    page = family.panel.page(family.class_teacher, "/admin/texts/?kind=consent")
    assert "This is a draft" in page
    assert "School 7" in page
    assert "does not ask for a consent" in family.panel.page(family.guardian, "/diary/consent/")


def test_versions_stay_and_what_somebody_published_meanwhile_is_not_lost(family: Family) -> None:
    who = deputy()
    publish(family, who, "Первый", 0)
    publish(family, who, "Второй", 1)
    said = publish(family, who, "Третий, написанный по первому", 1)
    assert "published another version meanwhile" in said
    assert "Третий, написанный по первому" in said
    assert "Второй" in said
    assert "same as before" in publish(family, who, "Второй", 2)
    assert "Write the text first" in publish(family, who, "  \n ", 2)
    assert "too long" in publish(family, who, "я" * 20_001, 2)
    bodies = db.session.scalars(select(SchoolText.body).order_by(SchoolText.version)).all()
    assert bodies == ["Первый", "Второй"]
    db.session.commit()
    assert "Первый" in family.panel.page(who, "/admin/texts/?version=1")
    assert family.panel.get(who, "/admin/texts/?version=7").status_code == 404


def test_a_preview_publishes_nothing(family: Family) -> None:
    answer = family.panel.post(deputy(), "/admin/texts/edit?kind=about", {"body": "# Проба", "do": "preview"})
    assert "<h2>Проба</h2>" in answer.text
    assert db.session.scalars(select(SchoolText)).first() is None
    db.session.commit()


def test_only_the_deputy_director_publishes_and_only_class_teachers_read_it_in_the_panel(family: Family) -> None:
    body = {"body": "Чужой", "seen": "0", "do": "publish"}
    assert family.panel.post(family.class_teacher, "/admin/texts/edit", body).status_code == 403
    teacher = written(User(family_name="Другова", given_name="Ия", login="drugova", is_staff=True))
    for who in (family.guardian, teacher):
        assert family.panel.get(who, "/admin/texts/").status_code == 403
        assert family.panel.post(who, "/admin/texts/edit", body).status_code == 403
    assert db.session.scalars(select(SchoolText)).first() is None
    db.session.commit()


def test_hostile_texts_harm_nobody(family: Family) -> None:
    who = deputy()
    for seen, hostile in enumerate(each for each in HOSTILE if each.strip() and "\x00" not in each):
        publish(family, who, hostile, seen)
        page = family.panel.get(family.guardian, "/diary/about/")
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert family.panel.get(who, f"/admin/texts/?kind={hostile}").status_code == 404
