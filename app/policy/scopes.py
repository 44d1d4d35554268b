"""Which rows belong to a person: the SQL criteria that the policy's table is written in.

They are built from Core tables, so that they are not narrowed by themselves, and take every value
as a bound parameter, so that one person's statement is never answered with another's rows.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, Table, and_, exists, false, or_, select, true
from sqlalchemy.sql.selectable import ScalarSelect

from app import models
from app.extensions import Base
from app.policy.actor import Actor


def table_of(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101
    return table


user, student, school_class = table_of(models.User), table_of(models.Student), table_of(models.SchoolClass)
account, details, user_session = table_of(models.Account), table_of(models.StudentDetails), table_of(models.UserSession)
guardianship, enrollment = table_of(models.Guardianship), table_of(models.Enrollment)
study_group, member = table_of(models.StudyGroup), table_of(models.StudyGroupMember)
assignment, lesson, work = table_of(models.TeachingAssignment), table_of(models.Lesson), table_of(models.Work)
mark, attendance, final_mark = table_of(models.Mark), table_of(models.Attendance), table_of(models.FinalMark)
term, news, news_class = table_of(models.Term), table_of(models.NewsItem), table_of(models.NewsItemClass)
slot, thread, thread_member = table_of(models.TimetableSlot), table_of(models.Thread), table_of(models.ThreadMember)
message, support = table_of(models.Message), table_of(models.SupportRequest)
credential, delivery = table_of(models.Credential), table_of(models.Delivery)
sign_in, audit = table_of(models.SignIn), table_of(models.AuditRecord)

Ids = Select[tuple[int]]


def _lasting(table: Table, actor: Actor) -> ColumnElement[bool]:
    return and_(table.c.starts_on <= actor.today, or_(table.c.ends_on.is_(None), table.c.ends_on >= actor.today))


def _is(fact: bool) -> ColumnElement[bool]:
    return true() if fact else false()


def all_rows(_actor: Actor) -> ColumnElement[bool]:
    """Every row of the table."""
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


def substituted(actor: Actor) -> Ids:
    """Assignments in a lesson of which the person is the substitute."""
    return select(lesson.c.teaching_assignment_id).where(lesson.c.substitute_id == actor.user_id)


def taught_groups(actor: Actor) -> Ids:
    """Groups the person teaches today, or substitutes in."""
    return select(assignment.c.study_group_id).where(
        or_(assignment.c.id.in_(own_assignments(actor)), assignment.c.id.in_(substituted(actor)))
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


def taught_students(actor: Actor) -> ColumnElement[bool]:
    """Students of the groups the person teaches today, or substitutes in."""
    groups = taught_groups(actor)
    whole = select(study_group.c.school_class_id).where(study_group.c.id.in_(groups), study_group.c.is_whole_class)
    enrolled = select(enrollment.c.student_id).where(
        enrollment.c.school_class_id.in_(whole), _lasting(enrollment, actor)
    )
    members = select(member.c.student_id).where(member.c.study_group_id.in_(groups), _lasting(member, actor))
    return or_(student.c.id.in_(enrolled), student.c.id.in_(members))


def taught_classes(actor: Actor) -> Ids:
    """Classes of the groups the person teaches today, or substitutes in."""
    return select(study_group.c.school_class_id).where(study_group.c.id.in_(taught_groups(actor)))


def class_assignments(classes: Ids) -> Ids:
    """Assignments of the groups of ``classes``."""
    groups = select(study_group.c.id).where(study_group.c.school_class_id.in_(classes))
    return select(assignment.c.id).where(assignment.c.study_group_id.in_(groups))


def lessons_of(assignments: Ids) -> Ids:
    """Lessons of ``assignments``."""
    return select(lesson.c.id).where(lesson.c.teaching_assignment_id.in_(assignments))


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
    return select(assignment.c.id).where(
        or_(
            assignment.c.id.in_(own_assignments(actor)),
            assignment.c.id.in_(substituted(actor)),
            assignment.c.id.in_(class_assignments(near_classes(actor))),
        )
    )


def near_students(actor: Actor) -> Ids:
    """Students of a class the person leads, and the person's children."""
    return select(student.c.id).where(or_(student.c.id.in_(led_students(actor)), student.c.id.in_(children(actor))))


def _work_lesson() -> ScalarSelect[int]:
    return select(work.c.lesson_id).where(work.c.id == mark.c.work_id).scalar_subquery()


def written_marks(actor: Actor) -> ColumnElement[bool]:
    """Marks in lessons the person writes in."""
    return _work_lesson().in_(written_lessons(actor))


def seen_marks(actor: Actor) -> ColumnElement[bool]:
    """Marks of near students and of taught lessons."""
    return or_(mark.c.student_id.in_(near_students(actor)), _work_lesson().in_(taught_lessons(actor)))


def addressed_news(actor: Actor) -> ColumnElement[bool]:
    """Published news for all, for staff, for guardians, or for a near class."""
    for_class = select(news_class.c.news_item_id).where(news_class.c.school_class_id.in_(near_classes(actor)))
    audience = news.c.audience
    return and_(
        news.c.published_at <= actor.now,
        or_(
            audience == models.communication.Audience.ALL,
            and_(audience == models.communication.Audience.STAFF, _is(actor.is_staff)),
            and_(audience == models.communication.Audience.GUARDIANS, _is(actor.is_guardian)),
            and_(audience == models.communication.Audience.CLASSES, news.c.id.in_(for_class)),
        ),
    )


def own_threads(actor: Actor) -> Ids:
    """Threads the person is in; for a deputy director also those to the administration."""
    inside = select(thread_member.c.thread_id).where(thread_member.c.user_id == actor.user_id)
    to_administration = and_(thread.c.is_to_administration, _is(actor.is_deputy_director))
    return select(thread.c.id).where(or_(thread.c.id.in_(inside), to_administration))


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


def enrolled_nowhere_else() -> ColumnElement[bool]:
    """The enrolment is the student's only one: nobody takes a student out of another class."""
    other = enrollment.alias()
    return ~exists().where(other.c.student_id == enrollment.c.student_id, other.c.id != enrollment.c.id)
