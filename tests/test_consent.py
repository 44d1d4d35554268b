"""The first visit, and the consent to the processing of personal data: which version, by whom, when."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Consent, SchoolText, User
from app.models.diary import TextKind
from tests.requests_family import Family, family_of
from tests.school import School
from tests.school_panel import NOW, deputy, written

ASKS = "The school asks for your consent"


@pytest.fixture
def family(app: Flask, school: School) -> Family:
    return family_of(app, school)


def publish(version: int) -> None:
    db.session.add(SchoolText(kind=TextKind.CONSENT, version=version, body=f"Согласие {version}"))
    db.session.commit()


def agree(family: Family, version: int) -> None:
    family.panel.post(family.guardian, "/diary/consent/", version=version)


def start(family: Family) -> str:
    return f"/diary/{family.student.id}/"


def test_the_first_visit_begins_with_three_screens_shown_once(family: Family) -> None:
    answer = family.panel.get(family.guardian, "/diary/")
    assert answer.location == "/diary/welcome/"
    assert family.panel.get(family.guardian, start(family)).status_code == 200  # a link to a page just opens
    for screen in (1, 2, 3):
        page = family.panel.get(family.guardian, f"/diary/welcome/?screen={screen}")
        assert page.status_code == 200
        assert (f"screen={screen + 1}" in page.text) is (screen < 3)
    assert family.panel.get(family.guardian, "/diary/welcome/?screen=99").status_code == 200
    assert family.panel.post(family.guardian, "/diary/welcome/").location == "/diary/"
    assert family.panel.get(family.guardian, "/diary/").location == start(family)
    account = db.session.get_one(User, family.guardian.id).account
    assert account is not None
    assert account.introduced_at is not None
    db.session.commit()
    assert "/diary/welcome/" in family.panel.get(family.guardian, "/diary/about/").text


def test_consent_is_asked_once_the_text_is_published_until_it_is_answered(family: Family) -> None:
    assert ASKS not in family.panel.page(family.guardian, start(family))
    publish(1)
    assert family.panel.post(family.guardian, "/diary/welcome/").location == "/diary/consent/"
    assert ASKS in family.panel.page(family.guardian, start(family))
    assert "Согласие 1" in family.panel.page(family.guardian, "/diary/consent/")
    agree(family, 1)
    agree(family, 1)  # pressed twice
    given = db.session.scalars(select(Consent)).one()
    assert (given.user_id, given.text.version, given.given_at) == (family.guardian.id, 1, NOW)
    db.session.commit()
    assert ASKS not in family.panel.page(family.guardian, start(family))
    assert "You agreed on" in family.panel.page(family.guardian, "/diary/consent/")


def test_a_new_version_asks_again_and_nobody_agrees_to_what_they_have_not_read(family: Family) -> None:
    publish(1)
    agree(family, 1)
    publish(2)
    assert ASKS in family.panel.page(family.guardian, start(family))
    agree(family, 1)  # the page stood open
    assert "has changed the text meanwhile" in family.panel.page(family.guardian, "/diary/consent/")
    agree(family, 2)
    assert db.session.scalars(select(Consent.text_id).order_by(Consent.id)).all() == [1, 2]
    db.session.commit()
    for hostile in ("", "x", "-1", "9" * 30, "²"):
        family.panel.post(family.guardian, "/diary/consent/", version=hostile)
    assert len(db.session.scalars(select(Consent)).all()) == 2
    db.session.commit()


def test_a_consent_is_withdrawn_and_not_asked_for_again(family: Family) -> None:
    publish(1)
    agree(family, 1)
    assert family.panel.post(family.guardian, "/diary/data/consent/withdraw").status_code == 302
    assert db.session.scalars(select(Consent)).one().withdrawn_at == NOW
    db.session.commit()
    assert ASKS not in family.panel.page(family.guardian, start(family))
    assert "withdrawn on" in family.panel.page(family.guardian, "/diary/data/")
    agree(family, 1)  # changed their mind
    assert [each.withdrawn_at for each in db.session.scalars(select(Consent).order_by(Consent.id))] == [NOW, None]
    db.session.commit()


def test_the_class_teacher_and_the_deputy_see_who_has_consented_to_what(family: Family) -> None:
    student = f"/admin/student/details/?id={family.student.id}"
    assert "No consent yet" in family.panel.page(family.class_teacher, student)
    publish(1)
    agree(family, 1)
    stranger = written(User(family_name="Чужова", given_name="Ия", login="chuzhova"))
    db.session.add(Consent(user=stranger, text_id=1))
    db.session.commit()
    assert "Consent: version 1, 12 Oct 2026" in family.panel.page(family.class_teacher, student)
    seen_by_teacher = family.panel.page(family.class_teacher, "/admin/consent/")
    seen_by_deputy = family.panel.page(deputy(), "/admin/consent/")
    assert all("Семёнова Анна Ивановна" in page and "version 1" in page for page in (seen_by_teacher, seen_by_deputy))
    assert "Чужова" in seen_by_deputy
    assert "Чужова" not in seen_by_teacher
    family.panel.post(family.guardian, "/diary/data/consent/withdraw")
    assert "Consent withdrawn on" in family.panel.page(family.class_teacher, student)


def test_nobody_agrees_for_somebody_else(family: Family) -> None:
    publish(1)
    family.panel.post(family.class_teacher, "/diary/consent/", version=1)
    assert db.session.scalars(select(Consent)).first() is None
    db.session.commit()
