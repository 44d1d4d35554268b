"""What is written in a lesson: such a lesson is neither taken away nor moved by a change of the timetable."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.models import Attendance, HomeworkFile, Lesson, Mark, StudentHomework, Work


def held(session: Session, lessons: Collection[Lesson]) -> set[int]:
    """Ids of the lessons that have marks or absences: they were held, whatever the timetable says."""
    marked = exists().where(Mark.work_id == Work.id)
    return _with(session, lessons, Attendance) | _with(session, lessons, Work, marked)


def written_in(session: Session, lessons: Collection[Lesson]) -> set[int]:
    """Ids of the lessons that somebody wrote in: topic by hand, homework, works, absences, files.

    A topic that the lesson plan laid there is not by hand: the plan lays it on another lesson.
    """
    by_hand = {
        lesson.id for lesson in lessons if lesson.homework or (lesson.topic and lesson.plan_position is None)
    }  # fmt: skip
    models = (Work, Attendance, HomeworkFile, StudentHomework)
    return by_hand.union(*(_with(session, lessons, model) for model in models))


def _with(session: Session, lessons: Collection[Lesson], model: Any, *further: Any) -> set[int]:
    ids = [lesson.id for lesson in lessons]
    return set(session.scalars(select(model.lesson_id).where(model.lesson_id.in_(ids), *further)))
