"""What people are at the school, in words: roles follow from the data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext, ngettext
from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from app.models import (
    AcademicYear,
    Guardianship,
    Lesson,
    SchoolClass,
    Student,
    StudyGroup,
    Subject,
    TeachingAssignment,
    User,
)
from app.people.placement import lasting

Words = dict[int, list[str]]
Told = tuple[int, str, str]
"""Of a class its grade and letter, with the subject; of a child both names; a number of lessons."""
SHOWN = 3  # subjects of the same classes that are named
LEADS, TEACHES, STANDS_IN, CHILD, ITSELF = "leads", "teaches", "stands in", "child", "itself"


def roles(session: Session, people: Iterable[User], today: date) -> Words:
    """The roles of each person by id, as far as the session's person sees them; one statement for all."""
    people = list(people)
    found: dict[tuple[str, int], list[Told]] = defaultdict(list)
    for kind, user_id, *told in session.execute(union_all(*_asked([person.id for person in people], today))):
        found[kind, user_id].append((told[0], told[1], told[2]))
    words: Words = {}
    for person in people:
        led, taught, lessons, children, own = (
            sorted(found[kind, person.id]) for kind in (LEADS, TEACHES, STANDS_IN, CHILD, ITSELF)
        )
        at_work = [gettext("deputy director")] if person.is_deputy_director else []
        at_work += [gettext("class teacher of %(name)s", name=f"{grade}{letter}") for grade, letter, _ in led]
        at_work += _teacher(taught)
        at_work += [
            ngettext("substitute in %(num)d lesson to come", "substitute in %(num)d lessons to come", number)
            for number, *_ in lessons
        ]
        if person.is_staff and not at_work:
            at_work = [gettext("staff")]
        names = ", ".join(f"{family} {given}" for _, family, given in children)
        at_home = [gettext("parent of %(names)s", names=names)] if names else []
        words[person.id] = at_work + at_home + ([gettext("student")] if own else [])
    return words


def _asked(ids: Sequence[int], today: date) -> list[Select[Any]]:
    """What each role follows from: its kind, the person, and what is told of it."""
    nothing = literal(0), literal(""), literal("")
    of_class = SchoolClass.grade, SchoolClass.letter
    led = select(literal(LEADS), SchoolClass.class_teacher_id, *of_class, literal("")).join(SchoolClass.academic_year)
    held = (
        select(literal(TEACHES), TeachingAssignment.teacher_id, *of_class, Subject.name)
        .join(TeachingAssignment.subject)
        .join(TeachingAssignment.study_group)
        .join(StudyGroup.school_class)
    )
    lessons = select(literal(STANDS_IN), Lesson.substitute_id, func.count(), *nothing[1:])
    child = select(literal(CHILD), Guardianship.user_id, nothing[0], Student.family_name, Student.given_name)
    return [
        led.where(SchoolClass.class_teacher_id.in_(ids), AcademicYear.ends_on >= today),
        held.where(TeachingAssignment.teacher_id.in_(ids), lasting(TeachingAssignment, today)),
        lessons.where(Lesson.substitute_id.in_(ids), Lesson.date >= today, Lesson.is_cancelled.is_(False)).group_by(
            Lesson.substitute_id
        ),
        child.join(Guardianship.student).where(Guardianship.user_id.in_(ids)),
        select(literal(ITSELF), Student.user_id, *nothing).where(Student.user_id.in_(ids)),
    ]


def _teacher(taught: Iterable[Told]) -> list[str]:
    """Subjects, with the classes in which they are taught; those of the same classes together."""
    classes: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for grade, letter, subject in taught:
        classes[subject].add((grade, f"{grade}{letter}"))
    together: dict[str, list[str]] = defaultdict(list)
    for subject in sorted(classes):
        together[", ".join(name for _grade, name in sorted(classes[subject]))].append(subject)
    return [
        gettext("teacher: %(subject)s (%(classes)s)", subject=_few(subjects), classes=listed)
        for listed, subjects in together.items()
    ]


def _few(subjects: list[str]) -> str:
    """A primary teacher teaches a class nearly everything."""
    more = len(subjects) - SHOWN
    if more < 2:
        return ", ".join(subjects)
    rest = ngettext("and %(num)d more subject", "and %(num)d more subjects", more)
    return f"{', '.join(subjects[:SHOWN])} {rest}"
