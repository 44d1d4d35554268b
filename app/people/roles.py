"""What people are at the school, in words: roles follow from the data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from flask_babel import gettext, ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.models import AcademicYear, Guardianship, Lesson, SchoolClass, Student, StudyGroup, TeachingAssignment, User
from app.people.placement import lasting

Words = dict[int, list[str]]
SHOWN = 3  # subjects of the same classes that are named


def roles(session: Session, people: Iterable[User], today: date) -> Words:
    """The roles of each person by id, as far as the session's person sees them; five statements for all."""
    people = list(people)
    ids = [person.id for person in people]
    words: Words = defaultdict(list)
    for person in people:
        if person.is_deputy_director:
            words[person.id].append(gettext("deputy director"))
    _class_teachers(session, ids, today, words)
    _teachers(session, ids, today, words)
    _substitutes(session, ids, today, words)
    for person in people:
        if person.is_staff and not words[person.id]:
            words[person.id].append(gettext("staff"))
    _guardians(session, ids, words)
    for user_id in session.scalars(select(Student.user_id).where(Student.user_id.in_(ids))):
        if user_id is not None:
            words[user_id].append(gettext("student"))
    return words


def _class_teachers(session: Session, ids: list[int], today: date, words: Words) -> None:
    led = (
        select(SchoolClass)
        .join(SchoolClass.academic_year)
        .where(SchoolClass.class_teacher_id.in_(ids), AcademicYear.ends_on >= today)
        .order_by(SchoolClass.grade, SchoolClass.letter)
    )
    for school_class in session.scalars(led):
        if school_class.class_teacher_id is not None:
            words[school_class.class_teacher_id].append(gettext("class teacher of %(name)s", name=str(school_class)))


def _teachers(session: Session, ids: list[int], today: date, words: Words) -> None:
    held = (
        select(TeachingAssignment)
        .where(TeachingAssignment.teacher_id.in_(ids), lasting(TeachingAssignment, today))
        .options(
            joinedload(TeachingAssignment.subject),
            joinedload(TeachingAssignment.study_group).joinedload(StudyGroup.school_class),
        )
    )
    taught: dict[tuple[int, str], set[tuple[int, str]]] = defaultdict(set)
    for assignment in session.scalars(held):
        school_class = assignment.study_group.school_class
        taught[assignment.teacher_id, str(assignment.subject)].add((school_class.grade, str(school_class)))
    together: dict[tuple[int, str], list[str]] = defaultdict(list)
    for (teacher_id, subject), classes in sorted(taught.items()):
        together[teacher_id, ", ".join(name for _grade, name in sorted(classes))].append(subject)
    for (teacher_id, listed), subjects in together.items():
        words[teacher_id].append(gettext("teacher: %(subject)s (%(classes)s)", subject=_few(subjects), classes=listed))


def _few(subjects: list[str]) -> str:
    """A primary teacher teaches a class nearly everything."""
    more = len(subjects) - SHOWN
    if more < 2:
        return ", ".join(subjects)
    rest = ngettext("and %(num)d more subject", "and %(num)d more subjects", more)
    return f"{', '.join(subjects[:SHOWN])} {rest}"


def _substitutes(session: Session, ids: list[int], today: date, words: Words) -> None:
    coming = (
        select(Lesson.substitute_id, func.count())
        .where(Lesson.substitute_id.in_(ids), Lesson.date >= today, Lesson.is_cancelled.is_(False))
        .group_by(Lesson.substitute_id)
    )
    for user_id, number in session.execute(coming):
        if user_id is not None:
            said = ngettext("substitute in %(num)d lesson to come", "substitute in %(num)d lessons to come", number)
            words[user_id].append(said)


def _guardians(session: Session, ids: list[int], words: Words) -> None:
    of = select(Guardianship).where(Guardianship.user_id.in_(ids)).options(joinedload(Guardianship.student))
    children: dict[int, list[str]] = defaultdict(list)
    for guardianship in session.scalars(of):
        children[guardianship.user_id].append(f"{guardianship.student.family_name} {guardianship.student.given_name}")
    for user_id, names in children.items():
        words[user_id].append(gettext("parent of %(names)s", names=", ".join(sorted(names))))
