"""The audit as people read it: whose, which way, about whom, by name; and its seal, printed and compared."""

from __future__ import annotations

import re
from datetime import date

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from app.audit.chain import head
from app.audit.seal import seal
from app.delivery.transports import email as transport
from app.extensions import db
from app.models import Guardianship, Mark, Subject, User
from tests.mail_server import MailServer
from tests.post import use_mail
from tests.school import School
from tests.school_panel import Panel, counted, deputy, led

LIST = "/admin/auditrecord/"
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def boss(school: School) -> User:
    return deputy()


def rows(panel: Panel, who: User, path: str) -> list[str]:
    soup = BeautifulSoup(panel.get(who, path).text, "html.parser")
    return [" ".join(row.get_text(" ").split()) for row in soup.select("table.rows tbody tr")]


def test_related_rows_are_told_by_name_and_lead_to_their_pages(panel: Panel, school: School, boss: User) -> None:
    school.school_class.class_teacher = school.teacher
    db.session.add(Mark(work=school.work, student=school.student, value=4))
    db.session.commit()
    (of_class,) = rows(panel, boss, f"{LIST}?model=SchoolClass&action=change")
    assert "Class teacher: — → Орлова Вера" in of_class
    page = panel.get(boss, f"{LIST}?model=Mark").text
    assert "№" not in " ".join(rows(panel, boss, f"{LIST}?model=Mark"))
    assert 'href="/admin/mark/details/?id=1"' in page
    accounts = rows(panel, boss, f"{LIST}?model=Account")
    assert all("<" not in row for row in accounts)
    assert any("Орлова Вера" in row for row in accounts)


@ONE_DATABASE
def test_a_page_takes_the_same_number_of_statements_however_many_rows(panel: Panel, school: School, boss: User) -> None:
    db.session.add(Subject(name="Астрономия"))
    db.session.commit()
    panel.get(boss, f"{LIST}?model=Subject")
    with counted() as few:
        panel.get(boss, f"{LIST}?model=Subject")
    db.session.add_all(Subject(name=f"Предмет {number}") for number in range(30))
    db.session.commit()
    with counted() as many:
        assert len(rows(panel, boss, f"{LIST}?model=Subject")) == 32
    assert len(many) == len(few)


def test_it_is_narrowed_by_person_student_way_and_days(panel: Panel, school: School, boss: User) -> None:
    teacher = led(school)
    guardian = User(family_name="Семёнова", given_name="Анна", login="anna")
    db.session.add(Guardianship(user=guardian, student=school.student))
    db.session.commit()
    panel.post(boss, "/admin/subject/new/", name="Астрономия")
    assert len(rows(panel, boss, f"{LIST}?actor={boss.id}")) == 1
    assert len(rows(panel, boss, f"{LIST}?source=panel")) == 1
    assert rows(panel, boss, f"{LIST}?source=journal") == []
    about = " ".join(rows(panel, boss, f"{LIST}?student={school.student.id}"))
    for model in ("Students", "Data of students", "Parents", "Enrol"):
        assert model in about, model
    of_guardian = rows(panel, boss, f"{LIST}?user={guardian.id}")
    assert len(of_guardian) == 3  # the person, the account, whose guardian
    assert rows(panel, boss, f"{LIST}?search=астрон") == []
    assert len(rows(panel, boss, f"{LIST}?search=семёнова")) >= 3
    assert rows(panel, boss, f"{LIST}?until=2020-01-01") == []
    assert len(rows(panel, boss, f"{LIST}?from={date(2020, 1, 1)}&actor={boss.id}")) == 1
    assert "About the student: № 999" in panel.page(boss, f"{LIST}?student=999")  # gone, or never there
    assert len(rows(panel, teacher, f"{LIST}?actor={boss.id}")) == 0  # not the class teacher's to see


@ONE_DATABASE
def test_a_persons_page_leads_to_what_they_did_and_what_was_done_about_them(
    panel: Panel, school: School, boss: User
) -> None:
    panel.post(boss, "/admin/subject/new/", name="Астрономия")
    soup = BeautifulSoup(panel.get(boss, f"/admin/user/details/?id={boss.id}").text, "html.parser")
    ways = {link.get_text(): str(link["href"]) for link in soup.select("a[href*=auditrecord]")}
    assert {"History", "All changes about this person", "All that this person changed"} <= ways.keys()
    assert any("Астрономия" in row for row in rows(panel, boss, ways["All that this person changed"]))
    student = panel.get(boss, f"/admin/student/details/?id={school.student.id}").text
    assert "All changes about this student" in student


@ONE_DATABASE
def test_the_head_is_printed_and_a_kept_one_is_compared(panel: Panel, school: School, boss: User) -> None:
    assert "Nothing is sealed yet" in panel.page(boss, "/admin/auditseal/")
    seal(db.engine)
    with db.engine.connect() as connection:
        standing = head(connection)
    page = panel.page(boss, "/admin/auditseal/")
    assert str(standing) in page
    assert "Seal" in panel.page(boss, LIST)
    for kept, said in (
        (str(standing), "is a link of this chain"),
        (f"{standing.number}:{'0' * 64}", "made anew"),
        (f"{standing.number + 1}:{standing.hash}", "shortened"),
        ("'; DROP TABLE", "This is no head"),
    ):
        assert said in panel.page(boss, f"/admin/auditseal/?head={kept}")
    assert panel.get(school.teacher, "/admin/auditseal/").status_code == 403
    assert "auditseal" not in panel.get(led(school), LIST).text


@ONE_DATABASE
def test_the_commands_say_what_stands_and_what_is_wrong(app: Flask, school: School) -> None:
    def run(*words: str) -> tuple[int, str]:
        db.session.commit()
        answer = app.test_cli_runner().invoke(args=["audit", *words])
        return answer.exit_code, answer.output

    assert "Nothing is sealed yet. Waiting for their seal:" in run("head")[1]
    assert re.search(r"Records sealed: \d+\.", run("seal")[1])
    code, said = run("head")
    kept = said.split()[0]
    assert re.fullmatch(r"\d+:[0-9a-f]{64}", kept)
    assert run("verify", "--head", kept)[1].endswith("The audit is as it was written.\n")
    assert "NUMBER:HASH" in run("verify", "--head", "5")[1]
    assert "No mail server is set" in run("head", "--mail", "director@school.example")[1]
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE audit_record SET summary = 'nobody' WHERE id = 2")
    code, said = run("verify")
    assert code == 1
    assert "Record 2 was changed after it was sealed." in said
    assert "The audit was altered. Faults: 1." in said


@ONE_DATABASE
def test_the_head_is_mailed(app: Flask, school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    seal(db.engine)
    monkeypatch.setattr(transport, "TIMEOUT", 2)
    with MailServer() as server:
        use_mail(app, server)
        said = app.test_cli_runner().invoke(args=["audit", "head", "--mail", "director@school.example"]).output
    assert "Mailed to director@school.example." in said
    (mail,) = server.mails
    body = mail.get_body(("plain",))
    assert body is not None
    assert said.split()[0] in body.get_content()
