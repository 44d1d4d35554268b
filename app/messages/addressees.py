"""Whom a person may write to, and about which student: asked of the policy, offered by names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app import policy
from app.collation import search_key
from app.models import AcademicYear, Enrollment, SchoolClass, Student, StudyGroup, StudyGroupMember, User
from app.models import TeachingAssignment as Assignment
from app.people.placement import lasting
from app.people.refusal import Refusal

FOUND = 30  # people or students of one search
NOT_THEIRS = _(
    "You can write to those you have to do with by the journal: teachers of your child, parents of your students, "
    "colleagues, the administration. Choose whom to write to anew."
)


@dataclass(frozen=True)
class Teacher:
    """Somebody who teaches a child, and what: subjects, or that they lead the class."""

    id: int
    name: str
    leads: bool
    subjects: list[str]


@dataclass(frozen=True)
class Recipients:
    """Whom a conversation is with: people, or the administration (then ``users`` is empty)."""

    users: tuple[User, ...] = ()
    student: Student | None = None
    is_to_administration: bool = False


def teachers_of(session: Session, student_id: int) -> list[Teacher]:
    """Who leads and teaches a child today, the class teacher first; for those who see where the child is."""
    actor = policy.actor_of(session)
    classes = session.scalars(
        select(SchoolClass)
        .join(Enrollment, Enrollment.school_class_id == SchoolClass.id)
        .options(joinedload(SchoolClass.class_teacher))
        .where(Enrollment.student_id == student_id, lasting(Enrollment, actor.today))
    ).all()
    whole = and_(StudyGroup.is_whole_class, StudyGroup.school_class_id.in_([each.id for each in classes]))
    part = select(StudyGroupMember.study_group_id).where(
        StudyGroupMember.student_id == student_id, lasting(StudyGroupMember, actor.today)
    )
    held = session.scalars(
        select(Assignment)
        .join(Assignment.study_group)
        .options(joinedload(Assignment.teacher), joinedload(Assignment.subject))
        .where(or_(whole, StudyGroup.id.in_(part)), lasting(Assignment, actor.today))
    )
    names: dict[int, User] = {}
    subjects: dict[int, set[str]] = defaultdict(set)
    leaders = {each.class_teacher.id: each.class_teacher for each in classes if each.class_teacher is not None}
    for assignment in held:
        if assignment.teacher is not None:
            names[assignment.teacher.id] = assignment.teacher
            subjects[assignment.teacher.id].add(assignment.subject.name)
    people = sorted((leaders | names).values(), key=lambda user: (user.id not in leaders, user.sort_name))
    return [
        Teacher(user.id, user.full_name, user.id in leaders, sorted(subjects[user.id]))
        for user in people
        if user.id != actor.user_id and user.is_active
    ]


def guardians_of(session: Session, student_id: int) -> list[User]:
    """Guardians to whom the person may write about a student of theirs."""
    actor = policy.actor_of(session)
    return _people(session, User.id.in_(policy.guardians_of(actor, student_id)))


def student(session: Session, student_id: int) -> Student | None:
    """A student to whose guardians the person may write."""
    actor = policy.actor_of(session)
    return session.scalar(
        select(Student).where(Student.id == student_id, Student.id.in_(policy.addressed_students(actor)))
    )


def students_found(session: Session, typed: str) -> list[tuple[Student, SchoolClass | None]]:
    """Students to whose guardians the person may write, by the words of their names, with the class of today."""
    actor = policy.actor_of(session)
    rows = session.execute(
        select(Student, SchoolClass)
        .outerjoin(Enrollment, and_(Enrollment.student_id == Student.id, lasting(Enrollment, actor.today)))
        .outerjoin(SchoolClass, SchoolClass.id == Enrollment.school_class_id)
        .where(Student.id.in_(policy.addressed_students(actor)), *_named(Student, typed))
        .order_by(Student.sort_name, Student.id)
        .limit(FOUND)
    )
    return [(found, school_class) for found, school_class in rows]


def people_found(session: Session, typed: str) -> list[User]:
    """Colleagues by the words of their names; for a deputy director also every guardian."""
    actor = policy.actor_of(session)
    if actor.is_deputy_director:
        return _people(session, *_named(User, typed))
    return _people(session, or_(User.is_staff, User.is_deputy_director), *_named(User, typed))


def _named(model: type[Student | User], typed: str) -> list[ColumnElement[bool]]:
    words = search_key(typed[:200]).split()[:6]
    return [model.search_name.contains(word, autoescape=True) for word in words]


def _people(session: Session, *which: ColumnElement[bool]) -> list[User]:
    """Those of the person's correspondents that ``which`` says, by name."""
    actor = policy.actor_of(session)
    rows = select(User).where(User.id.in_(policy.correspondents(actor)), *which)
    return list(session.scalars(rows.order_by(User.sort_name, User.id).limit(FOUND)))


def may_write_to(session: Session, user_id: int) -> bool:
    """Whether the person may begin a conversation with somebody."""
    return bool(_people(session, User.id == user_id))


def writes_to_administration(actor: policy.Actor) -> bool:
    """Whether the administration is somebody else to the person, and theirs to write to."""
    return (actor.is_guardian or actor.is_staff) and not actor.is_deputy_director


def is_announced(session: Session) -> ColumnElement[bool]:
    """Groups of the present year to whose parents the person may announce something, as SQL."""
    actor = policy.actor_of(session)
    present = and_(AcademicYear.starts_on <= actor.today, AcademicYear.ends_on >= actor.today)
    return and_(
        StudyGroup.id.in_(policy.announced_groups(actor)),
        StudyGroup.school_class.has(SchoolClass.academic_year.has(present)),
    )


def groups(session: Session) -> list[StudyGroup]:
    """Those groups, in the order of classes."""
    found = session.scalars(
        select(StudyGroup)
        .join(StudyGroup.school_class)
        .options(contains_eager(StudyGroup.school_class))
        .where(is_announced(session))
        .order_by(SchoolClass.grade, SchoolClass.letter, StudyGroup.is_whole_class.desc(), StudyGroup.name)
    )
    return list(found)


def group(session: Session, group_id: int) -> StudyGroup | None:
    """One of them."""
    return next((each for each in groups(session) if each.id == group_id), None)


def guardians_in(session: Session, group_id: int) -> list[int]:
    """Guardians of those in a group today, for an announcement; the person themselves is not among them."""
    actor = policy.actor_of(session)
    rows = select(User.id).where(
        User.id.in_(policy.guardians_in(actor, group_id)), User.id.in_(policy.correspondents(actor))
    )
    return list(session.scalars(rows.order_by(User.id)))


def administration(session: Session, student_id: int | None) -> Recipients:
    """The administration, about a child of one's own or about none. Raises Refusal."""
    actor = policy.actor_of(session)
    if not writes_to_administration(actor):
        raise Refusal(NOT_THEIRS)
    return Recipients(student=_child(session, student_id), is_to_administration=True)


def people(session: Session, user_ids: Sequence[int], student_id: int | None) -> Recipients:
    """People chosen by their numbers: guardians or teachers of the student, or one person about nobody in particular.

    Raises Refusal when one of them is not to be written to, or not about that student.
    """
    actor = policy.actor_of(session)
    chosen = tuple(dict.fromkeys(user_ids))[:FOUND]
    users = _people(session, User.id.in_(chosen))
    if not chosen or len(users) != len(chosen):
        raise Refusal(NOT_THEIRS)
    if student_id is None:
        if len(users) > 1:
            raise Refusal(NOT_THEIRS)
        return Recipients(tuple(users))
    child = _child(session, student_id) if actor.is_guardian else None
    if child is not None and len(users) == 1 and users[0].id in {one.id for one in teachers_of(session, child.id)}:
        return Recipients(tuple(users), child)
    if child is not None and len(users) == 1 and users[0].is_deputy_director:
        return Recipients(tuple(users), child)
    about = student(session, student_id)
    if about is None or {user.id for user in users} - {user.id for user in guardians_of(session, about.id)}:
        raise Refusal(NOT_THEIRS)
    return Recipients(tuple(users), about)


def _child(session: Session, student_id: int | None) -> Student | None:
    """A child of the person's own."""
    actor = policy.actor_of(session)
    if student_id is None:
        return None
    return session.scalar(select(Student).where(Student.id == student_id, Student.id.in_(policy.children(actor))))
