"""What is written in a lesson: such a lesson is neither taken away nor moved by a change of the timetable."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app import policy
from app.models import Attendance, HomeworkFile, Lesson, Mark, PlannedTopic, RollCall, StudentHomework, Work
from app.requests import notes


def held(session: Session, lessons: Collection[Lesson]) -> set[int]:
    """Ids of the lessons that have marks, absences or a roll call: they were held, whatever the timetable says.

    An absence that was announced does not hold a lesson that is still to come.
    """
    marked = exists().where(Mark.work_id == Work.id)
    actor = policy.actor_of(session)
    today = actor.today if isinstance(actor, policy.Actor) else date.max
    coming = [lesson for lesson in lessons if lesson.date >= today]
    past = [lesson for lesson in lessons if lesson.date < today]
    absent = _with(session, past, Attendance) | _with(session, coming, Attendance, ~notes.written_by_notes())
    return absent | _with(session, lessons, RollCall) | _with(session, lessons, Work, marked)


def written_in(session: Session, lessons: Collection[Lesson]) -> set[int]:
    """Ids of the lessons that somebody wrote in: topic or homework by hand, works, absences, files.

    What the lesson plan laid there is not by hand: the plan lays it on another lesson.
    """
    planned = _planned_homework(session, lessons)
    by_hand = {
        lesson.id
        for lesson in lessons
        if (lesson.topic and lesson.plan_position is None)
        or (lesson.homework and planned.get((lesson.teaching_assignment_id, lesson.plan_position)) != lesson.homework)
    }
    models = (Work, Attendance, RollCall, HomeworkFile, StudentHomework)
    return by_hand.union(*(_with(session, lessons, model) for model in models))


def _planned_homework(session: Session, lessons: Collection[Lesson]) -> dict[tuple[int, int | None], str]:
    """Homework of the lesson plans, by assignment and position."""
    ids = {lesson.teaching_assignment_id for lesson in lessons if lesson.homework and lesson.plan_position is not None}
    topics = session.scalars(select(PlannedTopic).where(PlannedTopic.teaching_assignment_id.in_(ids))) if ids else ()
    return {(topic.teaching_assignment_id, topic.position): topic.homework for topic in topics}


def _with(session: Session, lessons: Collection[Lesson], model: Any, *further: Any) -> set[int]:
    ids = [lesson.id for lesson in lessons]
    if not ids:
        return set()
    return set(session.scalars(select(model.lesson_id).where(model.lesson_id.in_(ids), *further)))
