"""Lesson plans of some teachers for the year: what their lessons were given to, and what is still to come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from app.demo.courses import ClassYear
from app.demo.journal import TEST_EVERY, TITLES
from app.demo.load import Writer
from app.demo.staff import Teacher
from app.demo.topics import NOTHING_SET, homework, lesson_topic
from app.journal.calendar import PlannedLesson
from app.models import PlannedTopic


def write_plans(writer: Writer, held: ClassYear, teachers: Collection[Teacher]) -> None:
    """Write a plan for each course of ``teachers`` in a class; lessons that are cancelled make it fall behind."""
    lessons: defaultdict[int, list[PlannedLesson]] = defaultdict(list)
    for lesson in held.lessons(held.year.days):
        lessons[lesson.teaching_assignment_id].append(lesson)
    for course in held.courses:
        if course.teacher not in teachers:
            continue
        planned, subject = lessons[course.assignment_id], course.subject.name
        for index, lesson in enumerate(planned):
            is_marked = held.is_marked(lesson.date)
            is_test = is_marked and index % TEST_EVERY == TEST_EVERY - 1
            words = homework(subject, index) if is_marked else ""
            writer.add(
                PlannedTopic,
                teaching_assignment_id=course.assignment_id,
                position=index + 1,
                topic=lesson_topic(
                    subject, held.plan.grade, index / len(planned), TITLES[course.subject.test] if is_test else None
                ),
                homework=words if words != NOTHING_SET else "",
            )
