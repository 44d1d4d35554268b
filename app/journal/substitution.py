"""Substitution: which lessons an absent teacher leaves, who is free for each, and who takes it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.journal import days
from app.journal.calendar import Span
from app.journal.moved import is_moved
from app.models import Lesson, SchoolClass, TeachingAssignment, User
from app.people.placement import lasting
from app.regulation import RegulationError

MOST_DAYS = 62

NOT_STAFF = lazy_gettext("A substitute is somebody of the staff who can sign in. Nothing was saved.")
ABSENT_TWICE = lazy_gettext("Who is absent cannot be the substitute. Nothing was saved.")


@dataclass(frozen=True)
class Candidate:
    """Somebody free for a lesson; ``in_week`` counts the substitutions of the week of the lesson."""

    user: User
    same_subject: bool
    teaches_class: bool
    in_week: int

    @property
    def rank(self) -> tuple[bool, bool, int, str]:
        """The best first: the subject, the class, fewest substitutions."""
        return not self.same_subject, not self.teaches_class, self.in_week, self.user.sort_name


@dataclass
class Done:
    """What became of lessons: ``given`` to a substitute, ``returned`` to the teacher."""

    given: int = 0
    returned: int = 0


def teachers(session: Session, day: date) -> list[User]:
    """Active staff with an assignment that lasts on ``day``, by name."""
    return list(
        session.scalars(
            select(User).where(User.is_staff, User.is_active, User.id.in_(_employed(day))).order_by(User.sort_name)
        )
    )


def _employed(day: date) -> Select[Any]:
    return select(TeachingAssignment.teacher_id).where(lasting(TeachingAssignment, day))


def affected(session: Session, teacher_id: int, span: Span) -> list[Lesson]:
    """Lessons of the teacher in these days: of own assignments, and those they would substitute; in order.

    Own ones that somebody else has already and cancelled ones are among them.
    """
    theirs = or_(TeachingAssignment.teacher_id == teacher_id, Lesson.substitute_id == teacher_id)
    rows = days.named_lessons(theirs, Lesson.date.between(span.first, span.last))
    return [
        lesson
        for lesson in session.scalars(rows.order_by(Lesson.date, Lesson.number, Lesson.id))
        if not is_moved(lesson)
    ]


def candidates(session: Session, lessons: Sequence[Lesson], absent_id: int) -> dict[int, list[Candidate]]:
    """By the id of each lesson, who is free then, the best first.

    Nobody who has a lesson of that number, who is away that day (somebody has taken their lessons), or is absent.
    """
    if not lessons:
        return {}
    held = _held(session, {lesson.date for lesson in lessons})
    teaching = _teaching(session, lessons)
    weeks = _substitutions(session, lessons)
    found: dict[int, list[Candidate]] = {}
    for lesson in lessons:
        assignment = lesson.assignment
        free = [
            Candidate(
                user,
                any(each.subject_id == assignment.subject_id for each in own),
                any(each.study_group.school_class_id == assignment.study_group.school_class_id for each in own),
                weeks[user.id, _monday(lesson.date)],
            )
            for user, own in teaching.values()
            if user.id != absent_id
            and user.id not in held.busy[lesson.date, lesson.number] - {lesson.substitute_id}
            and user.id not in held.away[lesson.date]
            and any(_covers(each, lesson.date) for each in own)
        ]
        found[lesson.id] = sorted(free, key=lambda candidate: candidate.rank)
    return found


def assign(session: Session, lessons: Sequence[Lesson], wanted: Mapping[int, int | None], absent_id: int) -> Done:
    """Give each lesson of ``wanted`` (by id) to a person, or back to its teacher (None). The caller commits.

    Raises RegulationError for the absent person, and by its rules for somebody who is not free.
    """
    done = Done()
    people = {number for number in wanted.values() if number is not None}
    staff = session.scalars(select(User.id).where(User.id.in_(people), User.is_staff, User.is_active))
    if people - set(staff):
        raise RegulationError(NOT_STAFF)
    for lesson in lessons:
        if lesson.id not in wanted:
            continue
        person = wanted[lesson.id]
        if person == absent_id:
            raise RegulationError(ABSENT_TWICE)
        if person == lesson.assignment.teacher_id:
            person = None
        if person != lesson.substitute_id:
            lesson.substitute_id = person
            done.given += person is not None
            done.returned += person is None
    session.flush()
    return done


def take_back(session: Session, lessons: Iterable[Lesson]) -> int:
    """Give substituted lessons back to their teachers; how many. The caller commits."""
    back = [lesson for lesson in lessons if lesson.substitute_id is not None]
    for lesson in back:
        lesson.substitute_id = None
    session.flush()
    return len(back)


def existing(session: Session, span: Span) -> list[Lesson]:
    """Substituted lessons of these days, in order."""
    rows = days.named_lessons(Lesson.substitute_id.is_not(None), Lesson.date.between(span.first, span.last))
    return list(session.scalars(rows.order_by(Lesson.date, Lesson.number, SchoolClass.grade, SchoolClass.letter)))


def day_list(session: Session, day: date) -> list[Lesson]:
    """What is otherwise on a day: substituted, cancelled and moved lessons, by number and class."""
    otherwise = or_(Lesson.substitute_id.is_not(None), Lesson.is_cancelled)
    rows = days.named_lessons(Lesson.date == day, otherwise)
    return list(session.scalars(rows.order_by(Lesson.number, SchoolClass.grade, SchoolClass.letter, Lesson.id)))


@dataclass(frozen=True)
class _Held:
    """Who has a lesson at a day and number, and who is away that day."""

    busy: defaultdict[tuple[date, int], set[int | None]]
    away: defaultdict[date, set[int]]


def _held(session: Session, on: Collection[date]) -> _Held:
    found = _Held(defaultdict(set), defaultdict(set))
    rows = session.execute(
        select(Lesson.date, Lesson.number, Lesson.substitute_id, TeachingAssignment.teacher_id)
        .join(TeachingAssignment, TeachingAssignment.id == Lesson.teaching_assignment_id)
        .where(Lesson.date.in_(on), Lesson.is_cancelled.is_(False))
    )
    for day, number, substitute_id, teacher_id in rows:
        found.busy[day, number].add(substitute_id or teacher_id)
        if substitute_id is not None:
            found.away[day].add(teacher_id)
    return found


def _teaching(session: Session, lessons: Sequence[Lesson]) -> dict[int, tuple[User, list[TeachingAssignment]]]:
    """Active staff with the assignments they hold in these days."""
    first, last = min(lesson.date for lesson in lessons), max(lesson.date for lesson in lessons)
    rows = session.scalars(
        select(TeachingAssignment)
        .join(TeachingAssignment.teacher)
        .where(
            User.is_active,
            User.is_staff,
            TeachingAssignment.starts_on <= last,
            or_(TeachingAssignment.ends_on.is_(None), TeachingAssignment.ends_on >= first),
        )
        .options(joinedload(TeachingAssignment.teacher), joinedload(TeachingAssignment.study_group))
    )
    found: dict[int, tuple[User, list[TeachingAssignment]]] = {}
    for assignment in rows:
        found.setdefault(assignment.teacher_id, (assignment.teacher, []))[1].append(assignment)
    return found


def _covers(assignment: TeachingAssignment, day: date) -> bool:
    return assignment.starts_on <= day and (assignment.ends_on is None or day <= assignment.ends_on)


def _substitutions(session: Session, lessons: Sequence[Lesson]) -> Counter[tuple[int, date]]:
    """How many lessons each person substitutes in each week of ``lessons``."""
    first, last = min(lesson.date for lesson in lessons), max(lesson.date for lesson in lessons)
    rows = session.execute(
        select(Lesson.substitute_id, Lesson.date, func.count())
        .where(
            Lesson.substitute_id.is_not(None),
            Lesson.is_cancelled.is_(False),
            Lesson.date.between(_monday(first), _monday(last) + timedelta(6)),
        )
        .group_by(Lesson.substitute_id, Lesson.date)
    )
    counted = Counter[tuple[int, date]]()
    for substitute_id, day, number in rows:
        if substitute_id is not None:
            counted[substitute_id, _monday(day)] += number
    return counted


def _monday(day: date) -> date:
    return day - timedelta(day.weekday())
