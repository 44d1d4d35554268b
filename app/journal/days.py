"""Days and lessons that are held otherwise than the timetable says: cancelled, brought back, moved."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from app import policy
from app.journal import contents, plan
from app.journal.calendar import LessonKey, Span, calendar_of, timetabled
from app.journal.moved import is_moved, moved_to
from app.models import Lesson, SchoolClass, StudyGroup, TeachingAssignment
from app.regulation import RegulationError
from app.requests import notes

NO_REASON = lazy_gettext("Write why the lessons are cancelled: parents and teachers read it. Nothing was saved.")
NO_SCHOOL = lazy_gettext(
    "That day is in no term of the class, or in a holiday: lessons there would count for no final mark. Choose another "
    "day. Nothing was saved."
)
SAME_DAY = lazy_gettext("The lessons are on that day already. Nothing was saved.")


@dataclass
class Done:
    """What became of lessons: how many were ``changed``; ``held`` ones have marks or absences and stay as they are."""

    changed: int = 0
    held: list[Lesson] = field(default_factory=list)
    assignment_ids: set[int] = field(default_factory=set)


def lessons_on(session: Session, day: date, class_ids: Collection[int]) -> list[Lesson]:
    """Lessons of classes on a day, cancelled ones too, in the order of the classes."""
    return _by_class(session, Lesson.date == day, StudyGroup.school_class_id.in_(class_ids))


def lessons_by(session: Session, ids: Collection[int]) -> list[Lesson]:
    """The lessons of ``ids`` that the person sees, likewise."""
    return _by_class(session, Lesson.id.in_(ids))


def _by_class(session: Session, *where: Any) -> list[Lesson]:
    classes = (SchoolClass.grade, SchoolClass.letter, SchoolClass.id)
    return list(session.scalars(named_lessons(*where).order_by(*classes, Lesson.date, Lesson.number, Lesson.id)))


def named_lessons(*where: Any) -> Select[Any]:
    """Lessons with everything that a line about them says, joined up to their class."""
    return (
        select(Lesson)
        .join(Lesson.assignment)
        .join(TeachingAssignment.study_group)
        .join(StudyGroup.school_class)
        .where(*where)
        .options(
            joinedload(Lesson.assignment).joinedload(TeachingAssignment.subject),
            joinedload(Lesson.assignment).joinedload(TeachingAssignment.teacher),
            joinedload(Lesson.assignment)
            .joinedload(TeachingAssignment.study_group)
            .joinedload(StudyGroup.school_class)
            .joinedload(SchoolClass.academic_year),
            joinedload(Lesson.substitute),
        )
    )


def cancel(session: Session, lessons: Sequence[Lesson], reason: str) -> Done:
    """Cancel lessons that are not yet; raises RegulationError without a reason. The caller commits."""
    if not reason.strip():
        raise RegulationError(NO_REASON)
    standing = [lesson for lesson in lessons if not lesson.is_cancelled]
    done = _without_held(session, standing)
    for lesson in _changeable(standing, done):
        lesson.is_cancelled, lesson.cancel_reason = True, reason.strip()
    session.flush()
    return done


def bring_back(session: Session, lessons: Sequence[Lesson]) -> Done:
    """Hold cancelled lessons after all; those that were moved are held on their new day and stay."""
    back = [lesson for lesson in lessons if lesson.is_cancelled and not is_moved(lesson)]
    for lesson in back:
        lesson.is_cancelled, lesson.cancel_reason = False, ""
    session.flush()
    return Done(len(back), [], {lesson.teaching_assignment_id for lesson in back})


def move(session: Session, lessons: Sequence[Lesson], day: date, number: int | None = None) -> Done:
    """Move lessons to ``day``, to the lesson of ``number`` or the one they have; cancelled ones are left.

    Where the timetable would give a lesson again, a cancelled one stays behind that says where it went. Raises
    RegulationError when the day has no school or somebody would be in two places. The caller commits.
    """
    standing = [lesson for lesson in lessons if not lesson.is_cancelled]
    coming = {lesson.id: (lesson.teaching_assignment_id, day, lesson.number if number is None else number)
              for lesson in standing}  # fmt: skip
    if any(_key(lesson) == coming[lesson.id] for lesson in standing):
        raise RegulationError(SAME_DAY)
    _check_school_day(session, standing, day)
    done = _without_held(session, standing)
    moving = _changeable(standing, done)
    left = _timetabled_keys(session, moving)
    places = [(lesson, _key(lesson)) for lesson in moving]
    _clear(session, {coming[lesson.id] for lesson in moving})
    for lesson in moving:
        _assignment, lesson.date, lesson.number = coming[lesson.id]
    session.flush()
    for lesson, (assignment_id, was, of_number) in places:
        if (assignment_id, was, of_number) in left:
            session.add(
                Lesson(
                    teaching_assignment_id=assignment_id, date=was, number=of_number, room=lesson.room,
                    is_cancelled=True, cancel_reason=moved_to(day),
                )
            )  # fmt: skip
    session.flush()
    return done


def after_change(assignment_ids: Collection[int], today: date) -> None:
    """Lesson plans and confirmed notes of absence follow when lessons were cancelled, brought back, moved or made; to
    be called after the commit.

    Whoever may move a lesson may not write its topic, nor absences: the system does both.
    """
    with policy.system() as session:
        notes.follow(session, assignment_ids, today)
        plan.shift(session, set(assignment_ids), today)
        session.commit()


def _without_held(session: Session, lessons: Sequence[Lesson]) -> Done:
    held = contents.held(session, lessons)
    changing = [lesson for lesson in lessons if lesson.id not in held]
    return Done(
        len(changing),
        [lesson for lesson in lessons if lesson.id in held],
        {lesson.teaching_assignment_id for lesson in changing},
    )


def _changeable(lessons: Sequence[Lesson], done: Done) -> list[Lesson]:
    return [lesson for lesson in lessons if lesson not in done.held]


def _key(lesson: Lesson) -> LessonKey:
    return lesson.teaching_assignment_id, lesson.date, lesson.number


def _class_of(lesson: Lesson) -> SchoolClass:
    return lesson.assignment.study_group.school_class


def _check_school_day(session: Session, lessons: Sequence[Lesson], day: date) -> None:
    classes = {_class_of(lesson).id: _class_of(lesson) for lesson in lessons}
    for school_class in classes.values():
        holidays, terms = calendar_of(session, school_class.academic_year)
        if not any(day in term for term in terms[school_class.term_kind]) or any(day in each for each in holidays):
            raise RegulationError(NO_SCHOOL)


def _timetabled_keys(session: Session, lessons: Sequence[Lesson]) -> set[LessonKey]:
    """Which of the lessons the timetable gives."""
    keys: set[LessonKey] = set()
    for day, of_day in groupby(sorted(lessons, key=lambda lesson: lesson.date), key=lambda lesson: lesson.date):
        classes = {_class_of(lesson).id: _class_of(lesson) for lesson in of_day}
        years = {school_class.academic_year_id: school_class.academic_year for school_class in classes.values()}
        for year in years.values():
            keys |= {lesson.key for lesson in timetabled(session, year, Span(day, day), classes)}
    return keys


def _clear(session: Session, places: Collection[LessonKey]) -> None:
    """Take away the lessons that stayed behind where others now come (back)."""
    if not places:
        return
    ids, days = {place[0] for place in places}, {place[1] for place in places}
    there = session.scalars(select(Lesson).where(Lesson.teaching_assignment_id.in_(ids), Lesson.date.in_(days)))
    for lesson in list(there):
        if _key(lesson) in places and is_moved(lesson) and lesson.id not in contents.written_in(session, [lesson]):
            session.delete(lesson)
    session.flush()
