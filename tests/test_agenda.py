"""What counts as late, as incomplete, as not reached: the rules behind the home page, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app import policy
from app.control.own_lessons import open_lessons
from app.extensions import db
from app.journal.agenda import leading, running, teaching
from app.journal.agenda.leading import Reach
from app.models import Credential, Delivery, Guardianship, Mark, User, Work
from app.models.access import DeliveryChannel, DeliveryState
from tests.school import DAY, School

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)


def session_of(user: User, today: date = DAY) -> Session:
    """A session of the person, as a request has one."""
    number = user.id
    db.session.commit()
    session = Session(db.engine)
    with policy.system() as facts:
        policy.act_as(session, policy.load_actor(facts, number, today, NOON + (today - DAY)))
    return session


def lacks(school: School, days_later: int) -> list[str]:
    """What the lessons of the teacher lack by the regulation, as home page and journals say it."""
    today = DAY + timedelta(days_later)
    with session_of(school.teacher, today) as session:
        return [word for lesson in open_lessons(session, policy.actor_of(session)) for word in lesson.lacks]


def test_topic_attendance_and_homework_are_overdue_from_the_next_day_on(school: School) -> None:
    assert lacks(school, 0) == []
    assert lacks(school, 1) == ["no topic", "attendance not taken", "no homework"]
    school.lesson.topic, school.lesson.homework = "Дроби", "§ 1"
    assert lacks(school, 1) == ["attendance not taken"]


def test_marks_of_a_work_are_overdue_after_a_week_and_several_works_are_one_lack(school: School) -> None:
    another = Work(lesson=school.lesson)
    db.session.add(another)
    assert "no marks" not in lacks(school, 7)
    assert lacks(school, 8).count("no marks") == 1
    db.session.add_all(Mark(work=work, student=school.student, value=5) for work in (school.work, another))
    assert "no marks" not in lacks(school, 8)


def test_a_cancelled_lesson_is_not_overdue(school: School) -> None:
    school.lesson.is_cancelled = True
    assert lacks(school, 1) == []


def test_a_substituted_lesson_is_late_for_the_substitute_alone(school: School) -> None:
    substitute = User(family_name="Ершова", given_name="Ольга", is_staff=True)
    school.lesson.substitute, school.teacher.is_staff = substitute, True
    db.session.add(substitute)
    db.session.flush()
    assert lacks(school, 1) == []
    tomorrow = DAY + timedelta(1)
    with session_of(substitute, tomorrow) as session:
        assert [late.id for late in open_lessons(session, policy.actor_of(session))] == [school.lesson.id]
    with session_of(substitute) as session:
        (mine,) = teaching.lessons_of_today(session, DAY)
        assert (mine.is_written, mine.stands_in, mine.line.teacher) == (True, True, "Орлова Вера")
    with session_of(school.teacher) as session:
        (given,) = teaching.lessons_of_today(session, DAY)
        assert (given.is_written, given.line.substitute, given.lacks) == (False, "Ершова Ольга", ())


@pytest.fixture
def mother(school: School) -> User:
    school.school_class.class_teacher = school.teacher
    user = User(family_name="Семёнова", given_name="Анна", email="semenova@example.org")
    db.session.add(Guardianship(user=user, student=school.student))
    db.session.commit()
    return user


def reach_of(school: School) -> list[Reach]:
    ids = [school.school_class.id]
    with session_of(school.teacher) as session:
        return [one.reach for one in leading.unreached_guardians(session, DAY, NOON, ids)]


def issue(mother: User, state: DeliveryState) -> Credential:
    credential = Credential(user=mother, version=1, code_hash="hash", expires_at=NOON + timedelta(7))
    message = Delivery(
        user=mother, credential=credential, channel=DeliveryChannel.EMAIL, address="semenova@example.org", state=state
    )
    db.session.add_all([credential, message])
    return credential


def test_a_parent_is_followed_from_no_access_to_the_first_visit(school: School, mother: User) -> None:
    assert reach_of(school) == [Reach.NO_ACCESS]
    credential = issue(mother, DeliveryState.FAILED)
    assert reach_of(school) == [Reach.NOT_DELIVERED]
    db.session.get_one(Delivery, 1).state = DeliveryState.DELIVERED
    assert reach_of(school) == [Reach.NEVER_CAME]
    credential.expires_at = NOON
    assert reach_of(school) == [Reach.NO_ACCESS]
    account = mother.account
    assert account is not None
    account.password_hash = "hash"
    assert reach_of(school) == [Reach.NEVER_CAME]
    account.last_seen_at = NOON
    assert reach_of(school) == []


def test_a_parent_on_the_staff_is_not_the_class_teachers_to_give_access(school: School, mother: User) -> None:
    mother.is_staff = True
    assert reach_of(school) == []


def test_the_figures_of_the_school_are_those_that_the_person_sees(school: School, mother: User) -> None:
    deputy = User(family_name="Волкова", given_name="Ирина", is_deputy_director=True, is_staff=True)
    db.session.add(deputy)
    db.session.flush()
    with session_of(deputy) as session:
        assert running.unreached(session, DAY, NOON).guardians == {Reach.NO_ACCESS: 1}
        (line,) = running.classes_of_the_year(session, DAY).lines
        assert (line.name, line.students, line.incomplete) == ("5А", 1, 0)
    stranger = User(family_name="Гостев", given_name="Иван")
    db.session.add(stranger)
    db.session.flush()
    with session_of(stranger) as session:
        assert running.unreached(session, DAY, NOON).guardians == {}
        assert running.classes_of_the_year(session, DAY).lines == []
        assert leading.unreached_guardians(session, DAY, NOON, [school.school_class.id]) == []
        assert leading.incomplete_students(session, DAY, [school.school_class.id]) == []
