"""Whatever is deleted or changed, undone in the reverse order the database is the same again, versions excepted."""

from __future__ import annotations

from typing import Any

from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete as remove
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.extensions import Base, db
from app.models import (
    AuditRecord,
    Enrollment,
    Guardianship,
    Lesson,
    Mark,
    NewsItem,
    Student,
    StudentDetails,
    TeachingAssignment,
    User,
    Work,
)
from app.regulation import RegulationError
from tests.school import School, small_school
from tests.school_panel import deputy
from tests.undone import bring_back, done, put_back, standing

DELETED: dict[type[Any], str] = {
    Mark: "teacher", Work: "teacher", Student: "deputy", Enrollment: "deputy", Guardianship: "deputy",
    Lesson: "deputy", TeachingAssignment: "deputy", NewsItem: "deputy", User: "deputy",
}  # fmt: skip
CHANGED: dict[tuple[type[Any], str], tuple[str, tuple[Any, ...]]] = {
    (Mark, "value"): ("teacher", (2, 3, 4)),
    (Mark, "comment"): ("teacher", ("", "Ещё раз", "***")),
    (Work, "weight"): ("teacher", (2, 9)),
    (Lesson, "topic"): ("teacher", ("Дроби", "Степени")),
    (Lesson, "room"): ("deputy", ("12", "Спортзал")),
    (Student, "given_name"): ("deputy", ("Фёдор", "Алёна")),
    (StudentDetails, "address"): ("deputy", (None, "Лесная, 1")),
    (Enrollment, "ends_on"): ("deputy", (None,)),
    (NewsItem, "title"): ("deputy", ("Экскурсия", "Поход")),
}
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(list(DELETED)), st.integers(0, 5), st.none()),
        st.tuples(st.sampled_from(list(CHANGED)), st.integers(0, 5), st.integers(0, 2)),
    ),
    min_size=3,
    max_size=8,
)


def people(school: School) -> dict[str, User]:
    """A school with more in it, and who acts."""
    chief, teacher = deputy(), school.teacher
    teacher.is_staff = True
    mother = User(family_name="Семёнова", given_name="Анна", phone="+79001112233")
    other = Student(family_name="Белова", given_name="Анна", address="Садовая, 5")
    lesson = Lesson(assignment=school.assignment, date=school.lesson.date, number=3, topic="Числа", room="7")
    db.session.add_all([
        Guardianship(user=mother, student=school.student), Guardianship(user=mother, student=other), lesson,
        Enrollment(student=other, school_class=school.school_class, starts_on=school.lesson.date),
        NewsItem(title="Концерт", body="В пятницу", author=chief),
    ])  # fmt: skip
    db.session.commit()
    done(teacher, lambda session: session.add_all(
        Mark(work_id=school.work.id, student_id=student.id, value=5) for student in (school.student, other)
    ))  # fmt: skip
    return {"deputy": chief, "teacher": teacher}


def carried_out(who: dict[str, User], step: tuple[Any, int, int | None]) -> int | None:
    """The id of the record that says what was done; None where it was refused."""
    what, place, choice = step
    model = what if choice is None else what[0]
    actor = who[DELETED[what] if choice is None else CHANGED[what][0]]
    before = db.session.scalar(select(AuditRecord.id).order_by(AuditRecord.id.desc()).limit(1)) or 0

    def act(session: Session) -> None:
        rows = session.scalars(select(model).order_by(model.id)).all()
        row = rows[place % len(rows)] if rows else None
        if row is None or (model is User and row.id in {each.id for each in who.values()}):
            return
        if choice is None:
            _delete(session, row)
        else:
            values = CHANGED[what][1]
            setattr(row, what[1], values[choice % len(values)])

    try:
        done(actor, act)
    except (IntegrityError, RegulationError):  # other rows hold on to it: nothing was written
        return None
    mine = select(AuditRecord.id).where(AuditRecord.id > before, AuditRecord.model == model.__name__)
    return db.session.scalars(mine.order_by(AuditRecord.id.desc())).first()


def _delete(session: Session, row: Any) -> None:
    if isinstance(row, Work):
        for mark in session.scalars(select(Mark).where(Mark.work_id == row.id)):
            session.delete(mark)
        session.flush()
    session.delete(row)
    session.flush()


@settings(max_examples=2, deadline=None, phases=(Phase.generate,),
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(plan=steps)
def test_what_was_done_and_undone_leaves_the_database_as_it_was(app: Flask, plan: list[Any]) -> None:
    db.session.rollback()
    for table in reversed(Base.metadata.sorted_tables):
        db.session.connection().execute(remove(table))
    db.session.commit()
    db.session.expunge_all()
    who = people(small_school())
    before = standing()
    records = [(step, number) for step in plan if (number := carried_out(who, step))]
    for (what, _place, choice), number in reversed(records):
        if choice is None:
            bring_back(who[DELETED[what]], number)
        else:
            put_back(who[CHANGED[what][0]], number)
    assert standing() == before
