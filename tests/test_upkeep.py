"""What an installation forgets after a while, and what it keeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import select

from app import upkeep
from app.extensions import db
from app.models import EditReceipt, SignIn, UserSession
from tests.visitor import person

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_old_receipts_attempts_and_ended_sign_ins_go(app: Flask) -> None:
    user = person()
    for name, age in (("old", timedelta(400)), ("new", timedelta(1))):
        at = NOW - age
        db.session.add(EditReceipt(user_id=user.id, key=name, at=at, result={}))
        db.session.add(SignIn(account_hash=name, address="192.0.2.1", succeeded=True, at=at))
        db.session.add(UserSession(user=user, token_hash=name, address="", created_at=at, ended_at=at))
    lasting = UserSession(user=user, token_hash="lasting", address="", created_at=NOW - timedelta(80))
    db.session.add(lasting)
    db.session.commit()
    upkeep.forget(db.session(), NOW)
    assert set(db.session.scalars(select(EditReceipt.key))) == {"new"}
    assert set(db.session.scalars(select(SignIn.account_hash))) == {"new"}
    assert set(db.session.scalars(select(UserSession.token_hash))) == {"new", "lasting"}
