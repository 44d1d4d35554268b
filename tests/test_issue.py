"""Giving access: what is shown before, what is queued, who may, and taking it back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select

from app.credentials.codes import code_hash
from app.credentials.issue import choose, issue, prepare, revoke
from app.credentials.texts import SAMPLE_CODE, sms, sms_parts
from app.extensions import db
from app.models import Account, Credential, Delivery, Guardianship, Student, User, UserSession
from app.models.access import DeliveryChannel, DeliveryState
from app.models.people import Channel
from app.policy import PolicyError
from app.regulation import RegulationError
from tests.post import NOW, PUBLIC, code_of, guardian_of, issued, session_of
from tests.school import School

MOBILE, LANDLINE, MAIL = "+79123456789", "+74951234567", "anna@mail.example"
SMS, EMAIL, SLIP = DeliveryChannel.SMS, DeliveryChannel.EMAIL, DeliveryChannel.SLIP


@pytest.mark.parametrize(
    ("phone", "email", "choice", "wanted", "channel", "address"),
    [
        (MOBILE, MAIL, None, None, SMS, MOBILE),
        (MOBILE, MAIL, Channel.EMAIL, None, EMAIL, MAIL),
        (LANDLINE, MAIL, Channel.SMS, None, EMAIL, MAIL),
        (MOBILE, None, Channel.EMAIL, None, SMS, MOBILE),
        (LANDLINE, None, None, None, SLIP, ""),
        ("+7912", "not an address", None, None, SLIP, ""),
        (MOBILE, MAIL, None, SLIP, SLIP, ""),
        (MOBILE, None, None, EMAIL, SLIP, ""),
        (None, None, None, None, SLIP, ""),
    ],
)
def test_the_way_to_a_person(
    phone: str | None, email: str | None, choice: Channel | None, wanted: DeliveryChannel | None,
    channel: DeliveryChannel, address: str,
) -> None:  # fmt: skip
    assert choose(Account(phone=phone, email=email, channel=choice), wanted) == (channel, address)


def test_before_sending_a_person_sees_channels_texts_and_cost(app: Flask, school: School) -> None:
    app.config.update(PUBLIC_URL=PUBLIC, SCHOOL_NAME="Школа № 7")
    by_sms = guardian_of(school, "Смс", phone=MOBILE)
    by_mail = guardian_of(school, "Почта", email=MAIL)
    nowhere = guardian_of(school, "Лист")
    gone = guardian_of(school, "Ушёл", phone=MOBILE)
    by_mail.account.password_hash, gone.is_active = "set", False
    preview = prepare(db.session(), [by_sms, by_mail, nowhere, by_sms, gone], NOW)
    assert [recipient.channel for recipient in preview.recipients] == [SMS, EMAIL, SLIP]
    assert (preview.messages, preview.parts) == (2, 1)
    assert [recipient.name for recipient in preview.of(SLIP)] == [nowhere.full_name]
    assert [recipient.user_id for recipient in preview.activated] == [by_mail.id]
    assert preview.inactive == [gone.full_name]
    assert all(f"{PUBLIC}/a/{SAMPLE_CODE}" in sample.text for sample in preview.samples)
    assert [(sample.encoding, sample.is_long) for sample in preview.samples] == [("UCS-2", False), ("", False)]
    assert db.session.scalars(select(Credential)).all() == []


@pytest.mark.parametrize("is_staff", [True, False])
@pytest.mark.parametrize("locale", ["ru", "en"])
def test_a_usual_school_pays_one_part_and_a_long_name_is_said(app: Flask, locale: str, is_staff: bool) -> None:
    app.config.update(PUBLIC_URL=PUBLIC, SCHOOL_NAME="Школа № 7")
    assert sms_parts(sms(locale, SAMPLE_CODE, is_staff=is_staff)) == ("UCS-2", 1)
    app.config["SCHOOL_NAME"] = "МБОУ «Средняя общеобразовательная школа № 7 г. Энска»"
    assert sms_parts(sms(locale, SAMPLE_CODE, is_staff=is_staff)) == ("UCS-2", 2)


def test_access_is_queued_with_the_credential_and_a_slip_is_settled(app: Flask, school: School) -> None:
    reached, nowhere = guardian_of(school, phone=MOBILE), guardian_of(school)
    batch = issued(reached, nowhere)
    sms_row, slip = db.session.scalars(select(Delivery).order_by(Delivery.user_id)).all()
    assert {sms_row.batch, slip.batch} == {batch}
    assert (sms_row.channel, sms_row.address, sms_row.state) == (SMS, MOBILE, DeliveryState.QUEUED)
    assert (slip.channel, slip.state, slip.settled_at is not None) == (SLIP, DeliveryState.SENT, True)
    credential = sms_row.credential
    assert credential.code_hash == code_hash(code_of(reached))
    assert credential.expires_at - credential.issued_at == timedelta(days=app.config["CREDENTIAL_DAYS"])


def test_a_second_issue_ends_the_first_code(app: Flask, school: School) -> None:
    guardian = guardian_of(school, phone=MOBILE)
    issued(guardian)
    first = code_of(guardian)
    issued(guardian)
    old, new = db.session.scalars(select(Credential).order_by(Credential.version)).all()
    assert (old.version, old.revoked_at, new.version, new.revoked_at) == (1, new.issued_at, 2, None)
    assert first != code_of(guardian)


def test_nothing_is_queued_when_the_change_is_rolled_back(app: Flask, school: School) -> None:
    issue(db.session(), [guardian_of(school, phone=MOBILE)], None, NOW)
    db.session.rollback()
    assert db.session.scalars(select(Delivery)).all() == []


def test_a_class_teacher_gives_access_to_guardians_of_the_own_class_only(app: Flask, school: School) -> None:
    own = guardian_of(school, phone=MOBILE)
    stranger, colleague = User(family_name="Чужая", given_name="Ия"), User(family_name="Коллега", given_name="Ия")
    other = Student(family_name="Чужой", given_name="Ян")
    colleague.is_staff = True
    school.school_class.class_teacher = school.teacher
    db.session.add_all([stranger, colleague, other, Guardianship(user=stranger, student=other)])
    db.session.commit()
    with session_of(school.teacher) as session:
        assert prepare(session, [session.get_one(User, own.id)], NOW).parts == 1
        issue(session, [session.get_one(User, own.id)], session.get_one(User, school.teacher.id), NOW)
        session.commit()
    for foreign in (stranger, colleague):
        with session_of(school.teacher) as session:
            with pytest.raises(PolicyError):
                issue(session, [own, foreign], school.teacher, NOW)
            session.rollback()
    assert len(db.session.scalars(select(Delivery)).all()) == 1


def test_a_guardian_gives_nobody_access(app: Flask, school: School) -> None:
    guardian = guardian_of(school, phone=MOBILE)
    with session_of(guardian) as session:
        with pytest.raises(PolicyError):
            issue(session, [guardian], guardian, NOW)
        session.rollback()


def signed_in(user: User) -> None:
    user.account.password_hash = "set"
    db.session.add(UserSession(user_id=user.id, token_hash=f"{user.id:064}", address="::1"))
    db.session.commit()


def test_taking_access_back_ends_codes_password_and_sessions(app: Flask, school: School) -> None:
    guardian = guardian_of(school, phone=MOBILE)
    school.school_class.class_teacher = school.teacher
    issued(guardian)
    signed_in(guardian)
    with session_of(school.teacher) as session:
        revoke(session, [session.get_one(User, guardian.id)], NOW)
        session.commit()
    db.session.expire_all()
    assert db.session.scalars(select(Credential)).one().revoked_at == NOW
    assert guardian.account.password_hash is None
    assert db.session.scalars(select(UserSession)).one().ended_at == NOW


def test_the_last_deputy_director_cannot_be_locked_out(app: Flask, school: School) -> None:
    first, second = (User(family_name=name, given_name="Ия", is_deputy_director=True, login=name) for name in "ab")
    db.session.add_all([first, second])
    db.session.commit()
    signed_in(first)
    with pytest.raises(RegulationError):
        revoke(db.session(), [first], NOW)
    db.session.rollback()
    signed_in(second)
    revoke(db.session(), [first], NOW)
    with pytest.raises(RegulationError):
        revoke(db.session(), [second], NOW)


def test_a_whole_school_is_issued_in_few_statements(app: Flask, school: School) -> None:
    deputy = User(family_name="Завуч", given_name="Ия", is_deputy_director=True)
    people = [User(family_name="Петрова", given_name="Анна", phone=f"+7912{n:07}") for n in range(1800)]
    db.session.add_all([deputy, *people])
    db.session.commit()
    ids = [person.id for person in people]
    statements: list[str] = []
    with session_of(deputy) as session:
        users = session.scalars(select(User).where(User.id.in_(ids))).all()
        event.listen(db.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
        preview = prepare(session, users, NOW)
        issue(session, users, deputy, NOW)
        session.commit()
    assert (preview.messages, preview.parts) == (1800, 1800)
    # SQLite inserts row by row, inside this process; PostgreSQL in pages.
    single = [statement for statement in statements if not statement.startswith("INSERT")]
    assert len(single) < 30
