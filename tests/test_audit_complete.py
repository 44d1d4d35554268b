"""Whichever way something is changed, the audit tells it whole: replayed, its records give the database."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select

from app import cli, policy
from app.auth.second_factor import code_hash as recovery_hash
from app.extensions import db
from app.models import (
    AuditRecord,
    NewsItem,
    RecoveryCode,
    SecondFactor,
    Student,
    User,
    UserSession,
)
from app.policy import HIDDEN
from tests import audited
from tests.lists import HEADINGS, as_csv
from tests.requests_family import family_of
from tests.school import School
from tests.school_panel import Panel, deputy, fields, second_class
from tests.visitor import OTHER, PASSWORD, person

ROW = ["5Б", "Новиков", "Лев", "Ильич", "04.05.2015", "Новикова Ия", "8 (912) 345-67-89", None, None, None]


def records_since(number: int) -> list[AuditRecord]:
    with policy.system() as session:
        return list(session.scalars(select(AuditRecord).where(AuditRecord.id > number).order_by(AuditRecord.id)))


@contextmanager
def told(*expected: str, source: str, who: User | None = None) -> Iterator[None]:
    """What is done within is told whole, as «action Model» at least, as come that way and from that person."""
    db.session.commit()
    with db.engine.connect() as connection:
        before, last = audited.snapshot(connection), audited.last_record(connection)
    yield
    db.session.rollback()
    with db.engine.connect() as connection:
        assert audited.untold(before, last, connection) == []
    made = records_since(last)
    assert set(expected) <= {f"{each.action} {each.model}" for each in made}
    assert {each.source for each in made} == {source}
    assert all(each.unit for each in made)
    if who is not None:
        assert {each.actor_id for each in made} == {who.id}


def test_every_way_of_the_panel_and_the_diary(app: Flask, school: School) -> None:
    family, panel, boss = family_of(app, school), Panel(app), deputy()
    teacher, student = family.class_teacher, family.student
    student.user = User(family_name="Семёнов", given_name="Пётр")
    db.session.commit()
    journal = f"/admin/journal/{school.assignment.id}/edits"
    edit = {"key": "1", "student": student.id, "version": 0}
    with told("create Mark", "create Attendance", "create RollCall", source="journal", who=teacher):
        first = edit | {"work": school.work.id, "value": "4"}
        panel.send(teacher, journal, {"edits": [first, edit | {"key": "2", "lesson": school.lesson.id, "value": "Н"}]})
    with told("change User", "change Student", source="panel", who=boss):  # the user of a student is renamed too
        page = f"/admin/student/edit/?id={student.id}"
        panel.post(boss, page, fields(panel.get(boss, page)) | {"family_name": "Семёнов-Тян"})
    with told("create AbsenceNote", source="diary", who=family.guardian):
        note = {"starts_on": "2026-10-12", "status": "ill", "reason": "Температура"}
        panel.post(family.guardian, family.absence, note)
    with told("change AbsenceNote", "create Attendance", source="panel", who=teacher):
        panel.post(teacher, "/admin/requests/answer", {"kind": "note", "id": 1, "do": "confirm", "answer": ""})
    upload = panel.post(boss, "/admin/imports/students/", {"file": (io.BytesIO(as_csv(HEADINGS, ROW)), "list.csv")})
    ways = ("create Student", "create SchoolClass", "create StudyGroup", "create Guardianship")
    with told(*ways, source="import", who=boss):
        panel.post(boss, f"{upload.location}confirm/")


def test_every_way_of_commands_and_worker(app: Flask, school: School, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    with told("create User", "create Account", "create Credential", source="cli"):
        link = run(args=["create-deputy", "zavuch"]).output.split()[-1]
    file = tmp_path / "list.csv"
    file.write_bytes(as_csv(HEADINGS, ROW))
    with told("create Student", "create Enrollment", source="cli"):
        assert run(args=["import-students", str(file)]).exit_code == 0
    page, browser = "/a/" + link.rpartition("/")[2], app.test_client()
    with told("change Credential", source="sign_in"):
        browser.get(page)
    with policy.system() as session:
        boss = session.scalars(select(User).where(User.is_deputy_director)).one()
    with told("change Credential", "change Account", source="sign_in", who=boss):
        assert browser.send(page, password=PASSWORD, repeated=PASSWORD).status_code == 302
    last = records_since(0)[-1].id
    cli.keep_up(app, datetime(2036, 1, 1, tzinfo=UTC))  # forgets what is old: nothing of it is recorded
    cli.each_minute(datetime.now(UTC))
    assert records_since(last) == []


def test_every_way_of_ones_own_access(app: Flask) -> None:
    user = person(is_staff=True)
    assert user.account is not None
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    user.account.password_hash = old
    db.session.commit()
    browser, other = app.test_client(), app.test_client()
    with told("change Account", source="sign_in", who=user):  # the same password, hashed anew
        browser.sign_in("petrova")
    other.sign_in("petrova")
    with told("change Account", "change UserSession", source="account", who=user):
        browser.send("/account/", "/account/password", old=PASSWORD, password=OTHER, repeated=OTHER)
    factor = SecondFactor(user_id=user.id, confirmed_at=datetime(2026, 10, 1, tzinfo=UTC))
    db.session.add_all([factor, RecoveryCode(user_id=user.id, code_hash=recovery_hash("ABCD-EFGH-JKLM"))])
    db.session.commit()
    other.sign_in("petrova", OTHER)
    with told("change RecoveryCode", source="sign_in", who=user):
        assert other.send("/login/code", code="ABCD-EFGH-JKLM").status_code == 302
    kept = [(each.action, set(each.changes)) for each in records_since(0) if each.model == UserSession.__name__]
    assert {("change", frozenset({"ended_at"}))} == {(action, frozenset(names)) for action, names in kept}
    values = [
        value for each in records_since(0) for name in each.changes.keys() & HIDDEN for value in each.changes[name]
    ]
    assert set(values) == {"***"}
    assert "argon2" not in str([each.changes for each in records_since(0)])


def test_rows_that_go_with_others_are_told(app: Flask, school: School) -> None:
    boss = deputy()
    with told("create SchoolClass", "create StudyGroup", source=""):
        other = second_class(school)
    with told("create NewsItem", source=""):
        item = NewsItem(title="Собрание", body="В 18:00", author_id=boss.id, classes=[school.school_class, other])
        db.session.add(item)
        db.session.commit()
    assert records_since(0)[-1].changes["classes"] == [[], [school.school_class.id, other.id]]
    with told("delete NewsItem", source=""):
        db.session.delete(item)
        db.session.commit()
    assert records_since(0)[-1].changes["classes"] == [[school.school_class.id, other.id], []]
    with told("delete StudentDetails", source=""):  # taken out of what it belongs to, not deleted by name
        db.session.get_one(Student, school.student.id).details = None
        db.session.commit()
    gone = records_since(0)[-1]
    assert (gone.student_id, gone.changes["birth_date"]) == (school.student.id, ["2015-03-02", None])


def test_all_of_one_transaction_is_one_unit(app: Flask, school: School) -> None:
    last = records_since(0)[-1].id
    db.session.add(User(family_name="Первая", given_name="Анна"))
    db.session.flush()
    with db.session.begin_nested():
        db.session.add(User(family_name="Вторая", given_name="Анна"))
    db.session.commit()
    db.session.add(User(family_name="Третья", given_name="Анна"))
    db.session.commit()
    first, second, third = (each.unit for each in records_since(last))
    assert first == second != third
    assert len(first) == 32
