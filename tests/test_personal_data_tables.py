"""Every table and every column that can tell of a person is declared; the worker keeps what is declared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import JSON, Enum, LargeBinary, String, select

from app import upkeep
from app.extensions import Base, db
from app.models import (
    DataAccess,
    Message,
    MessageFile,
    Reminder,
    StudentImport,
    SupportFile,
    SupportRequest,
    Thread,
    ThreadMember,
    ThreadReport,
)
from app.models.communication import SupportState
from app.personal_data.holdings import Basis, Emptied, Whose
from app.personal_data.paper import renewed
from app.personal_data.reach import leads_to
from app.personal_data.tables import HOLDINGS
from tests.visitor import person

DOCUMENT = Path(__file__).parent.parent / "docs" / "personal-data.md"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TELLING = String | JSON | LargeBinary


@pytest.mark.parametrize("model", sorted(HOLDINGS, key=lambda model: model.__name__))
def test_every_column_that_can_tell_of_a_person_is_declared(model: type[Base]) -> None:
    holding = HOLDINGS[model]
    telling = {
        column.name
        for column in model.__table__.c
        if isinstance(column.type, TELLING) and not isinstance(column.type, Enum) or column.name == "birth_date"
    }
    told = {*holding.personal, *holding.plain, *holding.texts}
    assert telling <= told, "columns without a word on what they tell"
    assert told <= set(model.__table__.c.keys())
    assert holding.purpose
    assert holding.retention.words
    assert (holding.whose is Whose.NOBODY) == (holding.basis is Basis.NONE)
    for step in holding.erasure:
        assert leads_to(model.__table__, step.by) in {"user", "student"}
        assert not isinstance(step, Emptied) or set(step.columns) <= told


def test_the_document_is_not_older_than_the_declaration() -> None:
    written = DOCUMENT.read_text(encoding="utf-8")
    assert renewed(written) == written, "run: flask --app wsgi personal-data docs/personal-data.md"


def test_a_document_without_marks_is_left_alone() -> None:
    with pytest.raises(ValueError, match="marks"):
        renewed("# Personal data\n")


def file_of(app: Flask, shelf: str, name: str) -> Path:
    path = Path(app.instance_path) / "uploads" / shelf / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def talk(app: Flask, at: datetime, name: str) -> tuple[Thread, Path]:
    """A thread with a message and a file, written."""
    me = person(f"petrova-{name}")
    thread = Thread(subject=name, started_by=me, created_at=at)
    message = Message(thread=thread, author=me, body=name, created_at=at)
    db.session.add_all([
        thread, message, ThreadMember(thread=thread, user=me),
        MessageFile(message=message, name=name, stored=f"{name}.pdf", size=1),
    ])  # fmt: skip
    db.session.commit()
    return thread, file_of(app, "messages", f"{name}.pdf")


def names(column: Any) -> set[str]:
    return set(db.session.scalars(select(column)))


def test_conversations_go_three_years_after_the_last_word_with_their_files(app: Flask) -> None:
    _old, gone = talk(app, NOW - timedelta(1100), "old")
    _new, kept = talk(app, NOW - timedelta(1000), "new")
    reported, proof = talk(app, NOW - timedelta(1100), "reported")
    woken, answer = talk(app, NOW - timedelta(1100), "woken")
    db.session.add(ThreadReport(thread=reported, reported_by=reported.started_by, reason="Оскорбление"))
    db.session.add(Message(thread=woken, author=woken.started_by, body="later", created_at=NOW - timedelta(1)))
    db.session.commit()
    upkeep.forget(db.session(), NOW)
    assert names(Thread.subject) == {"new", "reported", "woken"}
    assert names(Message.body) == {"new", "reported", "woken", "later"}
    assert not gone.exists()
    assert all(file.exists() for file in (kept, proof, answer))


def test_what_explains_the_last_time_only_goes(app: Flask) -> None:
    user = person()
    for name, age in (("old", timedelta(1100)), ("new", timedelta(20))):
        at = NOW - age
        request = SupportRequest(author=user, body=name, state=SupportState.SOLVED, created_at=at, solved_at=at)
        db.session.add_all([
            request, SupportFile(request=request, name=name, stored=f"{name}.png", size=1),
            DataAccess(user_id=user.id, day=at.date(), at=at, model="Student", what=name),
            StudentImport(author=user, file_name=name, content=b"x", created_at=at),
            Reminder(user=user, rule=name, created_at=at),
        ])  # fmt: skip
    db.session.commit()
    picture = file_of(app, "support", "old.png")
    upkeep.forget(db.session(), NOW)
    for column in (SupportFile.name, DataAccess.what, StudentImport.file_name, Reminder.rule):
        assert names(column) == {"new"}
    assert names(SupportRequest.body) == {"old", "new"}
    assert not picture.exists()
