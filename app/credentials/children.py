"""Whose guardian a person is, as it is said on a slip and on a list: «Семёнов Пётр, 5А»; of a student: «5А»."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.models import Enrollment, Guardianship, SchoolClass, Student


def children_of(session: Session, guardians: Collection[int], today: date) -> dict[int, list[str]]:
    """Name and class of each child of each guardian, without the class where there is none on the day ``today``;
    of a student with own access the class.

    Three statements; a guardian without children, or whose children the session's person does not see, has an
    empty list.
    """
    lasting = (Enrollment.starts_on <= today, or_(Enrollment.ends_on.is_(None), Enrollment.ends_on >= today))
    of_guardian = select(Guardianship.user_id, Student).join(Student).where(Guardianship.user_id.in_(guardians))
    pairs = session.execute(of_guardian.order_by(Student.sort_name)).all()
    own = session.execute(select(Student.user_id, Student.id).where(Student.user_id.in_(guardians))).all()
    students = {student.id for _guardian, student in pairs} | {number for _user, number in own}
    in_class = select(Enrollment.student_id, SchoolClass).join(SchoolClass).where(Enrollment.student_id.in_(students))
    classes = {student_id: str(group) for student_id, group in session.execute(in_class.where(*lasting))}
    names: dict[int, list[str]] = defaultdict(list)
    for guardian, student in pairs:
        short = f"{student.family_name} {student.given_name}"
        names[guardian].append(", ".join(part for part in (short, classes.get(student.id, "")) if part))
    for user_id, number in own:
        if user_id is not None and number in classes:
            names[user_id].append(classes[number])
    return names
