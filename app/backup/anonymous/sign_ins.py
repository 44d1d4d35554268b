"""One person of each role who signs in to an anonymous copy with a word of the demo."""

from __future__ import annotations

from sqlalchemy import Connection, Select, and_, func, or_, select

from app.demo.sign_ins import CLASS_TEACHER, DEPUTY, GUARDIAN, STUDENT, TEACHER
from app.models import AcademicYear, Guardianship, SchoolClass, Student, TeachingAssignment, User
from app.policy.scopes import table_of

USER, CLASS, YEAR = table_of(User), table_of(SchoolClass), table_of(AcademicYear)
ASSIGNMENT, GUARDED, CHILD = table_of(TeachingAssignment), table_of(Guardianship), table_of(Student)


def chosen(connection: Connection) -> dict[int, str]:
    """Who signs in with which word, as far as the school has somebody of the role: by the id of the user."""
    found: dict[int, str] = {}
    for word, people in _people().items():
        number = connection.scalars(people.where(USER.c.is_active, USER.c.id.not_in(list(found))).limit(1)).first()
        if number is not None:
            found[number] = word
    return found


def _people() -> dict[str, Select[int]]:
    """Those of each role, the best example first."""
    last = select(YEAR.c.id).order_by(YEAR.c.starts_on.desc()).limit(1).scalar_subquery()
    leads = USER.c.id.in_(select(CLASS.c.class_teacher_id).where(CLASS.c.academic_year_id == last))
    teaches = USER.c.id.in_(select(ASSIGNMENT.c.teacher_id).where(ASSIGNMENT.c.ends_on.is_(None)))
    taught = USER.c.id.in_(select(ASSIGNMENT.c.teacher_id))
    children = select(func.count()).where(GUARDED.c.user_id == USER.c.id).scalar_subquery()
    everybody = select(USER.c.id)
    return {
        DEPUTY: everybody.where(USER.c.is_deputy_director).order_by(USER.c.id),
        CLASS_TEACHER: everybody.where(leads).order_by(or_(teaches, taught).desc(), USER.c.id),
        TEACHER: everybody.where(taught, ~leads, ~USER.c.is_deputy_director).order_by(teaches.desc(), USER.c.id),
        GUARDIAN: everybody.where(children > 0, ~USER.c.is_staff).order_by(children.desc(), USER.c.id),
        STUDENT: everybody.where(and_(USER.c.id.in_(select(CHILD.c.user_id)))).order_by(USER.c.id),
    }
