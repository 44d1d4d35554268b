"""A teacher who left in autumn, whose journal a colleague leads on."""

from __future__ import annotations

from datetime import date
from random import Random

from app.demo.access import AccessWriter, Story
from app.demo.courses import ClassYear
from app.demo.names import adult
from app.demo.rows import Rows
from app.demo.staff import Teacher
from app.models import Handover

GONE = Story(1, age=80, is_revoked=True, is_activated=False)


def write_left(
    rows: Rows, access: AccessWriter, held: list[ClassYear], taker: Teacher, today: date, deputy_id: int, random: Random
) -> None:
    """Somebody who had the first journal of ``taker`` until the first days of October; nobody before that."""
    since = date(held[0].year.begins, 10, 5)
    course = next((course for year in held for course in year.courses if course.teacher is taker), None)
    if course is None or since >= today:
        return
    name = adult(random, is_female=True)
    user_id = rows.user(name, is_staff=True, is_active=False)
    access.write(user_id, name, access.contacts(name, False, True), GONE, deputy_id, access.batch())
    rows.writer.add(
        Handover, teaching_assignment_id=course.assignment_id, from_teacher_id=user_id, to_teacher_id=taker.user_id,
        since=since,
    )  # fmt: skip
