"""A person is erased: nothing of them is found in the database or among the files, and the journal stays whole."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app import policy
from app.extensions import Base, db
from app.models import (
    AbsenceNote,
    Account,
    Attendance,
    AuditRecord,
    CalendarFeed,
    Consent,
    Correction,
    Credential,
    DataAccess,
    Delivery,
    DiaryVisit,
    EditReceipt,
    Enrollment,
    Erasure,
    FinalMark,
    Guardianship,
    Happening,
    HomeworkDone,
    Mark,
    Message,
    MessageFile,
    Notification,
    NotificationChoice,
    PushSubscription,
    SchoolText,
    SignIn,
    StaffNote,
    Student,
    StudentHomework,
    StudentImport,
    SupportReply,
    SupportRequest,
    Thread,
    ThreadMember,
    TimetableSlot,
    User,
    UserSession,
)
from app.models.access import DeliveryChannel
from app.models.diary import CorrectedField, TextKind
from app.models.journal import AttendanceStatus, FinalMarkKind, FinalMarkValue
from app.models.notification import NoticeKind, Timing
from app.personal_data import copy
from app.personal_data.holdings import Whose
from app.personal_data.tables import HOLDINGS
from tests.school import DAY, School
from tests.school_panel import NOW, TODAY, Panel, deputy, led
from tests.visitor import person
from tests.visitor import text as said

OF_MOTHER = ("Лебединск", "Евдокия", "Аверьяновн", "Прежнев", "lebedinskaya", "913 555", "9135551", "Firefox 999",
             "203.0.113.9", "push.example/евд", "паспорт-евдокии")  # fmt: skip
OF_CHILD = ("Лебединск", "Аристарх", "Серапионович", "aristarch", "914 555", "9145551", "Заозёрная", "2014-05-06",
            "левша", "ветрянка", "болел долго", "исправить слог", "дедушка умер")  # fmt: skip


class Family:
    """A mother and her child, of whom every table says something, and their class teacher."""

    def __init__(self, app: Flask, school: School) -> None:
        self.teacher, self.school = led(school), school
        self.child = Student(
            family_name="Лебединский", given_name="Аристарх", patronymic="Серапионович",
            birth_date=date(2014, 5, 6), email="aristarch@example.org", phone="+79145551122",
            address="ул. Заозёрная, 7",
        )  # fmt: skip
        self.mother = person("lebedinskaya", family_name="Прежнева", given_name="Евдокия", patronymic="Аверьяновна",
                             email="lebedinskaya@example.org", phone="+79135551122")  # fmt: skip
        self.mother.family_name = "Лебединская"
        db.session.add_all([
            self.child, Guardianship(user=self.mother, student=self.child),
            Enrollment(student=self.child, school_class=school.school_class, starts_on=DAY, ends_on=DAY),
        ])  # fmt: skip
        db.session.commit()
        self._study()
        self._talk(app)
        self._sign_in()
        # As the mother of her own: her address stands in the audit.
        actor = policy.load_actor(db.session(), self.mother.id, TODAY, NOW, "203.0.113.9")
        policy.act_as(db.session(), actor)
        mine = db.session.scalars(select(Account)).one()
        mine.phone = "+79135551123"
        db.session.commit()
        policy.act_as(db.session(), policy.SYSTEM)

    def _study(self) -> None:
        school, child = self.school, self.child
        mark = Mark(work=school.work, student=child, value=4, comment="Аристарх старался, левша")
        db.session.add_all([
            mark, StaffNote(mark=mark, text="дедушка умер"),
            Attendance(lesson=school.lesson, student=child, status=AttendanceStatus.ILL, reason="ветрянка"),
            FinalMark(student=child, subject_id=school.assignment.subject_id, academic_year_id=school.year.id,
                      assignment=school.assignment, kind=FinalMarkKind.YEAR, value=FinalMarkValue.FOUR,
                      reason="болел долго"),
            AbsenceNote(student=child, author=self.mother, starts_on=DAY, ends_on=DAY, status=AttendanceStatus.ILL,
                        reason="ветрянка"),
            Correction(student=child, author=self.mother, field=CorrectedField.ADDRESS, value="ул. Заозёрная, 9"),
            Correction(student=child, user=self.mother, author=self.mother, field=CorrectedField.PATRONYMIC,
                       was="Аверьяновн", value="Аверьяновна"),
            StudentHomework(lesson=school.lesson, student=child, text="исправить слог"),
            HomeworkDone(lesson=school.lesson, student=child, done_by_id=self.mother.id),
            DiaryVisit(user=self.mother, student=child, week=date(2026, 9, 28)),
            CalendarFeed(user=self.mother, student=child, token_hash="f" * 64),
        ])  # fmt: skip
        school.lesson.homework = "Лебединский Аристарх готовит доклад"
        db.session.commit()
        mark.value = 5
        db.session.commit()

    def _talk(self, app: Flask) -> None:
        mother, teacher = self.mother, self.teacher
        thread = Thread(subject="О Лебединском: Аристарх Лебединский", started_by=teacher, student=self.child)
        thread.subject = "Аристарх Лебединский и алгебра"
        said = Message(thread=thread, author=mother, body="Мой телефон +7 913 555-11-23, пишет Лебединская Евдокия")
        request = SupportRequest(author=teacher, body="Не приходит письмо на lebedinskaya@example.org")
        db.session.add_all([
            thread, ThreadMember(thread=thread, user=mother), ThreadMember(thread=thread, user=teacher), said,
            MessageFile(message=said, name="паспорт-евдокии.pdf", stored="pass.pdf", size=1), request,
            SupportReply(request=request, author=teacher, body="Лебединская Е. А. получила"),
            StudentImport(author=teacher, file_name="Класс.csv", content="Лебединский;Аристарх".encode()),
            EditReceipt(user_id=teacher.id, key="k", result={"message": "Лебединский Аристарх is not in the group"}),
        ])  # fmt: skip
        self.file = Path(app.instance_path) / "uploads" / "messages" / "pass.pdf"
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_bytes("паспорт-евдокии".encode())

    def _sign_in(self) -> None:
        mother = self.mother
        consent = SchoolText(kind=TextKind.CONSENT, version=1, body="Согласие")
        credential = Credential(user=mother, version=1, code_hash="c" * 64, expires_at=NOW)
        delivery = Delivery(user=mother, credential=credential, channel=DeliveryChannel.SMS, address="+79135551122")
        db.session.add_all([
            consent, Consent(user=mother, text=consent), credential, delivery,
            Notification(user=mother, channel=DeliveryChannel.SMS, kind=NoticeKind.MARK, model="Mark", object_id=1,
                         student=self.child, due_at=NOW, delivery=delivery),
            NotificationChoice(user=mother, kind=NoticeKind.MARK, channel=DeliveryChannel.SMS, timing=Timing.NEVER),
            PushSubscription(user=mother, endpoint="https://push.example/евд", p256dh="k", auth="a"),
            UserSession(user=mother, token_hash="t" * 64, address="203.0.113.9", agent="Firefox 999"),
            SignIn(user=mother, account_hash="h" * 64, address="203.0.113.9", succeeded=True),
            DataAccess(user_id=self.teacher.id, day=DAY, model="Student", object_id=self.child.id, what="details"),
        ])  # fmt: skip
        db.session.commit()


@pytest.fixture
def family(app: Flask, school: School) -> Family:
    return Family(app, school)


@pytest.fixture
def boss(app: Flask) -> User:
    return deputy()


def found(words: tuple[str, ...], app: Flask) -> list[str]:
    """Where one of the words stands: in a column of the database, or among the files."""
    db.session.rollback()
    told = []
    for table in Base.metadata.sorted_tables:
        for row in db.session.connection().execute(text(f'SELECT * FROM "{table.name}"')).mappings():
            for column, value in row.items():
                said = _said(value)
                told += [f"{table.name}.{column} {row['id']}: {said}" for word in words if word.lower() in said.lower()]
    for file in (Path(app.instance_path) / "uploads").rglob("*"):
        told += [str(file) for word in words if file.is_file() and word in file.read_text()]
    return told


def _said(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode()
    if isinstance(value, str) and value[:1] in {"{", "["}:
        return json.dumps(json.loads(value), ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else str(value)


def test_nothing_of_a_parent_and_the_child_is_found(app: Flask, panel: Panel, family: Family, boss: User) -> None:
    mother, child, mark = family.mother.id, family.child.id, db.session.scalars(select(Mark.id)).one()
    assert found(OF_MOTHER, app)
    assert found(OF_CHILD, app)
    for of in (f"student={child}", f"user={mother}"):
        answer = panel.post(boss, f"/admin/personal-data/erase?{of}", reason="Заявление", sure="1")
        assert answer.status_code == 302
    assert found(OF_CHILD, app) == []
    assert found(OF_MOTHER, app) == []
    assert not family.file.exists()
    # What the law keeps stays, under a number.
    first, second = db.session.scalars(select(Erasure).order_by(Erasure.id))
    assert (first.model, first.object_id, first.erased_by_id) == ("Student", child, boss.id)
    assert db.session.get_one(Student, child).full_name == f"Erased data No. {first.id}"
    assert db.session.get_one(User, mother).full_name == f"Erased data No. {second.id}"
    assert db.session.get_one(Mark, mark).value == 5
    assert db.session.scalars(select(FinalMark.value)).one() is FinalMarkValue.FOUR
    assert db.session.scalars(select(Attendance.status)).one() is AttendanceStatus.ILL
    assert len(db.session.scalars(select(Message)).all()) == 1
    assert db.session.scalars(select(Consent.user_id)).one() == mother
    # The audit says who changed the mark from what to what, and is marked where it lost values.
    changes = select(AuditRecord).where(AuditRecord.model == "Mark", AuditRecord.action == "change")
    record = db.session.scalars(changes).one()
    assert record.changes["value"] == [4, 5]
    assert (record.summary, record.erased_at) == ("", first.at)
    moments = set(db.session.scalars(select(AuditRecord.erased_at).where(AuditRecord.erased_at.is_not(None))))
    assert moments == {first.at, second.at}
    untouched = select(AuditRecord).where(AuditRecord.model == "Lesson", AuditRecord.action == "create")
    assert db.session.scalars(untouched).one().erased_at is None


def test_a_students_own_access_goes_along(app: Flask, panel: Panel, family: Family, boss: User) -> None:
    own = person("aristarch", family_name="Лебединский", given_name="Аристарх", patronymic="Серапионович")
    db.session.get_one(Student, family.child.id).user = own
    db.session.commit()
    answer = panel.post(boss, f"/admin/personal-data/erase?student={family.child.id}", reason="По заявлению", sure="1")
    assert answer.status_code == 302
    erased = set(db.session.execute(select(Erasure.model, Erasure.object_id)))
    assert erased == {("Student", family.child.id), ("User", own.id)}
    assert not own.is_active
    assert own.account is None


def refused(panel: Panel, who: User, of: str) -> str:
    """What the page says to the form; nothing was erased."""
    answer = panel.post(who, f"/admin/personal-data/erase?{of}", reason="Заявление", sure="1")
    assert answer.status_code == 422
    assert db.session.scalars(select(Erasure)).all() == []
    return said(answer)


def test_what_stands_in_the_way_is_said(panel: Panel, family: Family, boss: User) -> None:
    again = Enrollment(student_id=family.child.id, school_class_id=family.school.school_class.id,
                       starts_on=DAY + timedelta(3))  # fmt: skip
    db.session.add(again)
    db.session.commit()
    assert "is a student of the school. First choose «Left the school»" in refused(
        panel, boss, f"student={family.child.id}"
    )
    assert "reads the diary of a student of the school (Лебединский Аристарх" in refused(
        panel, boss, f"user={family.mother.id}"
    )
    assert "You cannot erase yourself" in refused(panel, boss, f"user={boss.id}")
    assert "works here. First choose «Leaves the school»" in refused(panel, boss, f"user={family.teacher.id}")
    db.session.get_one(User, family.teacher.id).is_active = False
    db.session.commit()
    assert "Hand them over first" in refused(panel, boss, f"user={family.teacher.id}")


def test_a_reason_and_a_tick_are_asked_for_and_what_was_typed_stays(panel: Panel, family: Family, boss: User) -> None:
    address = f"/admin/personal-data/erase?student={family.child.id}"
    answer = panel.post(boss, address, reason="Заявление от 5.10")
    assert answer.status_code == 422
    assert "Заявление от 5.10" in answer.get_data(as_text=True)
    assert panel.post(boss, address, reason=" ", sure="1").status_code == 422
    assert db.session.scalars(select(Erasure)).all() == []
    panel.post(boss, address, reason="Просит Лебединский Аристарх", sure="1")
    assert db.session.scalars(select(Erasure.reason)).one() == "Просит ***"
    assert "is erased already" in panel.page(boss, address)


def test_only_who_may_erase_opens_the_pages(panel: Panel, family: Family) -> None:
    for page in ("", "copy.json", "erase"):
        for who in (family.teacher, family.mother):
            answer = panel.get(who, f"/admin/personal-data/{page}?student={family.child.id}")
            assert answer.status_code == 403
    assert panel.post(family.teacher, f"/admin/personal-data/erase?student={family.child.id}", reason="x",
                      sure="1").status_code == 403  # fmt: skip


def test_the_copy_holds_every_table_that_tells_of_the_person(panel: Panel, family: Family, boss: User) -> None:
    data = json.loads(panel.get(boss, f"/admin/personal-data/copy.json?student={family.child.id}").text)
    assert data["student_details"][0]["address"] == "ул. Заозёрная, 7"
    assert data["mark"][0]["value"] == 5
    assert data["final_mark"][0]["subject"] == "Алгебра"
    assert data["staff_note"][0]["text"] == "дедушка умер"
    of_mother = panel.get(boss, f"/admin/personal-data/copy.json?user={family.mother.id}").text
    data = json.loads(of_mother)
    assert {"account", "guardianship", "credential", "delivery", "sign_in", "user_session", "consent", "diary_visit",
            "push_subscription", "message", "message_file", "correction"} <= data.keys()  # fmt: skip
    for secret in ("c" * 64, "t" * 64, "h" * 64, "f" * 64, "argon2", "push.example", "Мой телефон"):
        assert secret not in of_mother
    page = panel.page(boss, f"/admin/personal-data/?student={family.child.id}")
    assert "Заозёрная" in page
    noted = select(DataAccess.model, DataAccess.object_id, DataAccess.what).where(DataAccess.user_id == boss.id)
    looked = {("Student", family.child.id, "copy"), ("User", family.mother.id, "copy")}
    assert set(db.session.execute(noted)) == looked


BESIDE = {
    User: "the person", Student: "the person", AuditRecord: "by the number of the person's row",
    TimetableSlot: "told by its assignment", Happening: "is gone as soon as it is told", Erasure: "the school's proof",
}  # fmt: skip


def test_every_table_with_personal_data_is_reached_by_the_copy() -> None:
    telling = {model for model, holding in HOLDINGS.items() if holding.whose is not Whose.NOBODY}
    reached = {model for model in telling if copy.told_by(model, User) or copy.told_by(model, Student)}
    assert telling - reached <= BESIDE.keys()
