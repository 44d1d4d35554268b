"""Who sees and changes which rows: one table, two listeners, no way around them.

``GRANTS`` says for each model what a person may do with which rows; grants add up. Reads are
narrowed by a criterion added to every ORM statement. Writes are checked with the same SQL:
against the row as it stands in the database before the flush, and again after it, so that a
row can neither be taken from a foreign scope nor moved into one.

A session without an actor sees nothing and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import Flag, auto
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, event, false, inspect, or_, select, true
from sqlalchemy.orm import ORMExecuteState, RelationshipDirection, Session, UOWTransaction, with_loader_criteria
from sqlalchemy.sql.selectable import ScalarSelect

from app import models
from app.extensions import Base, db


class PolicyError(Exception):
    """A person tried what their rights do not cover; nothing was written. Answered with 403."""


class Action(Flag):
    """What a grant allows."""

    SEE = auto()
    CREATE = auto()
    CHANGE = auto()
    DELETE = auto()
    WRITE = SEE | CREATE | CHANGE | DELETE


@dataclass(frozen=True)
class Actor:
    """The person a session works for; ``today`` is the school's day, ``now`` an aware moment."""

    user_id: int
    is_deputy_director: bool
    today: date
    now: datetime


SYSTEM = object()
"""The actor of work without a person: worker, CLI, migrations."""


@dataclass(frozen=True)
class Grant:
    """``actions`` on the rows of ``where``; a change may touch only ``columns`` (None: all)."""

    actions: Action
    where: Callable[[Actor], ColumnElement[bool]]
    columns: frozenset[str] | None = None


# Criteria are built from Core tables, so that they are not narrowed by themselves.
def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101
    return table


user, student, school_class = _table(models.User), _table(models.Student), _table(models.SchoolClass)
account, details, user_session = _table(models.Account), _table(models.StudentDetails), _table(models.UserSession)
guardianship, enrollment = _table(models.Guardianship), _table(models.Enrollment)
study_group, member = _table(models.StudyGroup), _table(models.StudyGroupMember)
assignment, lesson, work = _table(models.TeachingAssignment), _table(models.Lesson), _table(models.Work)
mark, attendance, final_mark = _table(models.Mark), _table(models.Attendance), _table(models.FinalMark)
term, news, news_class = _table(models.Term), _table(models.NewsItem), _table(models.NewsItemClass)
slot, thread, thread_member = _table(models.TimetableSlot), _table(models.Thread), _table(models.ThreadMember)
message, support = _table(models.Message), _table(models.SupportRequest)
credential, delivery = _table(models.Credential), _table(models.Delivery)
sign_in, audit = _table(models.SignIn), _table(models.AuditRecord)

Ids = Select[tuple[int]]


def _lasting(table: Table, actor: Actor) -> ColumnElement[bool]:
    return and_(table.c.starts_on <= actor.today, or_(table.c.ends_on.is_(None), table.c.ends_on >= actor.today))


def deputy(actor: Actor) -> ColumnElement[bool]:
    """All rows, for a deputy director."""
    return true() if actor.is_deputy_director else false()


def anybody(_actor: Actor) -> ColumnElement[bool]:
    """All rows, for whoever is signed in."""
    return true()


def led_classes(actor: Actor) -> Ids:
    """Classes the person leads."""
    return select(school_class.c.id).where(school_class.c.class_teacher_id == actor.user_id)


def led_students(actor: Actor) -> Ids:
    """Students who are today, or will be, in a class the person leads."""
    return select(enrollment.c.student_id).where(
        enrollment.c.school_class_id.in_(led_classes(actor)),
        or_(enrollment.c.ends_on.is_(None), enrollment.c.ends_on >= actor.today),
    )


def children(actor: Actor) -> Ids:
    """Students the person is a guardian of."""
    return select(guardianship.c.student_id).where(guardianship.c.user_id == actor.user_id)


def own_assignments(actor: Actor) -> Ids:
    """Assignments the person holds today."""
    return select(assignment.c.id).where(assignment.c.teacher_id == actor.user_id, _lasting(assignment, actor))


def own_groups(actor: Actor) -> Ids:
    """Groups the person teaches today."""
    return select(assignment.c.study_group_id).where(
        assignment.c.teacher_id == actor.user_id, _lasting(assignment, actor)
    )


def written_lessons(actor: Actor) -> Ids:
    """Lessons the person writes in: substituted, or of an own assignment and not given to a substitute."""
    own = and_(lesson.c.teaching_assignment_id.in_(own_assignments(actor)), lesson.c.substitute_id.is_(None))
    return select(lesson.c.id).where(or_(lesson.c.substitute_id == actor.user_id, own))


def taught_lessons(actor: Actor) -> Ids:
    """Lessons the person sees as a teacher: substituted, and all of own assignments."""
    return select(lesson.c.id).where(
        or_(lesson.c.substitute_id == actor.user_id, lesson.c.teaching_assignment_id.in_(own_assignments(actor)))
    )


def _group_students(groups: Ids, actor: Actor) -> ColumnElement[bool]:
    whole = select(study_group.c.school_class_id).where(study_group.c.id.in_(groups), study_group.c.is_whole_class)
    return or_(
        student.c.id.in_(
            select(enrollment.c.student_id).where(enrollment.c.school_class_id.in_(whole), _lasting(enrollment, actor))
        ),
        student.c.id.in_(
            select(member.c.student_id).where(member.c.study_group_id.in_(groups), _lasting(member, actor))
        ),
    )


def taught_students(actor: Actor) -> ColumnElement[bool]:
    """Students of the groups the person teaches today, or substitutes in."""
    substituted = (
        select(assignment.c.study_group_id)
        .join(lesson, lesson.c.teaching_assignment_id == assignment.c.id)
        .where(lesson.c.substitute_id == actor.user_id)
    )
    return or_(_group_students(own_groups(actor), actor), _group_students(substituted, actor))


def taught_classes(actor: Actor) -> Ids:
    """Classes of the groups the person teaches today."""
    return select(study_group.c.school_class_id).where(study_group.c.id.in_(own_groups(actor)))


def class_assignments(classes: Ids) -> Ids:
    """Assignments of the groups of ``classes``."""
    groups = select(study_group.c.id).where(study_group.c.school_class_id.in_(classes))
    return select(assignment.c.id).where(assignment.c.study_group_id.in_(groups))


def child_classes(actor: Actor) -> Ids:
    """Classes the person's children are or were in."""
    return select(enrollment.c.school_class_id).where(enrollment.c.student_id.in_(children(actor)))


def near_classes(actor: Actor) -> Ids:
    """Classes the person leads or has a child in."""
    return select(school_class.c.id).where(
        or_(school_class.c.id.in_(led_classes(actor)), school_class.c.id.in_(child_classes(actor)))
    )


def near_assignments(actor: Actor) -> Ids:
    """Assignments held, substituted in, or of a class the person leads or has a child in."""
    substituted = select(lesson.c.teaching_assignment_id).where(lesson.c.substitute_id == actor.user_id)
    return select(assignment.c.id).where(
        or_(
            assignment.c.id.in_(own_assignments(actor)),
            assignment.c.id.in_(substituted),
            assignment.c.id.in_(class_assignments(near_classes(actor))),
        )
    )


def near_students(actor: Actor) -> Ids:
    """Students of a class the person leads, and the person's children."""
    return select(student.c.id).where(or_(student.c.id.in_(led_students(actor)), student.c.id.in_(children(actor))))


def in_group_that_day(lesson_id: ColumnElement[int], student_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the student belonged to the lesson's group on the lesson's day."""

    def on_the_day(table: Table) -> ColumnElement[bool]:
        return and_(
            table.c.starts_on <= lesson.c.date, or_(table.c.ends_on.is_(None), table.c.ends_on >= lesson.c.date)
        )

    held = lesson.join(assignment, assignment.c.id == lesson.c.teaching_assignment_id).join(
        study_group, study_group.c.id == assignment.c.study_group_id
    )
    whole = select(lesson.c.id).select_from(
        held.join(enrollment, enrollment.c.school_class_id == study_group.c.school_class_id)
    )
    part = select(lesson.c.id).select_from(held.join(member, member.c.study_group_id == study_group.c.id))
    whole = whole.where(study_group.c.is_whole_class, enrollment.c.student_id == student_id, on_the_day(enrollment))
    part = part.where(member.c.student_id == student_id, on_the_day(member))
    return or_(lesson_id.in_(whole), lesson_id.in_(part))


def _work_lesson() -> ScalarSelect[int]:
    return select(work.c.lesson_id).where(work.c.id == mark.c.work_id).scalar_subquery()


def written_marks(actor: Actor) -> ColumnElement[bool]:
    """Marks in lessons the person writes in, of students who belonged to the group that day."""
    lesson_of_mark = _work_lesson()
    return and_(lesson_of_mark.in_(written_lessons(actor)), in_group_that_day(lesson_of_mark, mark.c.student_id))


def seen_marks(actor: Actor) -> ColumnElement[bool]:
    """Marks of near students and of taught lessons."""
    return or_(mark.c.student_id.in_(near_students(actor)), _work_lesson().in_(taught_lessons(actor)))


def written_final_marks(actor: Actor) -> ColumnElement[bool]:
    """Final marks of own assignments while their term is not locked."""
    locked = select(term.c.id).where(term.c.is_locked)
    return and_(
        final_mark.c.teaching_assignment_id.in_(own_assignments(actor)),
        or_(final_mark.c.term_id.is_(None), final_mark.c.term_id.not_in(locked)),
    )


def addressed_news(actor: Actor) -> ColumnElement[bool]:
    """Published news for all, for staff, for guardians, or for a near class."""
    is_staff = select(user.c.id).where(user.c.id == actor.user_id, user.c.is_staff).exists()
    for_class = select(news_class.c.news_item_id).where(news_class.c.school_class_id.in_(near_classes(actor)))
    audience = news.c.audience
    return and_(
        news.c.published_at <= actor.now,
        or_(
            audience == models.communication.Audience.ALL,
            and_(audience == models.communication.Audience.STAFF, is_staff),
            and_(audience == models.communication.Audience.GUARDIANS, children(actor).exists()),
            and_(audience == models.communication.Audience.CLASSES, news.c.id.in_(for_class)),
        ),
    )


def own_threads(actor: Actor) -> Ids:
    """Threads the person is in; for a deputy director also those to the administration."""
    inside = select(thread_member.c.thread_id).where(thread_member.c.user_id == actor.user_id)
    return select(thread.c.id).where(or_(thread.c.id.in_(inside), and_(thread.c.is_to_administration, deputy(actor))))


def led_guardians(actor: Actor) -> Ids:
    """Guardians of the students of a class the person leads; never staff, whose access is the deputy's."""
    return (
        select(guardianship.c.user_id)
        .join(user, user.c.id == guardianship.c.user_id)
        .where(
            guardianship.c.student_id.in_(led_students(actor)),
            user.c.is_staff.is_(False),
            user.c.is_deputy_director.is_(False),
        )
    )


A = Action
CONTACTS = frozenset({"email", "phone", "channel"})
NAMES = frozenset({"family_name", "given_name", "patronymic", "search_name", "sort_name"})
DEPUTY = Grant(A.WRITE, deputy)
DEPUTY_SEES = Grant(A.SEE, deputy)
EVERYBODY_SEES = Grant(A.SEE, anybody)

GRANTS: dict[type[Base], tuple[Grant, ...]] = {
    models.User: (
        Grant(A.SEE | A.CREATE, deputy),
        Grant(A.CHANGE | A.DELETE, lambda a: and_(deputy(a), user.c.id != a.user_id)),
        Grant(A.SEE, lambda a: user.c.id == a.user_id),
        Grant(A.SEE, lambda a: user.c.is_staff),
        Grant(A.SEE | A.CHANGE, lambda a: user.c.id.in_(led_guardians(a)), NAMES),
    ),
    models.Account: (
        DEPUTY,
        Grant(A.SEE | A.CHANGE, lambda a: account.c.user_id == a.user_id, CONTACTS | {"locale", "password_hash"}),
        Grant(A.SEE | A.CHANGE, lambda a: account.c.user_id.in_(led_guardians(a)), CONTACTS),
    ),
    models.UserSession: (
        DEPUTY_SEES,
        Grant(A.SEE | A.CHANGE, lambda a: user_session.c.user_id == a.user_id, frozenset({"ended_at"})),
    ),
    models.StudentImport: (DEPUTY,),
    models.StudentDetails: (
        DEPUTY,
        Grant(A.SEE | A.CREATE | A.CHANGE, lambda a: details.c.student_id.in_(led_students(a))),
        Grant(A.SEE, lambda a: details.c.student_id.in_(children(a))),
    ),
    models.Student: (
        DEPUTY,
        Grant(A.SEE | A.CHANGE, lambda a: student.c.id.in_(led_students(a))),
        Grant(A.SEE, lambda a: student.c.id.in_(children(a))),
        Grant(A.SEE, taught_students),
    ),
    models.Guardianship: (
        DEPUTY,
        Grant(A.WRITE, lambda a: guardianship.c.student_id.in_(led_students(a))),
        Grant(A.SEE, lambda a: guardianship.c.student_id.in_(children(a))),
    ),
    models.Enrollment: (
        DEPUTY,
        Grant(A.SEE, lambda a: enrollment.c.school_class_id.in_(led_classes(a))),
        Grant(A.SEE, lambda a: enrollment.c.student_id.in_(children(a))),
        Grant(A.SEE, lambda a: enrollment.c.school_class_id.in_(taught_classes(a))),
    ),
    models.SchoolClass: (
        DEPUTY,
        Grant(A.SEE, lambda a: school_class.c.id.in_(near_classes(a))),
        Grant(A.SEE, lambda a: school_class.c.id.in_(taught_classes(a))),
    ),
    models.StudyGroup: (
        DEPUTY,
        Grant(A.SEE, lambda a: study_group.c.id.in_(own_groups(a))),
        Grant(A.SEE, lambda a: study_group.c.school_class_id.in_(near_classes(a))),
    ),
    models.StudyGroupMember: (
        DEPUTY,
        Grant(A.SEE, lambda a: member.c.study_group_id.in_(own_groups(a))),
        Grant(A.SEE, lambda a: member.c.student_id.in_(near_students(a))),
    ),
    models.AcademicYear: (DEPUTY, EVERYBODY_SEES),
    models.Term: (DEPUTY, EVERYBODY_SEES),
    models.Holiday: (DEPUTY, EVERYBODY_SEES),
    models.BellTime: (DEPUTY, EVERYBODY_SEES),
    models.Subject: (DEPUTY, EVERYBODY_SEES),
    models.TeachingAssignment: (DEPUTY, Grant(A.SEE, lambda a: assignment.c.id.in_(near_assignments(a)))),
    models.TimetableSlot: (
        DEPUTY,
        Grant(A.SEE, lambda a: slot.c.teaching_assignment_id.in_(near_assignments(a))),
    ),
    models.Lesson: (
        DEPUTY_SEES,
        Grant(A.CHANGE, deputy, frozenset({"substitute_id"})),
        Grant(A.SEE, lambda a: lesson.c.teaching_assignment_id.in_(own_assignments(a))),
        Grant(
            A.SEE,
            lambda a: lesson.c.teaching_assignment_id.in_(class_assignments(near_classes(a))),
        ),
        Grant(
            A.SEE | A.CHANGE,
            lambda a: lesson.c.id.in_(written_lessons(a)),
            frozenset({"topic", "homework", "homework_entered_at"}),
        ),
    ),
    models.Work: (
        DEPUTY_SEES,
        Grant(A.WRITE, lambda a: work.c.lesson_id.in_(written_lessons(a))),
        Grant(A.SEE, lambda a: work.c.lesson_id.in_(taught_lessons(a))),
        Grant(
            A.SEE,
            lambda a: work.c.lesson_id.in_(
                select(lesson.c.id).where(lesson.c.teaching_assignment_id.in_(class_assignments(near_classes(a))))
            ),
        ),
    ),
    models.Mark: (DEPUTY_SEES, Grant(A.SEE, seen_marks), Grant(A.WRITE, written_marks)),
    models.Attendance: (
        DEPUTY_SEES,
        Grant(A.SEE, lambda a: attendance.c.student_id.in_(near_students(a))),
        Grant(A.SEE, lambda a: attendance.c.lesson_id.in_(taught_lessons(a))),
        Grant(A.CHANGE, lambda a: attendance.c.student_id.in_(led_students(a)), frozenset({"reason"})),
        Grant(
            A.WRITE,
            lambda a: and_(
                attendance.c.lesson_id.in_(written_lessons(a)),
                in_group_that_day(attendance.c.lesson_id, attendance.c.student_id),
            ),
        ),
    ),
    models.FinalMark: (
        DEPUTY_SEES,
        Grant(A.SEE, lambda a: final_mark.c.student_id.in_(near_students(a))),
        Grant(A.SEE, lambda a: final_mark.c.teaching_assignment_id.in_(own_assignments(a))),
        Grant(A.WRITE, written_final_marks),
    ),
    models.NewsItem: (DEPUTY, Grant(A.SEE, addressed_news)),
    models.NewsItemClass: (
        DEPUTY,
        Grant(A.SEE, lambda a: news_class.c.school_class_id.in_(near_classes(a))),
    ),
    models.Thread: (Grant(A.SEE, lambda a: thread.c.id.in_(own_threads(a))),),
    models.ThreadMember: (Grant(A.SEE, lambda a: thread_member.c.thread_id.in_(own_threads(a))),),
    models.Message: (
        Grant(A.SEE, lambda a: message.c.thread_id.in_(own_threads(a))),
        Grant(A.CREATE, lambda a: and_(message.c.author_id == a.user_id, message.c.thread_id.in_(own_threads(a)))),
    ),
    models.SupportRequest: (
        Grant(A.SEE | A.CHANGE, deputy, frozenset({"answer", "state", "solved_at"})),
        Grant(A.SEE | A.CREATE, lambda a: and_(support.c.author_id == a.user_id, led_classes(a).exists())),
    ),
    models.Credential: (DEPUTY_SEES, Grant(A.SEE, lambda a: credential.c.user_id.in_(led_guardians(a)))),
    models.Delivery: (DEPUTY_SEES, Grant(A.SEE, lambda a: delivery.c.user_id.in_(led_guardians(a)))),
    models.SignIn: (DEPUTY_SEES, Grant(A.SEE, lambda a: sign_in.c.user_id == a.user_id)),
    models.AuditRecord: (DEPUTY_SEES, Grant(A.SEE, lambda a: audit.c.actor_id == a.user_id)),
}


def act_as(session: Session, actor: Actor | object | None) -> None:
    """Bind ``session`` to a person, to SYSTEM, or to nobody, and forget the rows it holds."""
    session.expunge_all()
    session.info["actor"] = actor


@contextmanager
def system() -> Iterator[Session]:
    """A session of its own for work without a person: worker, CLI, sign-in. The caller commits."""
    with Session(db.engine, info={"actor": SYSTEM}) as session:
        yield session


def criterion(actor: Actor | None, model: type[Base], action: Action, columns: frozenset[str] = frozenset()) -> Any:
    """Rows of ``model`` on which ``actor`` may do ``action``, touching ``columns``."""
    if actor is None:
        return false()
    grants = (grant for grant in GRANTS.get(model, ()) if action in grant.actions)
    return or_(false(), *(g.where(actor) for g in grants if g.columns is None or columns <= g.columns))


@event.listens_for(Session, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    actor = state.session.info.get("actor")
    if actor is SYSTEM or state.is_column_load:
        return
    if not state.is_select or not state.is_orm_statement:
        raise PolicyError("a person's session runs ORM selects and flushes only")
    options = [
        with_loader_criteria(
            mapper.class_,
            criterion(actor, mapper.class_, Action.SEE),
            include_aliases=True,
            propagate_to_loaders=False,
        )
        for mapper in Base.registry.mappers
    ]
    state.statement = state.statement.options(*options)


@event.listens_for(Session, "before_flush")
def _check_before(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    """Check what stands in the database now; note what has to hold once it is written."""
    actor = session.info.get("actor")
    if actor is SYSTEM:
        return
    written: list[tuple[Any, Action, frozenset[str]]] = []
    for row in session.deleted:
        _require(session, actor, row, Action.DELETE, frozenset())
    for row in session.dirty:
        if columns := _changed(row):
            _require(session, actor, row, Action.CHANGE, columns)
            written.append((row, Action.CHANGE, columns))
    written.extend((row, Action.CREATE, frozenset()) for row in session.new)
    session.info["written"] = written


@event.listens_for(Session, "after_flush")
def _check_after(session: Session, _context: UOWTransaction) -> None:
    for row, action, columns in session.info.pop("written", ()):
        _require(session, session.info.get("actor"), row, action, columns)


def _changed(row: Any) -> frozenset[str]:
    """Names of changed columns, those a changed relation will write included, and of changed link tables."""
    state = inspect(row)
    mapper = state.mapper
    names = {column.key for column in mapper.column_attrs if state.attrs[column.key].history.has_changes()}
    for relation in mapper.relationships:
        if not state.attrs[relation.key].history.has_changes():
            continue
        if relation.secondary is not None:
            names.add(relation.key)
        elif relation.direction is RelationshipDirection.MANYTOONE:
            names.update(mapper.get_property_by_column(column).key for column in relation.local_columns)
    return frozenset(names)


def _require(session: Session, actor: Actor | None, row: Any, action: Action, columns: frozenset[str]) -> None:
    """Raise PolicyError unless the row, as it stands in the database, is covered by a grant."""
    model, identity = type(row), inspect(row).mapper.primary_key_from_instance(row)
    table = _table(model)
    allowed = select(table.c.id).where(table.c.id == identity[0], criterion(actor, model, action, columns))
    if session.connection().execute(allowed).first() is None:
        raise PolicyError(f"{action.name} {model.__name__}")


_unprotected = {mapper.class_ for mapper in Base.registry.mappers} - GRANTS.keys()
if _unprotected:
    raise RuntimeError(f"models without a policy entry: {sorted(model.__name__ for model in _unprotected)}")
