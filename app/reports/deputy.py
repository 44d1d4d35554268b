"""The deputy director's report for a term: the school by classes, grades, subjects and teachers, on paper."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session

from app.reports import attendance, diary_use, filling, lists, movement, quality
from app.reports.document import Document, Table
from app.reports.final_counts import final_counts
from app.reports.presence import monday, presences
from app.reports.reach import Reach
from app.reports.report import Asked, Filter, Group, NotThere, Report
from app.reports.roster import read_enrolled
from app.reports.rules_kept import rules_kept

SLICES = (
    (quality.CLASSES, lazy_gettext("Results by classes")), (quality.GRADES, lazy_gettext("Results by grades")),
    (quality.SUBJECTS, lazy_gettext("Results by subjects")), (quality.TEACHERS, lazy_gettext("Results by teachers")),
)  # fmt: skip

FILLING_APART = lazy_gettext("So many journals stand in a report of their own: «Fill of journals».")


def make(session: Session, asked: Asked) -> Document:
    """The tables of the single reports one after the other, without their charts."""
    period = asked.period
    if period is None:
        raise NotThere
    first, last = attendance.span(asked)
    last = max(first, min(last, asked.today))
    days = {each.id: (first, last) for each in asked.classes}
    enrolled = read_enrolled(session, days)
    moved = movement.movements(enrolled, days)
    counts = final_counts(session, asked, [period]).get(period.key, {})
    found = presences(*attendance.read_rows(session, days, asked.today), monday)
    is_filling_listed = len(asked.assignments) <= filling.MOST_JOURNALS
    tables = [
        movement.by_class(asked.classes, moved),
        movement.by_grade(asked.classes, moved),
        *_lists(session, asked),
        *(quality.table_of(asked, counts, slice, str(title), caption=str(title), is_drawn=False)
          for slice, title in SLICES),
        attendance.by_class(asked, found),
        attendance.by_grade(asked, found),
        *([filling.by_teacher(asked, filling.fills(session, asked))] if is_filling_listed else []),
        diary_use.by_class(asked.classes, diary_use.read_use(session, enrolled, (first, last)), gettext("Total")),
        rules_kept(session, asked, (first, last)),
    ]  # fmt: skip
    return Document(
        gettext("Report of the deputy director"),
        [replace(each, chart=None, links=()) for each in tables if each.rows],
        asked.now,
        [", ".join(asked.lines(attendance.said_days(first, last)))],
        signatures=[gettext("Deputy director"), gettext("Director")],
        is_landscape=True,
        is_apart=True,
        notes=[
            *quality.notes(asked, period, counts),
            *map(str, attendance.WAYS),
            *map(str, filling.WAYS if is_filling_listed else [FILLING_APART]),
        ],
    )


def _lists(session: Session, asked: Asked) -> list[Table]:
    return [
        replace(each, caption=each.caption or gettext("Students by their marks"))
        for each in lists.summary(session, asked).tables
    ]


REPORTS = (
    Report(
        "deputy",
        lazy_gettext("Report of the deputy director"),
        lazy_gettext("For a term: students, results, attendance, fill of journals and what was not kept, over classes, "
                     "grades, subjects and teachers."),
        Group.PAPERS,
        make,
        (Filter.YEAR, Filter.PERIOD, Filter.GRADE),
        required=(Filter.PERIOD,),
        reaches=(Reach.SCHOOL,),
    ),
)  # fmt: skip
