"""From term to term: the figures of each period of a year side by side, and how they change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext, lazy_gettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from app import charts
from app.reports.columns import cells, columns, shown, titles
from app.reports.document import Column, Document, Kind, Row, Table
from app.reports.figures import Counts, added, change, rolled_up
from app.reports.final_counts import final_counts
from app.reports.periods import Period
from app.reports.quality import CLASSES, SUBJECTS, Slice, notes
from app.reports.report import Asked, Filter, Group, Report

ByPeriod = Mapping[str, Mapping[int, Counts]]
COMPARED = ("success", "quality", "mastery")


def term_to_term(session: Session, asked: Asked) -> Document:
    """All that is asked for by periods, then its classes and its subjects."""
    by_period = final_counts(session, asked, asked.periods)
    periods = [period for period in asked.periods if period.key in by_period]
    title = gettext("Term to term")
    parts = [_whole(by_period, periods)]
    if asked.school_class is None:
        parts.append(_compared(asked, by_period, periods, CLASSES, gettext("By classes")))
    if asked.subject is None:
        parts.append(_compared(asked, by_period, periods, SUBJECTS, gettext("By subjects")))
    said = notes(asked, None, {})
    if not periods:
        said.insert(0, gettext("No final marks are entered in this year yet."))
    elif periods[-1].last > asked.today:
        said.insert(0, gettext("The year is not over: the figures are of the final marks entered so far."))
    return Document(title, parts, asked.now, asked.lines(), is_landscape=True, notes=said, is_apart=True)


def _whole(by_period: ByPeriod, periods: Sequence[Period]) -> Table:
    """A row for each period, with the change against the one before."""
    counts = [added(by_period[period.key].values()) for period in periods]
    names = shown(counts)
    rows: list[Row] = []
    before: Counts | None = None
    for period, each in zip(periods, counts, strict=True):
        changes = [change(getattr(before, name), getattr(each, name)) if before else None for name in COMPARED]
        rows.append([period.name, *cells(each, names), *changes])
        before = each
    heads, group = titles(), gettext("Change against the one before")
    changed = [Column(heads[name], Kind.CHANGE, group=group) for name in COMPARED]
    return Table(
        [Column(gettext("Period")), *columns(names), *changed], rows, gettext("All together"),
        chart=_lines(periods, counts),
    )  # fmt: skip


def _lines(periods: Sequence[Period], counts: Sequence[Counts]) -> Markup | None:
    if len(periods) < 2:
        return None
    heads = titles()
    series = {heads[name]: [_tenth(getattr(each, name)) for each in counts] for name in COMPARED}
    return charts.lines(gettext("Success, quality and SOU from term to term"), [p.name for p in periods], series)


def _tenth(figure: float | None) -> float | None:
    return round(figure, 1) if figure is not None else None


def _compared(asked: Asked, by_period: ByPeriod, periods: Sequence[Period], slice: Slice, caption: str) -> Table:
    """A row for each of ``slice``; for each period success, quality and its change against the last one known."""
    ground, heads = asked.ground, titles()
    rolled = {
        period.key: rolled_up(by_period[period.key], lambda number: slice.key(ground, ground.held[number]))
        for period in periods
    }
    found = [slice.columns()[0]]
    for index, period in enumerate(periods):
        found += [Column(heads[name], Kind.PERCENT, group=period.name) for name in ("success", "quality")]
        if index:
            found.append(Column(gettext("Difference"), Kind.CHANGE, group=period.name))
    rows: list[Row] = []
    for key in slice.order(ground):
        if not any(key in some for some in rolled.values()):
            continue
        row: list[Any] = [slice.cells(ground, key)[0]]
        before: float | None = None
        for index, period in enumerate(periods):
            each = rolled[period.key].get(key, Counts())
            row += [each.success, each.quality, *([change(before, each.quality)] if index else [])]
            before = before if each.quality is None else each.quality
        rows.append(row)
    return Table(found, rows, caption)


REPORTS = (
    Report(
        "terms", lazy_gettext("Term to term"),
        lazy_gettext("Each term of the year side by side, with a chart and the change against the one before."),
        Group.QUALITY, term_to_term,
        (Filter.YEAR, Filter.GRADE, Filter.CLASS, Filter.SUBJECT, Filter.TEACHER),
    ),
)  # fmt: skip
