"""Whose guardian a person is, as it is said on a slip and on a list: «Семёнов Пётр, 5А»; of a student: «5А»."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from sqlalchemy import and_, literal, select, union_all
from sqlalchemy.orm import Session

from app.models import Enrollment, Guardianship, SchoolClass, Student
from app.people.placement import lasting


def children_of(session: Session, guardians: Collection[int], today: date) -> dict[int, list[str]]:
    """Name and class of each child of each guardian, without the class where there is none on the day ``today``;
    of a student with own access the class.

    One statement; a guardian without children, or whose children the session's person does not see, has an
    empty list.
    """
    links = union_all(
        select(Guardianship.user_id, Guardianship.student_id, literal(False).label("is_own")).where(
            Guardianship.user_id.in_(guardians)
        ),
        select(Student.user_id, Student.id, literal(True)).where(Student.user_id.in_(guardians)),
    ).subquery()
    rows = session.execute(
        select(links.c.user_id, links.c.is_own, Student, SchoolClass)
        .join(Student, Student.id == links.c.student_id)
        .outerjoin(Enrollment, and_(Enrollment.student_id == Student.id, lasting(Enrollment, today)))
        .outerjoin(SchoolClass, SchoolClass.id == Enrollment.school_class_id)
        .order_by(links.c.is_own, Student.sort_name)
    )
    names: dict[int, list[str]] = defaultdict(list)
    for user_id, is_own, student, school_class in rows:
        name = "" if is_own else f"{student.family_name} {student.given_name}"
        if said := ", ".join(part for part in (name, str(school_class or "")) if part):
            names[user_id].append(said)
    return names
