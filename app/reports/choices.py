"""The filters of a report as its page offers them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext

from app.reports.reach import Reach
from app.reports.report import Asked, Filter, Report


@dataclass(frozen=True)
class Choice:
    """A filter as the page offers it: a list with its values and words; ``none`` is the word for no choice."""

    name: str
    title: str
    options: Sequence[tuple[str, str]]
    chosen: str
    none: str


def choices(report: Report, asked: Asked) -> list[Choice]:
    """The filters of the report's page, those with something to choose."""
    found = []
    for each in Filter:
        if each not in report.filters and each is not Filter.REACH:
            continue
        title, none, options = _offer(each, report, asked)
        if len(options) > 1 or (options and each in report.required and asked.chosen(each) is None):
            chosen = asked.chosen(each)
            found.append(Choice(each.value, title, options, "" if chosen is None else chosen, none))
    return found


def _offer(each: Filter, report: Report, asked: Asked) -> tuple[str, str, list[tuple[str, str]]]:
    """Title, word for no choice (empty: something is always chosen), values with their words."""
    ground, must = asked.ground, gettext("choose")
    match each:
        case Filter.REACH:
            mine = report.open_to(asked.actor)
            return gettext("Whose"), "", [(reach.value, str(reach)) for reach in mine]
        case Filter.YEAR:
            return gettext("Academic year"), "", [(str(year.id), str(year)) for year in asked.years]
        case Filter.PERIOD:
            return gettext("Period"), "", [(period.key, period.name) for period in asked.periods]
        case Filter.GRADE:
            grades = sorted({each.grade for each in ground.classes.values()})
            return gettext("Grade"), gettext("all grades"), [(str(grade), str(grade)) for grade in grades]
        case Filter.CLASS:
            none = must if each in report.required else gettext("all classes")
            fitting = [row for row in ground.classes.values() if asked.grade in (None, row.grade)]
            return gettext("Class"), none, [(str(row.id), str(row)) for row in fitting]
        case Filter.SUBJECT:
            none = must if each in report.required else gettext("all subjects")
            return gettext("Subject"), none, [(str(row.id), str(row)) for row in ground.subjects.values()]
        case Filter.TEACHER:
            none = must if each in report.required else gettext("all teachers")
            return gettext("Teacher"), none, [(str(row.id), row.short_name) for row in ground.teachers.values()]
        case Filter.ASSIGNMENT:
            return gettext("Journal"), must, _journals(asked)
        case Filter.STUDENT:
            none = must if each in report.required else gettext("all students")
            return gettext("Student"), none, [(str(row.id), str(row)) for row in asked.students]


def _journals(asked: Asked) -> list[tuple[str, str]]:
    """Assignments of the chosen class (or of all that are taught by the person) with their names."""
    if asked.school_class is None and asked.reach is not Reach.OWN:
        return []
    ground = asked.ground
    known = replace(asked, held=None).assignments if asked.held else asked.assignments
    named = [
        (f"{ground.classes[each.class_id]} {each.group}".strip(), str(ground.subjects[each.subject_id]), each)
        for each in known.values()
    ]
    teachers = ground.teachers
    return [
        (str(each.id), f"{subject}, {name}, {teachers[each.teacher_id].short_name}" if each.teacher_id in teachers
         else f"{subject}, {name}")
        for name, subject, each in sorted(named, key=lambda one: (one[1], one[0], one[2].id))
    ]  # fmt: skip
