"""A subject by classes and groups, and by teachers."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session

from app.reports.columns import cells, columns, figures_chart, shown
from app.reports.document import Column, Document, Row, Table
from app.reports.figures import Counts
from app.reports.final_counts import final_counts
from app.reports.quality import TEACHERS, notes, table_of, total_word
from app.reports.report import Asked, Filter, Group, Report


def subject_report(session: Session, asked: Asked) -> Document:
    """The chosen subject: a row for each class or group with its teacher, then a row for each teacher."""
    counts = final_counts(session, asked, [asked.period]).get(asked.period.key, {}) if asked.period else {}
    title = gettext("%(subject)s by classes and teachers", subject=asked.subject)
    tables = [_by_groups(asked, counts), table_of(asked, counts, TEACHERS, title, caption=gettext("By teachers"))]
    return Document(
        title, tables, asked.now, asked.lines(), is_landscape=True, notes=notes(asked, asked.period, counts),
    )  # fmt: skip


def _by_groups(asked: Asked, counts: dict[int, Counts]) -> Table:
    ground, names = asked.ground, shown(counts.values())
    known = sorted(
        (ground.classes[held.class_id].grade, ground.classes[held.class_id].letter, held.group, held.id)
        for held in asked.assignments.values()
        if held.id in counts
    )
    rows: list[Row] = []
    labels: list[str] = []
    for *_place, number in known:
        held = ground.held[number]
        teacher = ground.teachers.get(held.teacher_id)
        first: list[Any] = [
            f"{ground.classes[held.class_id]} {held.group}".strip(),
            teacher.short_name if teacher else "",
        ]
        labels.append(first[0])
        rows.append([*first, *cells(counts[number], names)])
    return Table(
        [Column(gettext("Class, group")), Column(gettext("Teacher"), width=22), *columns(names)], rows,
        gettext("By classes"), total_word(asked) if len(rows) > 1 else "",
        chart=figures_chart(gettext("By classes"), labels, [counts[each[-1]] for each in known]),
    )  # fmt: skip


REPORTS = (
    Report(
        "subject", lazy_gettext("One subject by classes and teachers"),
        lazy_gettext("How the classes and groups of a subject stand beside each other."),
        Group.QUALITY, subject_report,
        (Filter.YEAR, Filter.PERIOD, Filter.GRADE, Filter.SUBJECT, Filter.TEACHER), required=(Filter.SUBJECT,),
    ),
)  # fmt: skip
