"""Several workers at once tell each thing once; one that dies loses nothing; what is old is forgotten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import cli, policy, upkeep
from app.delivery.worker import Worker
from app.extensions import begin_writing, db
from app.models import Delivery, Enrollment, Happening, Mark, Notification, Student
from app.notifications import telling
from app.notifications.rules import Rules
from tests.notices import EMAIL, GRACE, NOON, due_now, guardian, marks, outbox, teacher_of, tell, writing
from tests.school import DAY, School
from tests.school_panel import counted


@pytest.fixture
def busy_school(school: School) -> School:
    """Twelve parents who are to hear of a mark."""
    teacher_of(school)
    for number in range(12):
        guardian(school, f"Семёнова{number}", email=f"{number}@mail.example", login=f"s{number}")
    marks(school, 2)
    return school


def number_of(model: type[Happening] | type[Notification]) -> int:
    number = db.session.scalar(select(func.count(model.id))) or 0
    db.session.commit()
    return number


def test_workers_at_once_tell_everybody_once(app: Flask, busy_school: School) -> None:
    start = Barrier(3)

    def work(_number: int) -> None:
        with app.app_context():
            start.wait()
            for _again in range(3):
                telling.tell(Rules.of(app.config), NOON + GRACE)

    db.session.commit()
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    tell(NOON + GRACE)
    addresses = sorted(row.address for row in outbox())
    assert addresses == sorted(f"{number}@mail.example" for number in range(12))
    assert number_of(Happening) == 0
    assert number_of(Notification) == 12


def test_a_worker_that_dies_in_between_loses_nothing(app: Flask, busy_school: School) -> None:
    db.session.commit()
    with policy.system() as session:  # the connection ends before the commit
        begin_writing(session)
        assert telling.take_happenings(session, Rules.of(app.config), NOON + GRACE) == 1
        session.rollback()
    assert number_of(Happening) == 1
    with policy.system() as session:
        begin_writing(session)
        telling.take_happenings(session, Rules.of(app.config), NOON + GRACE)
        session.commit()
    with policy.system() as session:
        begin_writing(session)
        assert telling.send_due(session, NOON + GRACE) == 12
        session.rollback()
    assert outbox() == []
    tell(NOON + GRACE)
    assert len(outbox()) == 12


def test_a_fault_in_telling_does_not_hold_up_the_outbox(app: Flask, busy_school: School) -> None:
    tell(NOON + GRACE)
    sent = []

    class Carrier:
        def send(self, message: object) -> str:
            sent.append(message)
            return "sent"

    def broken(_now: object) -> None:
        raise ZeroDivisionError

    due_now()
    Worker({EMAIL: Carrier()}, cli.compose, per_second=0, stop=Event(), tell=broken).run(once=True)
    assert len(sent) == 12


def test_rows_that_stay_over_are_forgotten_after_sixty_days(app: Flask, busy_school: School) -> None:
    tell(NOON + GRACE)
    with writing(busy_school.teacher, NOON + timedelta(days=59)) as session:
        session.scalars(select(Mark)).one().value = 1
    upkeep.forget(db.session(), NOON + timedelta(days=59))
    assert (number_of(Notification), number_of(Happening), len(outbox())) == (12, 1, 12)
    upkeep.forget(db.session(), NOON + timedelta(days=61))
    assert (number_of(Notification), number_of(Happening), len(outbox())) == (0, 1, 0)
    assert db.session.scalars(select(Delivery)).all() == []


def test_noting_what_happened_takes_one_statement_however_much_it_is(app: Flask, school: School) -> None:
    teacher_of(school)
    students = [Student(family_name=f"Иванов{number}", given_name="Иван") for number in range(25)]
    db.session.add_all(
        Enrollment(student=student, school_class=school.school_class, starts_on=DAY) for student in students
    )
    db.session.commit()
    ids, work_id = [student.id for student in students], school.work.id
    with writing(school.teacher) as session:
        session.add_all(Mark(work_id=work_id, student_id=number, value=4) for number in ids)
        with counted() as statements:
            session.flush()
    assert sum("INSERT INTO happening" in statement for statement in statements) == 1
    assert number_of(Happening) == 25
