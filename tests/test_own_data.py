"""What the school holds about a person and their children can be seen and taken along; of others nothing."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import (
    AbsenceNote,
    Attendance,
    Consent,
    DiaryVisit,
    FinalMark,
    HomeworkDone,
    Mark,
    Message,
    SchoolText,
    SignIn,
    Thread,
    ThreadMember,
    User,
    UserSession,
)
from app.models.diary import TextKind
from app.models.journal import AttendanceStatus, FinalMarkKind, FinalMarkValue
from tests.requests_family import MONDAY, TUESDAY, Family, another_child, family_of
from tests.school import School
from tests.school_panel import counted, written
from tests.visitor import person


@pytest.fixture
def family(app: Flask, school: School) -> Family:
    family = family_of(app, school)
    me, child, school = family.guardian, family.student, family.school
    account = me.account
    assert account is not None
    account.password_hash, account.email, account.phone = "argon2-secret", "anna@example.org", "+79123456789"
    text = SchoolText(kind=TextKind.CONSENT, version=1, body="Согласие")
    thread = Thread(subject="Вопрос", started_by=me)
    lesson = family.lessons[MONDAY, 1]
    db.session.add_all([
        Mark(work=school.work, student=child, value=5, comment="Молодец"),
        Attendance(lesson=lesson, student=child, status=AttendanceStatus.LATE, reason="Автобус"),
        FinalMark(student=child, subject_id=school.assignment.subject_id, academic_year_id=school.year.id,
                  assignment=school.assignment, kind=FinalMarkKind.YEAR, value=FinalMarkValue.FOUR),
        HomeworkDone(lesson=lesson, student=child, done_by_id=me.id),
        AbsenceNote(student=child, author=me, starts_on=TUESDAY, ends_on=TUESDAY, status=AttendanceStatus.ILL,
                    reason="Грипп"),
        text, Consent(user=me, text=text), thread, ThreadMember(thread=thread, user=me),
        Message(thread=thread, author=family.class_teacher, body="Ответ учителя"),
        SignIn(user_id=me.id, account_hash="account-secret", address="192.0.2.7", succeeded=True),
        UserSession(user=me, token_hash="token-secret", address="192.0.2.7", agent="Firefox"),
        DiaryVisit(user=me, student=child, week=date(2026, 10, 5), visits=3),
    ])  # fmt: skip
    others(family)
    db.session.commit()
    return family


def others(family: Family) -> None:
    """What must not be in the file."""
    stranger, other = person("tajnova", family_name="Тайнова"), another_child(family, "Тайный")
    thread = Thread(subject="Тайная тема", started_by=stranger)
    db.session.add_all([
        thread, ThreadMember(thread=thread, user=stranger), Message(thread=thread, author=stranger, body="Тайна"),
        Mark(work=family.school.work, student=other, value=2, comment="Тайный комментарий"),
        AbsenceNote(student=other, author=stranger, starts_on=TUESDAY, ends_on=TUESDAY,
                    status=AttendanceStatus.ILL, reason="Тайная причина"),
    ])  # fmt: skip


def exported(family: Family, who: User | None = None) -> dict[str, Any]:
    answer = family.panel.get(who or family.guardian, "/diary/data/export")
    assert answer.headers["Content-Disposition"] == "attachment; filename=diary-2026-10-12.json"
    assert answer.headers["Cache-Control"] == "no-store"
    data: dict[str, Any] = json.loads(answer.data)
    return data


def test_the_page_shows_what_is_held_about_the_person_and_the_child(family: Family) -> None:
    page = family.panel.page(family.guardian, "/diary/data/")
    for held in ("Семёнова Анна Ивановна", "anna@example.org", "+7 912 345-67-89", "legal guardian", "2 March 2015",
                 "192.0.2.7", "5А: from 1 Sep 2026", "Version 1: agreed on"):  # fmt: skip
        assert held in page, held
    assert "secret" not in page
    assert "Тайн" not in page


def test_the_file_holds_everything_of_the_person_and_the_child(family: Family) -> None:
    data = exported(family)
    me, (child,) = data["Person"], data["Children"]
    assert (me["Family name"], me["E-mail"], me["Login"]) == ("Семёнова", "anna@example.org", "anna")
    assert [each["Address"] for each in me["Sign-ins"]] == ["192.0.2.7"]
    assert [each["Browser"] for each in me["Browsers"]] == ["Firefox"]
    assert [each["Visits"] for each in me["Visits of the diary"]] == [3]
    assert [each["Version"] for each in me["Consents"]] == [1]
    assert (child["Given name"], child["Date of birth"]) == ("Пётр", "2015-03-02")
    assert [each["Class"] for each in child["Classes"]] == ["5А"]
    assert [(each["Subject"], each["Mark"], each["Comment"]) for each in child["Marks"]] == [("Алгебра", 5, "Молодец")]
    assert [(each["Attendance"], each["Reason"]) for each in child["Attendance"]] == [("Late", "Автобус")]
    assert [each["Mark"] for each in child["Final marks"]] == ["4"]
    assert [each["Reason"] for each in child["Notes of absence"]] == ["Грипп"]
    assert len(child["Homework done"]) == 1
    assert [(each["Author"], each["Text"]) for each in data["Messages"]] == [("Орлова Вера", "Ответ учителя")]


def test_there_is_no_secret_and_nobody_else_in_the_file(family: Family) -> None:
    raw = json.dumps(exported(family), ensure_ascii=False)
    for secret in ("secret", "argon2", "Тайн", "тайн"):
        assert secret not in raw, secret


def test_a_student_takes_the_own_data_along_and_not_that_of_the_parents(family: Family) -> None:
    pupil = written(User(family_name="Семёнов", given_name="Пётр", login="petr"))
    family.student.user = pupil
    db.session.commit()
    data = exported(family, pupil)
    assert data["Person"]["Login"] == "petr"
    assert [each["Mark"] for each in data["Children"][0]["Marks"]] == [5]
    assert data["Messages"] == []
    raw = json.dumps(data, ensure_ascii=False)
    assert "anna@example.org" not in raw
    assert "Семёнова" not in raw


def test_who_reads_no_diary_has_no_such_page(family: Family) -> None:
    for path in ("/diary/data/", "/diary/data/export"):
        assert family.panel.get(family.class_teacher, path).status_code == 302


def test_the_file_takes_as_many_statements_for_many_marks_as_for_one(family: Family) -> None:
    exported(family)
    with counted() as few:
        exported(family)
    for number in (2, 3):
        lesson = family.lessons[MONDAY, number]
        db.session.add(Attendance(lesson=lesson, student=family.student, status=AttendanceStatus.LATE))
    db.session.commit()
    with counted() as many:
        exported(family)
    assert len(few) == len(many)
