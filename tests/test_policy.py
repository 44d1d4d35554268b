"""Rights as rows: who sees and writes what, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from app import policy
from app.extensions import Base, db
from app.models import (
    Credential,
    Enrollment,
    Guardianship,
    Lesson,
    Mark,
    NewsItem,
    SchoolClass,
    Student,
    StudentDetails,
    User,
    Work,
)
from app.policy import PolicyError, kept
from tests.school import DAY, School


def session_of(user: User | None, *, today: date = DAY) -> Session:
    """A session of its own, as a request of the person has."""
    db.session.commit()  # SQLite has one writer: give its lock back
    session = Session(db.engine)
    if user is not None:
        now = datetime(2026, 10, 1, 12, tzinfo=UTC)
        with policy.system() as facts:
            policy.act_as(session, policy.load_actor(facts, user.id, today, now))
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


def test_a_reference_to_an_invisible_row_is_refused(school: School) -> None:
    outsider = Student(family_name="Чужой", given_name="Иван")
    db.session.add(outsider)
    db.session.commit()
    with session_of(school.teacher) as session:
        session.add(Mark(work_id=school.work.id, student_id=outsider.id, value=5))
        with pytest.raises(PolicyError):
            session.commit()


def test_a_class_teacher_adds_a_student_with_a_guardian(school: School) -> None:
    school.school_class.class_teacher = school.teacher
    db.session.commit()
    with session_of(school.teacher) as session:
        new = Student(family_name="Новый", given_name="Лев", birth_date=DAY.replace(year=2015))
        new.enrollments.append(Enrollment(school_class_id=school.school_class.id, starts_on=DAY))
        new.guardianships.append(Guardianship(user=User(family_name="Новая", given_name="Ия", phone="+79000000001")))
        session.add(new)
        session.commit()
        assert session.scalars(select(User.family_name).order_by(User.family_name)).all() == ["Новая", "Орлова"]


@pytest.mark.parametrize(
    "steal",
    [
        lambda s, foreign, stranger: Enrollment(
            student_id=foreign, school_class_id=s.school_class.id, starts_on=DAY + timedelta(days=1)
        ),
        lambda s, foreign, stranger: Guardianship(student_id=s.student.id, user_id=stranger),
        lambda s, foreign, stranger: Guardianship(student_id=foreign, user_id=s.teacher.id),
        lambda s, foreign, stranger: Guardianship(
            student_id=s.student.id, user=User(family_name="Я", given_name="Сам", is_deputy_director=True)
        ),
        lambda s, foreign, stranger: Credential(
            user_id=stranger, version=1, code_hash="x", expires_at=datetime(2026, 12, 1, tzinfo=UTC)
        ),
    ],
)
def test_a_class_teacher_reaches_for_nobody_else(school: School, steal: Any) -> None:
    school.school_class.class_teacher = school.teacher
    other = SchoolClass(academic_year_id=school.year.id, grade=6, letter="А")
    foreign, stranger = Student(family_name="Чужой", given_name="Иван"), person("Чужая")
    db.session.add(Enrollment(student=foreign, school_class=other, starts_on=DAY, ends_on=DAY))
    db.session.commit()
    with session_of(school.teacher) as session:
        session.add(steal(school, foreign.id, stranger.id))
        with pytest.raises(PolicyError):
            session.commit()


def test_a_teacher_sees_names_and_nothing_more(school: School) -> None:
    school.student.phone = "+79000000002"
    db.session.commit()
    with session_of(school.teacher) as session:
        seen = session.scalars(select(Student)).one()
        assert (seen.family_name, seen.birth_date, seen.phone) == ("Семёнов", None, None)
        assert session.scalars(select(Student).join(StudentDetails).where(StudentDetails.phone != "")).all() == []


def test_no_relation_is_loaded_before_the_policy_can_see_it() -> None:
    relations = [relation for mapper in Base.registry.mappers for relation in mapper.relationships]
    assert {relation.lazy for relation in relations} == {"select"}


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
    with session_of(guardian) as session, pytest.raises(RuntimeError):
        session.execute(statement)  # type: ignore[call-overload]


@pytest.mark.parametrize("model", [Student, User, Mark])
def test_without_its_entry_a_model_is_invisible(
    school: School, guardian: User, model: type[Base], monkeypatch: pytest.MonkeyPatch
) -> None:
    with session_of(guardian) as session:
        assert count(session, model) == 1
    monkeypatch.delitem(policy.GRANTS, model)
    kept.forget()
    with session_of(guardian) as session:
        assert count(session, model) == 0
    kept.forget()


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


def test_a_joined_relation_is_narrowed_like_any_other(school: School, guardian: User) -> None:
    school.school_class.class_teacher = school.teacher
    db.session.commit()
    with session_of(school.teacher) as session:
        for load in (joinedload, selectinload):
            row = session.scalars(select(Guardianship).options(load(Guardianship.user).joinedload(User.account))).one()
            assert row.user.account is not None
            session.expunge_all()
    guardian.is_staff = True  # her name is seen by all, her account by the deputy director
    db.session.commit()
    with session_of(school.teacher) as session:
        for load in (joinedload, selectinload):
            row = session.scalars(select(Guardianship).options(load(Guardianship.user).joinedload(User.account))).one()
            assert (row.user.family_name, row.user.account) == ("Семёнова", None)
            session.expunge_all()


def test_an_alias_and_a_join_are_narrowed(school: School, guardian: User) -> None:
    other = Student(family_name="Чужой", given_name="Иван", phone="+79000000009")
    db.session.add(other)
    db.session.commit()
    named = aliased(Student)
    with session_of(guardian) as session:
        assert session.scalars(select(named.family_name)).all() == ["Семёнов"]
        assert session.scalars(select(StudentDetails.phone).join(StudentDetails.student)).all() == [None]
        assert session.scalar(select(select(func.count(named.id)).scalar_subquery())) == 1
