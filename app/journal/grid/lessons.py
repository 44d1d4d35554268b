"""A lesson that is not in the timetable, added where it is missed: on the journal page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from app.models import Lesson, TeachingAssignment
from app.people.refusal import Refusal

LONGEST_ROOM = 20
LAST_NUMBER = 14

NO_DAY = lazy_gettext("Choose the day of the lesson.")
OUTSIDE = lazy_gettext("The day lies outside of the academic year.")
NO_NUMBER = lazy_gettext("Choose which lesson of the day it is, 0 to 14.")
NO_ROOM = lazy_gettext("A room has at most 20 characters.")


def add_lesson(session: Session, assignment: TeachingAssignment, raw: Mapping[str, Any]) -> Lesson:
    """Write the lesson. Raises Refusal, PolicyError, RegulationError. The caller commits."""
    try:
        day = date.fromisoformat(str(raw.get("date")))
    except ValueError:
        raise Refusal(NO_DAY) from None
    year = assignment.study_group.school_class.academic_year
    if not year.starts_on <= day <= year.ends_on:
        raise Refusal(OUTSIDE)
    number, room = raw.get("number"), raw.get("room", "")
    if type(number) is not int or not 0 <= number <= LAST_NUMBER:
        raise Refusal(NO_NUMBER)
    if not isinstance(room, str) or len(room) > LONGEST_ROOM or not room.isprintable():
        raise Refusal(NO_ROOM)
    lesson = Lesson(assignment=assignment, date=day, number=number, room=room.strip())
    session.add(lesson)
    session.flush()
    return lesson
