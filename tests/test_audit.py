"""Every change is recorded with it: who, what, from what to what, and no secret."""

from __future__ import annotations

from sqlalchemy import select

from app.extensions import db
from app.models import AuditRecord, Mark
from tests.school import School
from tests.test_policy import session_of


def records(model: str) -> list[AuditRecord]:
    return list(db.session.scalars(select(AuditRecord).where(AuditRecord.model == model).order_by(AuditRecord.id)))


def test_a_mark_leaves_its_history(school: School) -> None:
    with session_of(school.teacher) as session:
        mark = Mark(work_id=school.work.id, student_id=school.student.id, value=2)
        session.add(mark)
        session.commit()
        mark.value = 4
        session.commit()
        session.delete(mark)
        session.commit()
    history = records("Mark")
    assert [(r.action, r.changes.get("value")) for r in history] == [
        ("create", [None, 2]),
        ("change", [2, 4]),
        ("delete", [4, None]),
    ]
    assert {r.actor_id for r in history} == {school.teacher.id}
    assert {r.student_id for r in history} == {school.student.id}
    assert "Семёнов" in history[2].summary


def test_what_is_refused_leaves_no_record(school: School) -> None:
    with session_of(school.teacher) as session:
        session.add(Mark(work_id=school.work.id, student_id=school.student.id, value=7))
        try:
            session.commit()
        except Exception:
            session.rollback()
    assert records("Mark") == []


def test_a_password_is_recorded_as_changed_and_no_more(school: School) -> None:
    school.teacher.account.password_hash = "$argon2id$secret"
    school.teacher.account.email = "o@example.org"
    db.session.commit()
    change = records("Account")[-1]
    assert change.changes == {"email": [None, "o@example.org"], "password_hash": ["***", "***"]}
