"""The lesson plan follows when a deputy director cancels a day, brings it back, or changes the timetable."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app import policy
from app.extensions import db
from app.journal import plan
from app.models import Lesson, PlannedTopic
from tests.school import School
from tests.school_panel import TODAY, Panel, deputy
from tests.test_timetable_change import START, on, week

__all__ = ["week"]  # the fixture


def topics() -> list[str]:
    rows = select(Lesson).where(Lesson.date >= START).order_by(Lesson.date, Lesson.number)
    return [lesson.topic for lesson in db.session.scalars(rows)]


def laid(school: School) -> None:
    """Two topics stand on the first two lessons from START on."""
    for position, topic in enumerate(("Первая", "Вторая"), 1):
        db.session.add(PlannedTopic(assignment=school.assignment, position=position, topic=topic))
    on(TODAY).topic = "Своя"
    db.session.commit()
    with policy.system() as session:
        plan.lay(session, school.assignment.id, TODAY)
        session.commit()
    db.session.expire_all()


def test_topics_go_to_the_lessons_that_are_held(week: School, panel: Panel) -> None:  # noqa: F811
    boss, number = deputy(), on(START).id
    laid(week)
    assert topics() == ["Первая", "Вторая", ""]
    day: dict[str, Any] = {"date": START.isoformat(), "scope": "all"}
    panel.post(boss, "/admin/schoolday/", day | {"do": "cancel", "reason": "мороз"})
    assert topics() == ["", "Первая", "Вторая"]
    panel.post(boss, "/admin/schoolday/", day | {"do": "back"})
    assert topics() == ["Первая", "Вторая", ""]
    fields = {"assignment": week.assignment.id, "date": str(START), "number": "1", "is_cancelled": "y"}
    panel.post(boss, f"/admin/lesson/edit/?id={number}", fields)
    assert topics() == ["", "Первая", "Вторая"]
    asked = {"class": week.school_class.id, "from": START.isoformat(), "do": "save"}
    panel.post(boss, "/admin/timetable/", asked | {"slot-3-2-0": week.assignment.id})
    assert topics() == ["Первая", "Вторая"]
    assert on(START + timedelta(2)).topic == "Первая"
