"""Who is told of what and when: after a grace, at once or in the evening, in one message."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.delivery.transports import NothingToSay
from app.extensions import db
from app.models import Attendance, Guardianship, Happening, Lesson, Mark, Notification, Student, Work
from app.models.journal import AttendanceStatus
from app.models.notification import NoticeKind, Timing
from tests.notices import (
    EMAIL,
    GRACE,
    NOON,
    SMS,
    absent,
    chooses,
    guardian,
    marks,
    outbox,
    read,
    somebody,
    teacher_of,
    tell,
    waiting,
    writing,
)
from tests.school import School

EVENING = datetime(2026, 10, 1, 16, tzinfo=UTC)  # seven in Moscow
MOBILE = "+79123456789"
ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For words and choices, where the database makes no difference."""


@pytest.fixture
def told_school(school: School) -> School:
    teacher_of(school)
    return school


def happenings() -> int:
    return db.session.scalar(select(func.count(Happening.id))) or 0


def test_a_low_mark_is_told_after_the_grace_in_one_mail(told_school: School) -> None:
    anna = guardian(told_school)
    marks(told_school, 2)
    tell(NOON + timedelta(seconds=60))
    assert outbox() == []
    tell(NOON + GRACE)
    (mail,) = outbox()
    assert (mail.user_id, mail.channel, mail.address, mail.credential_id) == (anna.id, EMAIL, "8@mail.example", None)
    content = read(mail, NOON + GRACE)
    assert content.subject == "Пётр: Алгебра, 1 October: mark 2"
    assert "Семёнов Пётр" in content.text
    assert f"http://127.0.0.1:8000/diary/{told_school.student.id}/" in content.text
    assert happenings() == 0


def test_a_mistyped_mark_is_corrected_before_anybody_hears_of_it(told_school: School) -> None:
    guardian(told_school)
    marks(told_school, 2)
    marks(told_school, 5, NOON + timedelta(seconds=100))
    tell(NOON + GRACE)
    tell(NOON + 2 * GRACE)
    assert outbox() == []
    assert waiting() == [(EMAIL, NoticeKind.MARK, EVENING)]
    tell(EVENING)
    (mail,) = outbox()
    assert "mark 5" in read(mail, EVENING).text


@ONE
def test_a_mark_corrected_after_it_was_told_is_told_again(told_school: School) -> None:
    guardian(told_school)
    marks(told_school, 2)
    tell(NOON + GRACE)
    marks(told_school, 4, NOON + timedelta(hours=1))
    tell(NOON + timedelta(hours=2))
    assert waiting() == [(EMAIL, NoticeKind.MARK, EVENING)]
    assert len(outbox()) == 1


def test_marks_and_absences_of_a_lesson_make_one_message(told_school: School) -> None:
    guardian(told_school)
    marks(told_school, 2)
    absent(told_school, AttendanceStatus.LATE, NOON + timedelta(seconds=90))
    tell(NOON + GRACE)
    assert outbox() == []  # the teacher is still writing about the student
    tell(NOON + timedelta(seconds=90) + GRACE)
    (mail,) = outbox()
    text = read(mail, NOON).text
    assert "mark 2" in text
    assert "lesson 1: late" in text


@ONE
def test_who_goes_on_writing_holds_nobody_up_for_long(told_school: School) -> None:
    guardian(told_school)
    for minute in range(8):
        status = AttendanceStatus.LATE if minute % 2 else AttendanceStatus.ABSENT
        absent(told_school, status, NOON + timedelta(minutes=minute))
    tell(NOON + 3 * GRACE)
    assert len(outbox()) == 1


def test_twenty_marks_of_a_day_make_one_digest(told_school: School) -> None:
    guardian(told_school)
    lessons = [
        Lesson(assignment=told_school.assignment, date=date(2026, 10, 1), number=number) for number in range(2, 12)
    ]
    works = [Work(lesson=lesson) for lesson in lessons for _each in range(2)]
    db.session.add_all(works)
    db.session.commit()
    ids, student_id = [work.id for work in works], told_school.student.id
    for number, work_id in enumerate(ids):
        with writing(told_school.teacher, NOON + timedelta(minutes=10 * number)) as session:
            session.add(Mark(work_id=work_id, student_id=student_id, value=4))
        tell(NOON + timedelta(minutes=10 * number + 5))
    assert outbox() == []
    tell(EVENING - timedelta(seconds=1))
    assert outbox() == []
    tell(EVENING)
    tell(EVENING + timedelta(minutes=1))
    (mail,) = outbox()
    content = read(mail, EVENING)
    assert content.subject == "Пётр: 20 marks"
    assert content.text.count("mark 4") == 20


@ONE
def test_an_absence_that_was_excused_meanwhile_is_not_told(told_school: School) -> None:
    guardian(told_school)
    absent(told_school, AttendanceStatus.ABSENT)
    absent(told_school, AttendanceStatus.EXCUSED, NOON + timedelta(seconds=30))
    tell(NOON + GRACE)
    assert outbox() == []
    assert waiting() == []
    assert happenings() == 0


@ONE
def test_what_changes_before_it_is_sent_is_told_as_it_is(told_school: School) -> None:
    guardian(told_school)
    absent(told_school, AttendanceStatus.ABSENT)
    tell(NOON + GRACE)
    (mail,) = outbox()
    assert "absent" in read(mail, NOON).text
    absent(told_school, AttendanceStatus.ILL, NOON + GRACE)
    with pytest.raises(NothingToSay):
        read(mail, NOON)


def test_a_mark_taken_back_is_not_told(told_school: School) -> None:
    guardian(told_school)
    marks(told_school, 2)
    with writing(told_school.teacher, NOON + timedelta(seconds=30)) as session:
        session.delete(session.scalars(select(Mark)).one())
    tell(NOON + GRACE)
    assert outbox() == []


def test_former_guardians_and_other_parents_hear_nothing(told_school: School) -> None:
    former, other = guardian(told_school, "Бывшая"), somebody("Чужая", email="other@mail.example")
    stranger = Student(family_name="Чужой", given_name="Иван")
    db.session.add(Guardianship(user=other, student=stranger))
    db.session.commit()
    marks(told_school, 2)
    absent(told_school, AttendanceStatus.ABSENT, NOON + timedelta(seconds=1))
    tell(NOON + timedelta(seconds=1) + GRACE)
    (mail,) = outbox()
    assert mail.user_id == former.id
    db.session.delete(db.session.scalars(select(Guardianship).where(Guardianship.user_id == former.id)).one())
    db.session.commit()
    with pytest.raises(NothingToSay):  # it was queued, and then the guardianship ended
        read(mail, NOON)
    marks(told_school, 1, NOON + timedelta(hours=1))
    tell(NOON + timedelta(hours=2))
    assert len(outbox()) == 1


def test_only_people_who_have_set_a_password_and_may_sign_in_are_told(told_school: School) -> None:
    away, off = guardian(told_school, "Невошедшая"), guardian(told_school, "Отключённая")
    assert away.account is not None
    away.account.password_hash, off.is_active = None, False
    db.session.commit()
    marks(told_school, 2)
    tell(NOON + GRACE)
    assert outbox() == []
    assert waiting() == []


@ONE
def test_a_student_with_access_is_told_like_the_parents(told_school: School) -> None:
    told_school.student.user = somebody("Семёнов", email="petr@mail.example")
    db.session.commit()
    marks(told_school, 2)
    tell(NOON + GRACE)
    assert [mail.address for mail in outbox()] == ["petr@mail.example"]


def test_choices_decide_kind_by_kind(told_school: School) -> None:
    anna = guardian(told_school)
    chooses(anna, NoticeKind.LOW_MARK, EMAIL, Timing.NEVER)
    chooses(anna, NoticeKind.ABSENCE, EMAIL, Timing.EVENING)
    marks(told_school, 2)
    absent(told_school, AttendanceStatus.ABSENT, NOON + timedelta(seconds=1))
    tell(NOON + 2 * GRACE)
    assert outbox() == []
    assert waiting() == [(EMAIL, NoticeKind.ABSENCE, EVENING)]


@ONE
def test_a_choice_made_meanwhile_counts(told_school: School) -> None:
    anna = guardian(told_school)
    marks(told_school, 4)
    tell(NOON + GRACE)
    tell(EVENING)
    (mail,) = outbox()
    chooses(anna, NoticeKind.MARK, EMAIL, Timing.NEVER)
    with pytest.raises(NothingToSay):
        read(mail, EVENING)


@ONE
def test_sms_only_to_those_who_chose_them_and_for_what_the_school_allows(app: Flask, told_school: School) -> None:
    anna = guardian(told_school, phone=MOBILE, email=None)
    guardian(told_school, "Другая", phone="+79123456780", email=None)
    for kind in (NoticeKind.LOW_MARK, NoticeKind.ABSENCE, NoticeKind.FINAL_MARK, NoticeKind.MARK):
        chooses(anna, kind, SMS, Timing.AT_ONCE)
    marks(told_school, 4)
    tell(NOON + GRACE)
    assert outbox() == []
    marks(told_school, 2, NOON + timedelta(hours=1))
    tell(NOON + timedelta(hours=2))
    (sms,) = outbox()
    assert (sms.channel, sms.address) == (SMS, MOBILE)
    content = read(sms, NOON)
    assert content.text == f"Пётр: Алгебра, 1 October: mark 2 http://127.0.0.1:8000/s/{sms.id}"
    assert content.sign in content.text
    app.config["SMS_NOTICES"] = ""
    marks(told_school, 1, NOON + timedelta(hours=3))
    tell(NOON + timedelta(hours=4))
    assert len(outbox()) == 1


@ONE
def test_an_sms_with_too_much_in_it_only_counts(told_school: School) -> None:
    anna = guardian(told_school, phone=MOBILE, email=None)
    chooses(anna, NoticeKind.ABSENCE, SMS, Timing.EVENING)
    lessons = [Lesson(assignment=told_school.assignment, date=date(2026, 10, 1), number=n) for n in range(2, 7)]
    db.session.add_all(lessons)
    db.session.commit()
    ids, student_id = [lesson.id for lesson in lessons], told_school.student.id
    with writing(told_school.teacher) as session:
        session.add_all(Attendance(lesson_id=n, student_id=student_id, status=AttendanceStatus.ABSENT) for n in ids)
    tell(NOON + GRACE)
    tell(EVENING)
    (sms,) = outbox()
    assert read(sms, EVENING).text == f"Diary: 5 absences http://127.0.0.1:8000/s/{sms.id}"


def test_homework_only_to_those_who_want_it(told_school: School) -> None:
    anna, _other = guardian(told_school), guardian(told_school, "Другая")
    chooses(anna, NoticeKind.HOMEWORK, EMAIL, Timing.EVENING)
    lesson_id = told_school.lesson.id
    with writing(told_school.teacher) as session:
        session.get_one(Lesson, lesson_id).homework = "§ 12, № 3"
    tell(NOON + GRACE)
    tell(EVENING)
    (mail,) = outbox()
    assert mail.user_id == anna.id
    assert "homework: § 12, № 3" in read(mail, EVENING).text


@ONE
def test_who_writes_is_not_told_of_it(told_school: School) -> None:
    told_school.teacher.account.email = "orlova@mail.example"  # type: ignore[union-attr]
    told_school.teacher.account.password_hash = "hash"  # type: ignore[union-attr]
    db.session.add(Guardianship(user=told_school.teacher, student=told_school.student))
    db.session.commit()
    marks(told_school, 2)
    tell(NOON + GRACE)
    assert outbox() == []


@ONE
def test_work_without_a_person_tells_nobody(told_school: School) -> None:
    guardian(told_school)
    db.session.add(Mark(work=told_school.work, student=told_school.student, value=2))
    db.session.commit()
    assert happenings() == 0
    assert db.session.scalar(select(func.count(Notification.id))) == 0
