"""What was deleted or changed comes back: the whole of it, under its number, by those who may, for 30 days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import (
    Account,
    Attendance,
    AuditRecord,
    Enrollment,
    FinalMark,
    Guardianship,
    Happening,
    Lesson,
    Mark,
    NewsItem,
    RollCall,
    SchoolClass,
    StaffNote,
    Student,
    StudentDetails,
    StudyGroup,
    Undoing,
    User,
    Work,
)
from app.models.communication import Audience
from app.models.journal import AttendanceStatus, FinalMarkKind, FinalMarkValue
from app.people.refusal import Refusal
from app.policy import PolicyError
from tests.school import DAY, School
from tests.school_panel import deputy, written
from tests.undone import NOW, bring_back, delete, done, fresh, last, put_back, standing


def values(row: object) -> dict[str, object]:
    """The columns of a row, without its version."""
    return {name: value for name, value in vars(row).items() if name != "version" and not name.startswith("_")}


@pytest.fixture
def marked(school: School) -> Mark:
    """A mark with a comment and a note, entered by the school's teacher."""
    school.teacher.is_staff = True
    db.session.commit()
    number = done(school.teacher, lambda session: _added(session, school))
    return db.session.get_one(Mark, number)


def _added(session: Session, school: School) -> int:
    mark = Mark(work_id=school.work.id, student_id=school.student.id, value=5, comment="Молодец")
    mark.note = StaffNote(text="сам")
    session.add(mark)
    session.flush()
    return mark.id


def test_a_deleted_student_comes_back_with_all_that_went_along(school: School) -> None:
    chief = deputy()
    mother = written(User(family_name="Семёнова", given_name="Анна", phone="+79001112233"))
    db.session.add(Guardianship(user=mother, student=school.student))
    db.session.commit()
    before, number = standing(), school.student.id
    delete(chief, school.student)
    assert db.session.scalars(select(Enrollment)).all() == []
    ids = bring_back(chief, last("Student"))
    assert standing() == before
    assert ids["Student", number] == number
    told = db.session.scalars(select(AuditRecord.action).where(AuditRecord.model == "Student").order_by(AuditRecord.id))
    assert told.all()[-2:] == ["delete", "create"]
    with pytest.raises(Refusal, match="undone already"):
        bring_back(chief, last("Student"))


def test_a_part_brings_back_the_whole_it_belongs_to(school: School) -> None:
    chief = deputy()
    before = standing()
    delete(chief, school.student)
    bring_back(chief, last("StudentDetails"))
    assert standing() == before
    assert len(db.session.scalars(select(Undoing)).all()) == 3  # the student, the data, the enrolment


def test_of_several_that_were_deleted_at_once_one_comes_back_or_all(school: School) -> None:
    chief = deputy()
    others = [Student(family_name=name, given_name="Анна") for name in ("Белова", "Волкова")]
    db.session.add_all(others)
    db.session.commit()
    before = standing()
    delete(chief, *others, school.student)
    ids = bring_back(chief, last("Student"))
    assert sum(model == "Student" for model, _number in ids) == 1
    bring_back(chief, db.session.scalars(
        select(AuditRecord.id).where(AuditRecord.action == "delete", AuditRecord.model == "Student",
                                     AuditRecord.object_id.not_in([number for _model, number in ids]))
    ).first() or 0, whole=True)  # fmt: skip
    assert standing() == before


def test_a_work_comes_back_with_marks_notes_and_their_stamps(school: School, marked: Mark) -> None:
    stood, number = values(marked), marked.id
    teacher, work_id = school.teacher, school.work.id
    done(teacher, lambda session: _delete_work(session, work_id, number))
    later = NOW + timedelta(1)
    bring_back(teacher, last("Work"), now=later)
    back = fresh(Mark, number)
    assert values(back) | {"note": None} == stood | {"note": None}
    assert (back.entered_at, back.entered_by_id, back.note.text) == (NOW, teacher.id, "сам")
    assert db.session.scalars(select(Happening.model)).all() == ["Mark"]  # told when it was new, not once more


def _delete_work(session: Session, work_id: int, mark_id: int) -> None:
    session.delete(session.get_one(Mark, mark_id))
    session.flush()
    session.delete(session.get_one(Work, work_id))


def test_an_absence_comes_back_and_takes_no_attendance(school: School) -> None:
    school.teacher.is_staff = True
    ill = {"status": AttendanceStatus.ILL, "reason": "грипп", "entered_at": NOW}
    absence = written(Attendance(lesson=school.lesson, student=school.student, **ill))
    db.session.connection().execute(AuditRecord.__table__.update().values(at=NOW))
    before = standing()
    delete(school.teacher, absence)
    bring_back(school.teacher, last("Attendance"))
    assert standing() == before
    assert db.session.scalars(select(Attendance.reason)).all() == ["грипп"]
    assert db.session.scalars(select(RollCall)).all() == []


def test_a_final_mark_and_a_lesson_come_back(school: School) -> None:
    chief = deputy()
    final = written(FinalMark(
        student=school.student, subject=school.assignment.subject, academic_year=school.year,
        assignment=school.assignment, kind=FinalMarkKind.YEAR, value=FinalMarkValue.FOUR,
        reason="олимпиада", entered_by=school.teacher, entered_at=NOW,
    ))  # fmt: skip
    held = {"topic": "Дроби", "homework": "№ 5", "homework_entered_at": NOW}
    lesson = written(Lesson(assignment=school.assignment, date=DAY + timedelta(1), number=2, **held))
    school.teacher.is_staff = True
    stood = [values(final), values(lesson)]
    db.session.commit()
    numbers = final.id, lesson.id
    before = standing()
    delete(school.teacher, final)
    delete(chief, lesson)
    assert bring_back(school.teacher, last("FinalMark"))
    assert bring_back(chief, last("Lesson"))
    assert standing() == before
    final, lesson = fresh(FinalMark, numbers[0]), fresh(Lesson, numbers[1])
    assert (final.reason, final.value) == (stood[0]["reason"], stood[0]["value"])
    assert (lesson.topic, lesson.homework, lesson.homework_entered_at) == ("Дроби", "№ 5", NOW)


def test_a_class_comes_back_with_the_group_of_all(school: School) -> None:
    chief = deputy()
    second = written(SchoolClass(academic_year_id=school.year.id, grade=5, letter="Б"))
    before = standing()
    delete(chief, second)
    bring_back(chief, last("SchoolClass"))
    assert standing() == before
    assert len(db.session.scalars(select(StudyGroup).where(StudyGroup.school_class_id == second.id)).all()) == 1


def test_news_come_back_for_their_classes_without_the_picture(school: School) -> None:
    chief = deputy()
    item = written(NewsItem(title="Поход", body="В субботу", audience=Audience.CLASSES, author=school.teacher,
                            published_at=NOW, picture="lost.png", classes=[school.school_class]))  # fmt: skip
    number = item.id
    delete(chief, item)
    record = db.session.get_one(AuditRecord, last("NewsItem"))
    record_changes = record.changes | {"classes": [[school.school_class.id], []]}
    db.session.connection().execute(
        AuditRecord.__table__.update().where(AuditRecord.id == record.id).values(changes=record_changes)
    )
    bring_back(chief, record.id)
    back = fresh(NewsItem, number)
    assert (back.title, back.picture, back.author_id, back.classes) == (
        "Поход", None, school.teacher.id, [school.school_class],
    )  # fmt: skip


def test_a_person_comes_back_without_the_password(school: School) -> None:
    chief = deputy()
    aunt = User(family_name="Тётина", given_name="Анна", login="aunt", phone="+79001112234")
    aunt.account.password_hash = "$argon2id$secret"
    written(aunt)
    account_id = aunt.account.id
    delete(chief, aunt)
    bring_back(chief, last("User"))
    account = fresh(Account, account_id)
    assert (account.login, account.phone, account.password_hash) == ("aunt", "+79001112234", None)


def test_a_taken_number_is_not_taken_away(school: School) -> None:
    chief = deputy()
    old = written(Student(family_name="Белова", given_name="Анна", birth_date=date(2015, 5, 5)))
    number = old.id
    delete(chief, old)
    written(Student(id=number, family_name="Новая", given_name="Вера"))
    ids = bring_back(chief, last("Student"))
    back = fresh(Student, ids["Student", number])
    assert (back.id != number, back.family_name, back.birth_date) == (True, "Белова", date(2015, 5, 5))
    born = select(StudentDetails.student_id).where(StudentDetails.birth_date == date(2015, 5, 5))
    assert db.session.scalars(born).one() == back.id
    assert fresh(Student, number).family_name == "Новая"


def test_what_stands_in_the_way_is_named_and_nothing_is_written(school: School) -> None:
    chief = deputy()
    second = written(SchoolClass(academic_year_id=school.year.id, grade=5, letter="Б"))
    spell = db.session.scalars(select(Enrollment)).one()
    moved = written(Student(family_name="Белова", given_name="Анна"))
    into = written(Enrollment(student=moved, school_class=second, starts_on=DAY))
    delete(chief, into)
    into_record = last("Enrollment")
    delete(chief, second)
    with pytest.raises(Refusal, match="stands in the way"):
        bring_back(chief, into_record)
    bring_back(chief, last("SchoolClass"))
    delete(chief, spell)
    written(Enrollment(student=school.student, school_class=second, starts_on=DAY))
    with pytest.raises(Refusal, match="stands in the way"):
        bring_back(chief, last("Enrollment"))  # who is in another class now
    assert bring_back(chief, into_record)


def test_only_who_may_write_it_brings_it_back(school: School, marked: Mark) -> None:
    chief, teacher = deputy(), school.teacher
    delete(teacher, marked.note, marked)
    with pytest.raises(PolicyError):
        bring_back(chief, last("Mark"))
    assert db.session.scalars(select(Mark)).all() == []
    assert bring_back(teacher, last("Mark"))


def test_after_30_days_and_after_an_erasure_there_is_a_sentence(school: School) -> None:
    chief = deputy()
    delete(chief, school.student)
    with pytest.raises(Refusal, match="30 days"):
        bring_back(chief, last("Student"), now=NOW + timedelta(31))
    table = AuditRecord.__table__
    db.session.connection().execute(table.update().where(table.c.model == "Student").values(erased_at=NOW))
    db.session.commit()
    with pytest.raises(Refusal, match="erased"):
        bring_back(chief, last("Student"))


def test_a_change_is_put_back_with_its_stamp(school: School, marked: Mark) -> None:
    teacher, number = school.teacher, marked.id
    stood = values(marked)
    done(teacher, lambda session: setattr(session.get_one(Mark, number), "value", 2))
    put_back(teacher, last("Mark", "change"))
    back = fresh(Mark, number)
    assert {name: getattr(back, name) for name in ("value", "comment", "entered_at", "entered_by_id")} == {
        name: stood[name] for name in ("value", "comment", "entered_at", "entered_by_id")
    }
    change = db.session.get_one(AuditRecord, last("Mark", "change"))
    assert change.changes == {"value": [2, 5]}


def test_a_change_of_access_is_not_put_back(school: School) -> None:
    chief = deputy()
    done(chief, lambda session: setattr(session.scalars(select(Account)).first(), "password_hash", "other"))
    with pytest.raises(Refusal, match="Passwords and files"):
        put_back(chief, last("Account", "change"))


def test_a_change_of_what_is_gone_or_stands_so_already_is_refused(school: School) -> None:
    chief, number = deputy(), school.student.id
    done(chief, lambda session: setattr(session.get_one(Student, number), "given_name", "Иван"))
    record = last("Student", "change")
    done(chief, lambda session: setattr(session.get_one(Student, number), "given_name", "Пётр"))
    with pytest.raises(Refusal, match="nothing to put back"):
        put_back(chief, record)
    delete(chief, db.session.get_one(Student, number))
    with pytest.raises(Refusal, match="deleted since"):
        put_back(chief, record)


def test_classes_of_news_are_put_back(school: School) -> None:
    chief = deputy()
    item = written(NewsItem(title="Поход", body="В субботу", audience=Audience.CLASSES, author=chief,
                            classes=[school.school_class]))  # fmt: skip
    done(chief, lambda session: _set_classes(session, item.id))
    put_back(chief, last("NewsItem", "change"))
    assert fresh(NewsItem, item.id).classes == [school.school_class]


def _set_classes(session: Session, number: int) -> None:
    item = session.get_one(NewsItem, number)
    item.classes = []
