"""The journals a person can open: what they write in, and what they look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app import policy
from app.control.own_lessons import OpenLesson, open_lessons
from app.journal.agenda import teaching
from app.journal.agenda.teaching import TodayLesson
from app.journal.grid.page import is_open_to
from app.models import AcademicYear, Lesson, SchoolClass, StudyGroup, Subject, TeachingAssignment

MANY = 60  # classes


@dataclass(frozen=True)
class Journal:
    """A journal on the list; ``stands_in``: the person is a substitute in some of its lessons only."""

    id: int
    subject: str
    group: str
    school_class: str
    teacher: str
    lessons_today: Sequence[TodayLesson] = ()
    overdue: Sequence[OpenLesson] = ()
    stands_in: bool = False


@dataclass(frozen=True)
class Journals:
    """``own``: those the person writes in, today's lessons first; ``by_class``: those they look at.

    Of more than ``MANY`` classes these are the journals of the chosen one; ``classes`` are then their numbers and
    names, to choose from.
    """

    own: Sequence[Journal]
    by_class: dict[str, list[Journal]]
    classes: Sequence[tuple[int, str]] = ()


def journals(session: Session, actor: policy.Actor, class_id: int | None = None) -> Journals:
    """All journals of this year that the person can open; a constant number of statements."""
    today, overdue = _by_journal(session, actor)
    own: list[Journal] = []
    by_class: defaultdict[str, list[Journal]] = defaultdict(list)
    number = 0
    for assignment, stands_in, number in _assignments(session, actor, class_id):  # noqa: B007  (the last one counts)
        is_own = assignment.teacher_id == actor.user_id
        group = assignment.study_group
        journal = Journal(
            id=assignment.id,
            subject=str(assignment.subject),
            group=str(group),
            school_class=str(group.school_class),
            teacher=assignment.teacher.short_name,
            lessons_today=today.get(assignment.id, ()),
            overdue=overdue.get(assignment.id, ()),
            stands_in=not is_own,
        )
        if is_own or stands_in:
            own.append(journal)
        else:
            by_class[journal.school_class].append(journal)
    own.sort(key=_today_first)
    may_be_many = number > MANY or not (own or by_class)
    return Journals(own, dict(by_class), _classes(session, actor.today) if may_be_many else ())


def _classes(session: Session, today: date) -> list[tuple[int, str]]:
    """The classes of the year; none where they are few."""
    rows = session.execute(
        select(SchoolClass.id, SchoolClass.grade, SchoolClass.letter)
        .join(SchoolClass.academic_year)
        .where(*_lasts(today))
        .order_by(SchoolClass.grade, SchoolClass.letter)
    ).all()
    return [(number, f"{grade}{letter}") for number, grade, letter in rows] if len(rows) > MANY else []


def _lasts(today: date) -> tuple[ColumnElement[bool], ...]:
    return AcademicYear.starts_on <= today, AcademicYear.ends_on >= today


def _today_first(journal: Journal) -> tuple[bool, int]:
    numbers = [lesson.line.number for lesson in journal.lessons_today]
    return not numbers, min(numbers, default=0)


def _assignments(session: Session, actor: policy.Actor, class_id: int | None) -> Sequence[Any]:
    """The journals, each with whether the person is a substitute in some of its lessons and how many classes there are
    this year; of many those of one, and the person's own."""
    today = actor.today
    substituted = select(Lesson.teaching_assignment_id).where(
        Lesson.substitute_id == actor.user_id, ~Lesson.is_cancelled
    )
    stands_in = TeachingAssignment.id.in_(substituted)
    classes = select(func.count(SchoolClass.id)).join(SchoolClass.academic_year).where(*_lasts(today))
    number = classes.correlate(None).scalar_subquery()
    mine = or_(TeachingAssignment.teacher_id == actor.user_id, stands_in)
    return session.execute(
        select(TeachingAssignment, stands_in, number)
        .join(TeachingAssignment.subject)
        .join(TeachingAssignment.study_group)
        .join(StudyGroup.school_class)
        .join(SchoolClass.academic_year)
        .options(
            contains_eager(TeachingAssignment.subject),
            contains_eager(TeachingAssignment.study_group).contains_eager(StudyGroup.school_class),
            joinedload(TeachingAssignment.teacher),
        )
        .where(
            is_open_to(actor),
            *_lasts(today),
            or_(mine, StudyGroup.school_class_id == class_id, number <= MANY),
            or_(TeachingAssignment.ends_on.is_(None), TeachingAssignment.ends_on >= today),
        )
        .order_by(SchoolClass.grade, SchoolClass.letter, Subject.search_name, StudyGroup.name, TeachingAssignment.id)
    ).all()


def _by_journal(
    session: Session, actor: policy.Actor
) -> tuple[dict[int, list[TodayLesson]], dict[int, list[OpenLesson]]]:
    lessons: defaultdict[int, list[TodayLesson]] = defaultdict(list)
    overdue: defaultdict[int, list[OpenLesson]] = defaultdict(list)
    for lesson in teaching.lessons_of_today(session, actor.today):
        lessons[lesson.line.assignment_id].append(lesson)
    for late in open_lessons(session, actor):
        overdue[late.assignment_id].append(late)
    return lessons, overdue
