"""Rights as rows: who sees and writes what, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from app import policy
from app.extensions import Base, db
from app.models import Guardianship, Lesson, Mark, NewsItem, SchoolClass, Student, User, Work
from app.policy import Actor, PolicyError
from tests.school import DAY, School


def session_of(user: User | None, *, today: object = DAY) -> Session:
    """A session of its own, as a request of the person has."""
    db.session.commit()  # SQLite has one writer: give its lock back
    session = Session(db.engine)
    if user is not None:
        now = datetime(2026, 10, 1, 12, tzinfo=UTC)
        policy.act_as(session, Actor(user.id, user.is_deputy_director, today, now))  # type: ignore[arg-type]
    return session


def person(name: str, **fields: object) -> User:
    user = User(family_name=name, given_name="Анна", **fields)
    db.session.add(user)
    db.session.commit()
    return user


def count(session: Session, model: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def guardian(school: School) -> User:
    user = person("Семёнова", email="semenova@example.org")
    db.session.add(Guardianship(user=user, student=school.student))
    db.session.add(Mark(work=school.work, student=school.student, value=4))
    db.session.commit()
    return user


def test_nobody_sees_and_writes_nothing(school: School) -> None:
    with session_of(None) as session:
        assert [
            count(session, mapper.class_) for mapper in Base.registry.mappers if count(session, mapper.class_)
        ] == []
        session.add(Student(family_name="Чужой", given_name="Иван"))
        with pytest.raises(PolicyError):
            session.flush()


def test_a_guardian_sees_the_own_child_only(school: School, guardian: User) -> None:
    child, stranger = school.student.id, Student(family_name="Чужой", given_name="Иван")
    db.session.add(stranger)
    db.session.commit()
    with session_of(guardian) as session:
        assert session.scalars(select(Student.id)).all() == [child]
        assert session.get(Student, stranger.id) is None
        assert count(session, Mark) == 1


def test_a_guardian_changes_no_mark(school: School, guardian: User) -> None:
    with session_of(guardian) as session:
        session.scalars(select(Mark)).one().value = 5
        with pytest.raises(PolicyError):
            session.commit()
        session.rollback()
        assert session.scalars(select(Mark.value)).one() == 4


def test_two_people_in_turn_see_each_their_own(school: School, guardian: User) -> None:
    stranger = person("Чужая")
    for user, seen in ((guardian, 1), (stranger, 0), (guardian, 1)):
        with session_of(user) as session:
            assert count(session, Student) == seen


def test_the_teacher_marks_and_a_colleague_does_not(school: School) -> None:
    for user, allowed in ((person("Коллега"), False), (school.teacher, True)):
        with session_of(user) as session:
            session.add(Mark(work_id=school.work.id, student_id=school.student.id, value=5))
            if allowed:
                session.commit()
            else:
                with pytest.raises(PolicyError):
                    session.commit()


def test_a_teacher_whose_assignment_ended_writes_no_more(school: School) -> None:
    school.assignment.ends_on = DAY
    db.session.commit()
    with session_of(school.teacher, today=DAY + timedelta(days=1)) as session:
        assert count(session, Mark) == 0
        session.add(Mark(work_id=school.work.id, student_id=school.student.id, value=5))
        with pytest.raises(PolicyError):
            session.commit()


def test_a_substitute_writes_in_the_substituted_lesson_only(school: School) -> None:
    substitute = person("Замена")
    other = Work(lesson=Lesson(assignment=school.assignment, date=DAY, number=2))
    school.lesson.substitute = substitute
    db.session.add(other)
    db.session.commit()
    with session_of(substitute) as session:
        session.add(Mark(work_id=school.work.id, student_id=school.student.id, value=5))
        session.commit()
        session.add(Mark(work_id=other.id, student_id=school.student.id, value=5))
        with pytest.raises(PolicyError):
            session.commit()
    with session_of(school.teacher) as session:
        session.scalars(select(Mark)).one().value = 2
        with pytest.raises(PolicyError):
            session.commit()


def test_a_student_outside_the_group_gets_no_mark(school: School) -> None:
    outsider = Student(family_name="Чужой", given_name="Иван")
    db.session.add(outsider)
    db.session.commit()
    with session_of(school.teacher) as session:
        session.add(Mark(work_id=school.work.id, student_id=outsider.id, value=5))
        with pytest.raises(PolicyError):
            session.commit()


def test_nobody_gives_themselves_a_role(school: School) -> None:
    for user in (school.teacher, person("Завуч", is_deputy_director=True)):
        with session_of(user) as session:
            own = session.get_one(User, user.id)
            own.is_deputy_director = not own.is_deputy_director
            with pytest.raises(PolicyError):
                session.commit()


def test_everybody_changes_the_own_contacts(school: School, guardian: User) -> None:
    with session_of(guardian) as session:
        session.get_one(User, guardian.id).account.phone = "+79123456789"
        session.commit()


def test_a_class_teacher_cannot_touch_a_colleague_who_is_a_parent(school: School, guardian: User) -> None:
    school.school_class.class_teacher = school.teacher
    guardian.is_staff = True
    db.session.commit()
    with session_of(school.teacher) as session:
        assert session.get_one(User, guardian.id).email is None
        session.get_one(User, guardian.id).family_name = "Другая"
        with pytest.raises(PolicyError):
            session.commit()


@pytest.mark.parametrize(
    "statement", [update(Mark).values(value=1), delete(Mark), text("SELECT 1"), select(Mark.__table__)]
)
def test_a_way_around_is_refused(school: School, guardian: User, statement: object) -> None:
    with session_of(guardian) as session, pytest.raises(PolicyError):
        session.execute(statement)  # type: ignore[call-overload]


@pytest.mark.parametrize("model", [Student, User, Mark])
def test_without_its_entry_a_model_is_invisible(
    school: School, guardian: User, model: type[Base], monkeypatch: pytest.MonkeyPatch
) -> None:
    with session_of(guardian) as session:
        assert count(session, model) == 1
    monkeypatch.delitem(policy.GRANTS, model)
    with session_of(guardian) as session:
        assert count(session, model) == 0


def test_a_relation_counts_as_the_columns_it_writes(school: School) -> None:
    other = Lesson(assignment=school.assignment, date=DAY, number=2)
    db.session.add(other)
    db.session.commit()
    with session_of(school.teacher) as session:
        session.get_one(Lesson, other.id).substitute = session.get_one(User, school.teacher.id)
        with pytest.raises(PolicyError):
            session.commit()


def test_a_reader_of_news_does_not_address_it(school: School) -> None:
    school.school_class.class_teacher = school.teacher
    news = NewsItem(title="Концерт", body="В пятницу", published_at=datetime(2026, 9, 30, tzinfo=UTC))
    db.session.add(news)
    db.session.commit()
    with session_of(school.teacher) as session:
        seen = session.get_one(NewsItem, news.id)
        seen.classes.append(session.get_one(SchoolClass, school.school_class.id))
        with pytest.raises(PolicyError):
            session.commit()
