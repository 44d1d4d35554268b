"""The audit is sealed: whatever is altered in it afterwards is found, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from threading import Event

import pytest
from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.orm import Session

from app import audit, cli, policy
from app.audit import chain
from app.audit.guard import AuditIsKeptError
from app.audit.seal import seal
from app.audit.verify import faults
from app.credentials import texts
from app.delivery.worker import Worker
from app.extensions import db
from app.models import AuditRecord, AuditSeal, Erasure, Lesson, Mark
from tests.school import School

RECORD, LINK = AuditRecord.__table__, AuditSeal.__table__


@pytest.fixture
def sealed(school: School) -> Iterator[Connection]:
    """A connection to a school whose audit is sealed, and was closed by a printed head."""
    assert seal(db.engine) > 5
    db.session.commit()
    with db.engine.connect() as connection:
        assert faults(connection) == []
        connection.commit()
        yield connection


def head_of(connection: Connection) -> chain.Head:
    return chain.head(connection)


def test_what_is_recorded_is_sealed_once_and_in_order(sealed: Connection) -> None:
    ids = sealed.scalars(select(RECORD.c.id).order_by(RECORD.c.id)).all()
    assert sealed.scalars(select(LINK.c.record_id).order_by(LINK.c.id)).all() == ids
    assert head_of(sealed).waiting == 0
    sealed.commit()
    assert seal(db.engine) == 0


def test_records_that_wait_are_counted_and_are_no_fault(sealed: Connection, school: School) -> None:
    sealed.commit()
    db.session.add(Mark(work_id=school.work.id, student_id=school.student.id, value=4))
    db.session.commit()
    assert head_of(sealed).waiting == 1
    assert faults(sealed) == []


def _change(connection: Connection, number: int) -> None:
    connection.execute(update(RECORD).where(RECORD.c.id == number).values(summary="somebody else"))


def _take_out(connection: Connection, number: int) -> None:
    connection.execute(delete(RECORD).where(RECORD.c.id == number))


def _hide(connection: Connection, number: int) -> None:
    """Take out the record and its link."""
    _take_out(connection, number)
    connection.execute(delete(LINK).where(LINK.c.record_id == number))


def _change_with_its_link(connection: Connection, number: int) -> None:
    _change(connection, number)
    row = connection.execute(select(RECORD).where(RECORD.c.id == number)).mappings().one()
    connection.execute(update(LINK).where(LINK.c.record_id == number).values(digest=chain.digest(dict(row))))


def _call_erased(connection: Connection, number: int) -> None:
    values = {"erased_at": datetime(2026, 10, 1, tzinfo=UTC), "changes": {}, "summary": ""}
    connection.execute(update(RECORD).where(RECORD.c.id == number).values(values))


ALTERED: dict[Callable[[Connection, int], None], str] = {
    _change: "Record 3 was changed",
    _take_out: "Record 3 is missing",
    _hide: "Links 3 to 3 of the chain are missing",
    _change_with_its_link: "Link 3 of the chain does not follow",
    _call_erased: "Record 3 is marked as erased, but nobody's data",
}


def test_what_is_altered_is_found(sealed: Connection) -> None:
    for alter, words in ALTERED.items():
        alter(sealed, 3)
        found = faults(sealed)
        assert any(words in sentence for sentence in found), (alter, found)
        assert len(found) <= 2
        sealed.rollback()


def test_a_record_put_in_between_is_found(sealed: Connection) -> None:
    row = dict(sealed.execute(select(RECORD).where(RECORD.c.id == 3)).mappings().one())
    sealed.execute(update(RECORD).where(RECORD.c.id == 3).values(id=1003))
    sealed.execute(update(LINK).where(LINK.c.record_id == 3).values(record_id=1003))
    sealed.execute(insert(RECORD).values(row | {"summary": "never was"}))
    assert any("Record 3 was added among" in sentence for sentence in faults(sealed))
    sealed.rollback()


def test_a_chain_made_anew_or_shortened_is_told_by_a_printed_head(sealed: Connection) -> None:
    head = str(head_of(sealed))
    assert faults(sealed, head) == []
    _hide(sealed, head_of(sealed).number)
    assert faults(sealed) == []  # it cannot be seen from within
    assert "shortened" in faults(sealed, head)[0]
    sealed.execute(delete(LINK))
    _change(sealed, 2)
    sealed.commit()
    seal(db.engine)
    assert faults(sealed) == []
    assert len(faults(sealed, head)) == 1
    sealed.rollback()


def test_a_record_without_its_person_counts_by_its_seal(sealed: Connection) -> None:
    head, moment = str(head_of(sealed)), datetime(2026, 10, 2, 8, 30, 1, 5, tzinfo=UTC)
    sealed.commit()
    with policy.system() as session:
        erasure = Erasure(model="Student", object_id=1, reason="asked for", at=moment)
        session.add(erasure)
        session.flush()
        about = session.scalars(select(AuditRecord.id).where(AuditRecord.student_id == 1)).all()
        audit.erase(session, erasure, {number: {"changes": {"value": [4, 5]}, "summary": ""} for number in about})
        session.commit()
    said = sealed.execute(select(RECORD.c.changes, RECORD.c.summary).where(RECORD.c.id.in_(about))).all()
    assert len(said) > 1
    assert "Пётр" not in str(said)
    assert faults(sealed, head) == []
    sealed.execute(update(RECORD).where(RECORD.c.id == about[0]).values(changes={"value": [3, 5]}))
    assert "not what an erasure left of it" in faults(sealed)[0]
    sealed.rollback()


def _as_objects(session: Session) -> None:
    session.get_one(AuditRecord, 3).summary = "nobody"
    session.flush()


def _deleted(session: Session) -> None:
    session.delete(session.get_one(AuditRecord, 3))
    session.flush()


def _by_statement(session: Session) -> None:
    session.execute(update(AuditRecord).values(summary="nobody"))


def _by_core(session: Session) -> None:
    session.execute(delete(RECORD))


def _links(session: Session) -> None:
    session.execute(delete(AuditSeal))


def test_nobody_changes_or_deletes_a_record(sealed: Connection) -> None:
    for way in (_as_objects, _deleted, _by_statement, _by_core, _links):
        sealed.commit()
        with policy.system() as session:
            with pytest.raises(AuditIsKeptError):
                way(session)
            session.rollback()
        assert sealed.scalar(select(func.count()).select_from(RECORD).where(RECORD.c.summary == "nobody")) == 0
        assert faults(sealed) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_record_that_is_still_being_written_is_waited_for(sealed: Connection, school: School) -> None:
    before = head_of(sealed)
    sealed.commit()
    with policy.system() as slow, policy.system() as fast:
        slow.add(Mark(work_id=school.work.id, student_id=school.student.id, value=4))
        slow.flush()  # has the smaller number, and is not there yet
        fast.get_one(Lesson, school.lesson.id).topic = "Дроби"
        fast.commit()
        assert seal(db.engine) == 0
        slow.commit()
    assert seal(db.engine) == 2
    assert faults(sealed, str(before)) == []


def test_the_worker_seals_each_minute(sealed: Connection, school: School) -> None:
    sealed.commit()
    school.lesson.topic = "Дроби"
    db.session.commit()
    Worker({}, texts.compose, per_second=0, stop=Event(), minutely=cli.each_minute).run(once=True)
    assert head_of(sealed).waiting == 0
