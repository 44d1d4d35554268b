"""Успеваемость, качество знаний and СОУ of a period: by classes, subjects, teachers and grades."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask_babel import gettext, lazy_gettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.reports.columns import cells, columns, figures_chart, marks_chart, shown
from app.reports.document import Column, Document, Row, Table
from app.reports.figures import Counts, rolled_up
from app.reports.final_counts import final_counts
from app.reports.ground import Ground, Held
from app.reports.periods import Period
from app.reports.reach import Reach
from app.reports.report import Asked, Filter, Group, Report


@dataclass(frozen=True)
class Slice:
    """What the rows of a report are: ``key`` of an assignment, keys in their order, what is written in the first
    columns."""

    key: Callable[[Ground, Held], Hashable]
    order: Callable[[Ground], Iterable[Any]]
    columns: Callable[[], list[Column]]
    cells: Callable[[Ground, Any], list[Any]]


def _class_columns() -> list[Column]:
    return [Column(gettext("Class")), Column(gettext("Class teacher"), width=22)]


def _class_cells(ground: Ground, key: int) -> list[Any]:
    teacher = ground.classes[key].class_teacher
    return [str(ground.classes[key]), teacher.short_name if teacher else ""]


CLASSES = Slice(lambda _ground, held: held.class_id, lambda ground: ground.classes, _class_columns, _class_cells)
SUBJECTS = Slice(
    lambda _ground, held: held.subject_id, lambda ground: ground.subjects, lambda: [Column(gettext("Subject"))],
    lambda ground, key: [str(ground.subjects[key])],
)  # fmt: skip
TEACHERS = Slice(
    lambda ground, held: held.teacher_id if held.teacher_id in ground.teachers else 0,
    lambda ground: [*ground.teachers, 0], lambda: [Column(gettext("Teacher"))],
    lambda ground, key: [ground.teachers[key].short_name if key else gettext("others")],
)  # fmt: skip
GRADES = Slice(
    lambda ground, held: ground.classes[held.class_id].grade,
    lambda ground: sorted({each.grade for each in ground.classes.values()}),
    lambda: [Column(gettext("Grade"))],
    lambda _ground, key: [gettext("Grade %(number)s", number=key)],
)


def by_slice(session: Session, asked: Asked, slice: Slice, title: str) -> Document:
    """Counts and figures of the period in the rows of ``slice``."""
    period = asked.period
    counts = final_counts(session, asked, [period]).get(period.key, {}) if period else {}
    table = table_of(asked, counts, slice, title)
    return Document(
        title, [table], asked.now, asked.lines(), is_landscape=True, notes=notes(asked, period, counts),
    )  # fmt: skip


def table_of(
    asked: Asked, counts: dict[int, Counts], slice: Slice, title: str, *, caption: str = "", is_drawn: bool = True
) -> Table:
    """A row for each of the slice that has marks, with what all of them give; its charts where it is drawn."""
    ground = asked.ground
    rolled = rolled_up(counts, lambda number: slice.key(ground, ground.held[number]))
    known = [(key, rolled[key]) for key in slice.order(ground) if key in rolled]
    names = shown(rolled.values())
    rows: list[Row] = [[*slice.cells(ground, key), *cells(each, names)] for key, each in known]
    labels, values = [str(row[0]) for row in rows], [each for _key, each in known]
    charts = (
        figures_chart(title, labels, values), marks_chart(gettext("What the marks are made of"), labels, values)
    ) if is_drawn else ()  # fmt: skip
    total = total_word(asked) if len(rows) > 1 else ""
    return Table([*slice.columns(), *columns(names)], rows, caption, total, chart=together(*charts))


def together(*charts: Markup | None) -> Markup | None:
    """Charts below each other; None of none."""
    return Markup("").join(each for each in charts if each) or None


def total_word(asked: Asked) -> str:
    """What the line of totals is the total of: never the school's where only a part of it is seen."""
    narrowed = asked.grade or asked.school_class or asked.subject or asked.teacher
    return str(gettext("School") if asked.reach is Reach.SCHOOL and not narrowed else gettext("Total of these"))


def notes(asked: Asked, period: Period | None, counts: dict[int, Counts]) -> list[str]:
    """How the figures are made, and what is not there yet."""
    said = []
    if period and not counts:
        said.append(gettext("No final marks are entered for this period yet."))
    elif period and period.last > asked.today:
        said.append(gettext("The period is not over: the figures are of the final marks entered so far."))
    said.append(gettext(
        "Success: 5, 4 and 3 of all marks; quality: 5 and 4; SOU: each 5 is 100%, 4 is 64%, 3 is 36%, 2 is 16%, "
        "1 and n/a are 7%. Passed and exempt are not counted."
    ))  # fmt: skip
    return said


FILTERS = (Filter.YEAR, Filter.PERIOD, Filter.GRADE, Filter.CLASS, Filter.SUBJECT, Filter.TEACHER)


def _report(key: str, slice: Slice, title: Any, description: Any, *without: Filter, **more: Any) -> Report:
    return Report(
        key, title, description, Group.QUALITY, partial(_make, slice=slice, title=title),
        tuple(each for each in FILTERS if each not in without), **more,
    )  # fmt: skip


def _make(session: Session, asked: Asked, slice: Slice, title: Any) -> Document:
    return by_slice(session, asked, slice, str(title))


REPORTS = (
    _report("classes", CLASSES, lazy_gettext("Results by classes"),
            lazy_gettext("Success, quality and SOU of each class for a term or the year.")),
    _report("subjects", SUBJECTS, lazy_gettext("Results by subjects"),
            lazy_gettext("The same by subjects: of the school, a grade, a class or a teacher.")),
    _report("teachers", TEACHERS, lazy_gettext("Results by teachers"),
            lazy_gettext("The same by teachers, over all their classes and groups."),
            reaches=(Reach.SCHOOL, Reach.LED)),
    _report("grades", GRADES, lazy_gettext("Results by grades"),
            lazy_gettext("The same by grades, with the total of the school."), Filter.GRADE, Filter.CLASS,
            reaches=(Reach.SCHOOL, Reach.OWN)),
)  # fmt: skip
