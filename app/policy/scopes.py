"""Which rows belong to a person: the SQL criteria that the policy's table is written in.

They are subqueries over Core tables, so that they are not narrowed by themselves, and take every
value as a bound parameter, so that one person's statement is never answered with another's rows.

Where rows are a person's for one reason or another, ids are put together by UNION ALL instead of OR: PostgreSQL uses
no index for an OR of a column and a subquery, and goes through every lesson of the school.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    Table,
    and_,
    exists,
    false,
    func,
    or_,
    select,
    true,
    union_all,
)

from app import models
from app.extensions import Base
from app.policy.actor import Actor


def table_of(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101  # nosec B101 # for mypy
    return table


def _inner(model: type[Base]) -> FromClause:
    """The table under a name of its own, so that it is never mixed up with the statement around it."""
    return table_of(model).alias(f"{model.__tablename__}_of_policy")


user, student, school_class = _inner(models.User), _inner(models.Student), _inner(models.SchoolClass)
guardianship, enrollment = _inner(models.Guardianship), _inner(models.Enrollment)
study_group, member = _inner(models.StudyGroup), _inner(models.StudyGroupMember)
assignment, lesson, work = _inner(models.TeachingAssignment), _inner(models.Lesson), _inner(models.Work)
mark = _inner(models.Mark)
news_class, thread, thread_member = _inner(models.NewsItemClass), _inner(models.Thread), _inner(models.ThreadMember)
message, report, note = _inner(models.Message), _inner(models.ThreadReport), _inner(models.AbsenceNote)
support_request = _inner(models.SupportRequest)

Ids = Select[tuple[int]] | CompoundSelect[tuple[int]]


def apart(ids: Callable[[Actor], Ids]) -> Callable[[Actor], Any]:
    """Keep a subquery as it is when SQLAlchemy adapts the criterion around it to an alias of its table."""

    @wraps(ids)
    def kept(actor: Actor) -> Any:
        return ids(actor)._annotate({"no_replacement_traverse": True})

    return kept


def lasting(table: FromClause, actor: Actor) -> ColumnElement[bool]:
    return and_(table.c.starts_on <= actor.today, or_(table.c.ends_on.is_(None), table.c.ends_on >= actor.today))


def is_so(fact: bool) -> ColumnElement[bool]:
    return true() if fact else false()


def all_rows(_actor: Actor, _row: Any) -> ColumnElement[bool]:
    """Every row of the table."""
    return true()


@apart
def led_classes(actor: Actor) -> Ids:
    """Classes the person leads."""
    return select(school_class.c.id).where(school_class.c.class_teacher_id == actor.user_id)


@apart
def led_students(actor: Actor) -> Ids:
    """Students who are today, or will be, in a class the person leads."""
    return select(enrollment.c.student_id).where(
        enrollment.c.school_class_id.in_(led_classes(actor)),
        or_(enrollment.c.ends_on.is_(None), enrollment.c.ends_on >= actor.today),
    )


@apart
def class_students(actor: Actor) -> Ids:
    """Students who are or were in a class the person leads: who left stands in its journals."""
    return select(enrollment.c.student_id).where(enrollment.c.school_class_id.in_(led_classes(actor)))


@apart
def led_groups(actor: Actor) -> Ids:
    """Groups of the classes the person leads."""
    return select(study_group.c.id).where(study_group.c.school_class_id.in_(led_classes(actor)))


@apart
def wards(actor: Actor) -> Ids:
    """Students the person is a guardian of."""
    return select(guardianship.c.student_id).where(guardianship.c.user_id == actor.user_id)


@apart
def itself(actor: Actor) -> Ids:
    """The student that the person is."""
    return select(student.c.id).where(student.c.user_id == actor.user_id)


@apart
def children(actor: Actor) -> Ids:
    """Students whose diary the person reads: those they are a guardian of, and the student they are."""
    return union_all(
        select(guardianship.c.student_id).where(guardianship.c.user_id == actor.user_id),
        select(student.c.id).where(student.c.user_id == actor.user_id),
    )


@apart
def own_assignments(actor: Actor) -> Ids:
    """Assignments the person holds today."""
    return select(assignment.c.id).where(assignment.c.teacher_id == actor.user_id, lasting(assignment, actor))


@apart
def substituted(actor: Actor) -> Ids:
    """Assignments in a lesson of which the person is the substitute."""
    return select(lesson.c.teaching_assignment_id).where(lesson.c.substitute_id == actor.user_id)


@apart
def taught_groups(actor: Actor) -> Ids:
    """Groups the person teaches today, or substitutes in."""
    mine = union_all(own_assignments(actor), substituted(actor))
    return select(assignment.c.study_group_id).where(assignment.c.id.in_(mine))


def written(actor: Actor, row: Any) -> ColumnElement[bool]:
    """Lessons the person writes in: substituted, or of an own assignment and not given to a substitute."""
    mine = and_(row.teaching_assignment_id.in_(own_assignments(actor)), _own(row))
    return or_(row.substitute_id == actor.user_id, mine)


def _own(row: Any) -> ColumnElement[bool]:
    """Lessons that are not given to a substitute."""
    # Not IS NULL: most lessons have no substitute, and SQLite would go through all of them by that index.
    return func.coalesce(row.substitute_id, 0) == 0


def taught(actor: Actor, row: Any) -> ColumnElement[bool]:
    """Lessons the person sees as a teacher: substituted, and all of own assignments."""
    return or_(row.substitute_id == actor.user_id, row.teaching_assignment_id.in_(own_assignments(actor)))


@apart
def written_lessons(actor: Actor) -> Ids:
    """Numbers of the lessons the person writes in."""
    return _lessons(actor, _own(lesson.c))


@apart
def taught_lessons(actor: Actor) -> Ids:
    """Numbers of the lessons the person sees as a teacher."""
    return _lessons(actor)


def _lessons(actor: Actor, *of_own: ColumnElement[bool]) -> Ids:
    """Numbers of the lessons given to the person, and of those of own assignments that fit."""
    return union_all(
        select(lesson.c.id).where(lesson.c.substitute_id == actor.user_id),
        select(lesson.c.id).where(lesson.c.teaching_assignment_id.in_(own_assignments(actor)), *of_own),
    )


@apart
def taught_students(actor: Actor) -> Ids:
    """Students who are or were in the groups the person teaches today, or substitutes in."""
    groups = taught_groups(actor)
    whole = select(study_group.c.school_class_id).where(study_group.c.id.in_(groups), study_group.c.is_whole_class)
    enrolled = select(enrollment.c.student_id).where(enrollment.c.school_class_id.in_(whole))
    members = select(member.c.student_id).where(member.c.study_group_id.in_(groups))
    return union_all(enrolled, members)


@apart
def taught_subjects(actor: Actor) -> Ids:
    """Subjects the person teaches today."""
    return select(assignment.c.subject_id).where(assignment.c.id.in_(own_assignments(actor)))


@apart
def taught_classes(actor: Actor) -> Ids:
    """Classes of the groups the person teaches today, or substitutes in."""
    return select(study_group.c.school_class_id).where(study_group.c.id.in_(taught_groups(actor)))


def _assignments_of(classes: Ids) -> Ids:
    groups = select(study_group.c.id).where(study_group.c.school_class_id.in_(classes))
    return select(assignment.c.id).where(assignment.c.study_group_id.in_(groups))


@apart
def led_lessons(actor: Actor) -> Ids:
    """Lessons of the classes the person leads."""
    return select(lesson.c.id).where(lesson.c.teaching_assignment_id.in_(_assignments_of(led_classes(actor))))


@apart
def child_assignments(actor: Actor) -> Ids:
    """Assignments of the classes of the person's children."""
    return _assignments_of(child_classes(actor))


@apart
def child_lessons(actor: Actor) -> Ids:
    """Lessons of the classes of the person's children."""
    return select(lesson.c.id).where(lesson.c.teaching_assignment_id.in_(child_assignments(actor)))


@apart
def child_classes(actor: Actor) -> Ids:
    """Classes the person's children are or were in."""
    return select(enrollment.c.school_class_id).where(enrollment.c.student_id.in_(children(actor)))


@apart
def near_classes(actor: Actor) -> Ids:
    """Classes the person leads or has a child in."""
    return union_all(led_classes(actor), child_classes(actor))


@apart
def near_assignments(actor: Actor) -> Ids:
    """Assignments held, substituted in, or of a class the person leads or has a child in."""
    return union_all(own_assignments(actor), substituted(actor), _assignments_of(near_classes(actor)))


@apart
def written_works(actor: Actor) -> Ids:
    """Works of the lessons the person writes in."""
    return select(work.c.id).where(work.c.lesson_id.in_(written_lessons(actor)))


@apart
def taught_works(actor: Actor) -> Ids:
    """Works of the lessons the person sees as a teacher."""
    return select(work.c.id).where(work.c.lesson_id.in_(taught_lessons(actor)))


@apart
def led_works(actor: Actor) -> Ids:
    """Works of the lessons of the classes the person leads."""
    return select(work.c.id).where(work.c.lesson_id.in_(led_lessons(actor)))


@apart
def led_assignments(actor: Actor) -> Ids:
    """Assignments of the classes the person leads."""
    return _assignments_of(led_classes(actor))


def marks_of(works: Callable[[Actor], Ids]) -> Callable[[Actor], Any]:
    """Marks of the works that ``works`` gives."""
    return apart(lambda actor: select(mark.c.id).where(mark.c.work_id.in_(works(actor))))


@apart
def whole_journals(actor: Actor) -> Ids:
    """Assignments every lesson of which the person sees: own, of a near class, all for a deputy director."""
    return _journals(actor, near_classes)


@apart
def kept_journals(actor: Actor) -> Ids:
    """Assignments whose journal the person keeps or answers for: own, of a class they lead, all for a deputy."""
    return _journals(actor, led_classes)


def _journals(actor: Actor, classes: Callable[[Actor], Ids]) -> Ids:
    every = select(assignment.c.id)
    return every if actor.is_deputy_director else union_all(own_assignments(actor), _assignments_of(classes(actor)))


@apart
def for_class(actor: Actor) -> Ids:
    """News for chosen classes, one of which is near to the person."""
    return select(news_class.c.news_item_id).where(news_class.c.school_class_id.in_(near_classes(actor)))


def addressed_news(actor: Actor, row: Any) -> ColumnElement[bool]:
    """Published news for all, for staff, for guardians, or for a near class."""
    audience = row.audience
    return and_(
        row.published_at <= actor.now,
        or_(
            audience == models.communication.Audience.ALL,
            and_(audience == models.communication.Audience.STAFF, is_so(actor.is_staff)),
            and_(audience == models.communication.Audience.GUARDIANS, is_so(actor.is_guardian)),
            and_(audience == models.communication.Audience.CLASSES, row.id.in_(for_class(actor))),
        ),
    )


@apart
def led_people(actor: Actor) -> Ids:
    """Whose access the person gives: guardians of students of a class they lead, and those students; never staff,
    whose access is the deputy's."""
    outside = and_(user.c.is_staff.is_(False), user.c.is_deputy_director.is_(False))
    guardians = select(guardianship.c.user_id).where(guardianship.c.student_id.in_(led_students(actor)))
    students = select(student.c.user_id).where(student.c.id.in_(led_students(actor)), student.c.user_id.is_not(None))
    # Not put together: it stands deep inside of others, and SQLite parses only so many in each other.
    return select(user.c.id).where(outside, or_(user.c.id.in_(guardians), user.c.id.in_(students)))


def enrolled_nowhere_else(row: Any) -> ColumnElement[bool]:
    """The enrolment is the student's only one: nobody takes a student out of another class."""
    other = _inner(models.Enrollment)
    return ~exists().where(other.c.student_id == row.student_id, other.c.id != row.id)


def excused(actor: Actor, row: Any) -> ColumnElement[bool]:
    """Days that do not count for the person: of the whole school, of a class they lead or teach, or their own."""
    classes = row.school_class_id.in_(led_classes(actor)) | row.school_class_id.in_(taught_classes(actor))
    of_all = and_(row.teacher_id.is_(None), row.school_class_id.is_(None))
    return or_(of_all, classes, row.teacher_id == actor.user_id)


@apart
def asked_support(actor: Actor) -> Ids:
    """Problems the person has reported."""
    return select(support_request.c.id).where(support_request.c.author_id == actor.user_id)
