"""People ask to correct the data the school holds; the class teacher confirms, and it is written."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Correction, Guardianship, Student, StudentDetails, User
from app.models.diary import RequestState
from tests.requests_family import Family, another_child, family_of
from tests.school import School
from tests.school_panel import HOSTILE, deputy, written
from tests.visitor import text


@pytest.fixture
def family(app: Flask, school: School) -> Family:
    return family_of(app, school)


def ask(family: Family, field: str, value: str, who: User | None = None, **of: Any) -> Any:
    what = "&".join(f"{name}={value}" for name, value in (of or {"student": family.student.id}).items())
    return family.panel.post(who or family.guardian, f"/diary/data/correct?{what}&field={field}", value=value)


def answer(family: Family, do: str, words: str = "", who: User | None = None) -> Any:
    number = db.session.scalars(select(Correction.id).order_by(Correction.id.desc())).first()
    body = {"kind": "correction", "id": number, "do": do, "answer": words}
    return family.panel.post(who or family.class_teacher, "/admin/requests/answer", body)


def state() -> RequestState:
    found = db.session.scalars(select(Correction.state).order_by(Correction.id.desc())).first()
    assert found is not None
    db.session.commit()
    return found


def details(family: Family) -> StudentDetails:
    found = db.session.scalars(select(StudentDetails).where(StudentDetails.student_id == family.student.id)).one()
    db.session.commit()
    return found


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("phone", "8 (912) 345-67-89", "+79123456789"),
        ("email", "Petr@Example.org", "petr@example.org"),
        ("address", "ул.  Новая, д. 5", "ул. Новая, д. 5"),
        ("birth_date", "03.03.2015", date(2015, 3, 3)),
    ],
)
def test_a_confirmed_correction_is_written_as_the_journal_keeps_it(
    family: Family, field: str, typed: str, kept: object
) -> None:
    before = getattr(details(family), field)
    assert ask(family, field, typed).status_code == 302
    assert getattr(details(family), field) == before
    answer(family, "confirm")
    assert getattr(details(family), field) == kept
    assert state() is RequestState.CONFIRMED


def test_a_name_is_corrected_and_the_old_one_is_shown_beside_it(family: Family) -> None:
    ask(family, "family_name", "семенов")
    page = family.panel.page(family.class_teacher, "/admin/requests/")
    assert "Family name: Семёнов → Семенов" in page
    answer(family, "confirm")
    assert db.session.get_one(Student, family.student.id, populate_existing=True).full_name == "Семенов Пётр"
    db.session.commit()


def test_a_student_without_details_gets_them(family: Family) -> None:
    child = another_child(family)
    db.session.delete(db.session.scalars(select(StudentDetails).where(StudentDetails.student_id == child.id)).one())
    db.session.add(Guardianship(user=family.guardian, student=child))
    db.session.commit()
    ask(family, "address", "ул. Лесная", student=child.id)
    answer(family, "confirm")
    kept = select(StudentDetails.address).where(StudentDetails.student_id == child.id)
    assert db.session.scalars(kept).one() == "ул. Лесная"
    db.session.commit()


def test_a_guardian_corrects_the_own_name(family: Family) -> None:
    assert ask(family, "given_name", "мария", own=1).status_code == 302
    answer(family, "confirm")
    assert db.session.get_one(User, family.guardian.id, populate_existing=True).given_name == "Мария"
    db.session.commit()
    assert ask(family, "phone", "+79123456789", own=1).status_code == 404  # contacts are changed on the account page


def test_the_name_of_a_parent_who_left_is_not_written_to_the_child(family: Family) -> None:
    ask(family, "given_name", "Мария", own=1)
    db.session.delete(db.session.scalars(select(Guardianship)).one())
    db.session.commit()
    answer(family, "confirm")
    assert state() is RequestState.SENT
    assert db.session.get_one(Student, family.student.id, populate_existing=True).given_name == "Пётр"
    db.session.commit()
    assert "no parent of your class any more" in family.panel.page(family.class_teacher, "/admin/requests/")
    answer(family, "decline", "Вы больше не числитесь родителем")
    assert state() is RequestState.DECLINED


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("phone", "12", "not a phone number"),
        ("email", "petr@", "not an e-mail address"),
        ("birth_date", "31.02.2015", "There is no such day"),
        ("birth_date", "02.03.1950", "not a year a student can be born in"),
        ("family_name", "", "Write what it should be"),
        ("family_name", "<b>", "Not a name"),
        ("family_name", "Семёнов", "has already"),
        ("address", "я" * 301, "longer than 300"),
    ],
)
def test_what_is_no_value_is_refused_at_once_and_stays_in_the_field(
    family: Family, field: str, typed: str, said: str
) -> None:
    sent = ask(family, field, typed)
    assert sent.status_code == 422
    assert said in text(sent)
    assert db.session.scalars(select(Correction)).first() is None
    db.session.commit()


def test_what_was_changed_meanwhile_is_not_overwritten(family: Family) -> None:
    ask(family, "address", "ул. Новая")
    details(family).address = "ул. Школьная"
    db.session.commit()
    assert "It was changed meanwhile and is now «ул. Школьная»" in family.panel.page(
        family.class_teacher, "/admin/requests/"
    )
    answer(family, "confirm")
    assert "was changed after this had been sent" in family.panel.page(family.class_teacher, "/admin/requests/")
    assert (details(family).address, state()) == ("ул. Школьная", RequestState.SENT)


def test_a_second_correction_of_the_same_value_waits_for_the_first(family: Family) -> None:
    ask(family, "address", "ул. Новая")
    assert "asked to correct this already" in text(ask(family, "address", "ул. Старая"))
    number = db.session.scalars(select(Correction.id)).one()
    family.panel.post(family.guardian, f"/diary/data/corrections/{number}/withdraw")
    assert state() is RequestState.WITHDRAWN
    assert ask(family, "address", "ул. Старая").status_code == 302


def test_a_declined_correction_changes_nothing_and_says_why(family: Family) -> None:
    ask(family, "address", "ул. Новая")
    answer(family, "decline", "Принесите справку")
    assert (details(family).address, state()) == (None, RequestState.DECLINED)
    assert "Принесите справку" in family.panel.page(family.guardian, "/diary/data/")


def test_nobody_corrects_what_is_not_theirs_and_nobody_but_the_class_teacher_confirms(family: Family) -> None:
    other = another_child(family)
    assert ask(family, "address", "ул. Чужая", student=other.id).status_code == 404
    assert ask(family, "password_hash", "x").status_code == 404
    ask(family, "address", "ул. Новая")
    for who in (deputy(), family.guardian, written(User(family_name="Чужова", given_name="Ия", login="x"))):
        assert answer(family, "confirm", who=who).status_code == 403
    assert state() is RequestState.SENT
    assert details(family).address is None


def test_hostile_corrections_are_refused_or_kept_as_text(family: Family) -> None:
    for hostile in HOSTILE:
        if "\x00" in hostile:
            continue
        for field in ("family_name", "birth_date", "phone", "email", "address"):
            assert ask(family, field, hostile).status_code in (302, 422)
        assert family.panel.get(family.guardian, f"/diary/data/correct?student={hostile}&field=x").status_code == 404
