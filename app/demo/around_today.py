"""Substitutions and a cancelled lesson in the days around today."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from app.demo.courses import Change, Changes, ClassYear
from app.demo.staff import Teacher
from app.journal.calendar import LessonKey, PlannedLesson, Span


def changes_around(today: date, held: list[ClassYear], first: list[Teacher]) -> Changes:
    """Somebody is away on the school day before today and on the one from today on.

    Each lesson goes to a colleague who is free then, those of ``first`` before all; without one it is cancelled.
    """
    teachers = {course.assignment_id: course.teacher for year in held for course in year.courses}
    changes: Changes = {}
    days = [day for year in held[:1] for day in _days(year, today)]
    for day in days:
        lessons = [lesson for year in held for lesson in year.lessons(Span(day, day))]
        by = {lesson.key: teachers[lesson.teaching_assignment_id] for lesson in lessons}
        busy = {(by[lesson.key], lesson.number) for lesson in lessons}
        for lesson in _of_somebody(lessons, by, first):
            colleague = next((t for t in [*first, *teachers.values()] if (t, lesson.number) not in busy), None)
            changes[lesson.key] = Change(colleague)
            if colleague:
                busy.add((colleague, lesson.number))
        rest = [lesson for lesson in lessons if lesson.key not in changes and by[lesson.key] not in first]
        if rest:
            changes[max(rest).key] = Change(None)
    return changes


def _days(year: ClassYear, today: date) -> Iterable[date]:
    """The last school day before today, and the first from today on, as far as the year has them."""
    before = year.open_days(today)
    after = [day for day in year.open_days(today + timedelta(30)) if day >= today]
    return before[-1:] + after[:1]


def _of_somebody(
    lessons: list[PlannedLesson], by: dict[LessonKey, Teacher], first: list[Teacher]
) -> list[PlannedLesson]:
    """The day of one teacher: who has most lessons that one of ``first`` could take."""
    taken = {(teacher, number) for lesson in lessons for teacher, number in [(by[lesson.key], lesson.number)]}
    theirs: dict[Teacher, list[PlannedLesson]] = {}
    for lesson in lessons:
        if by[lesson.key] not in first:
            theirs.setdefault(by[lesson.key], []).append(lesson)

    def helped(mine: list[PlannedLesson]) -> int:
        return sum(any((teacher, lesson.number) not in taken for teacher in first) for lesson in mine)

    return max(theirs.values(), key=helped, default=[])
