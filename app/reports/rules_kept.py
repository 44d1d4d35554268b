"""How far the rules of the regulation were kept in a term, as a table of a report."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.control import figures
from app.reports.document import Column, Kind, Table
from app.reports.report import Asked
from app.reports.roster import Days


def rules_kept(session: Session, asked: Asked, days: Days) -> Table:
    """A row for each rule that is on and the person's to look at: cases, kept in time, late, not done."""
    watch = figures.watch(
        session, asked.actor, asked.school.zone, first=days[0], last=days[1], grade=asked.grade,
        class_id=asked.school_class.id if asked.school_class else None,
    )  # fmt: skip
    rows = [
        [str(each.rule.title), each.rule.clause, each.due, each.kept, each.late, each.open, each.percent]
        for each in figures.standings(session, watch)
        if each.due and (asked.school_class is None or each.rule.needs is None)  # of a class only what is up to it
    ]
    heads = [
        Column(gettext("Rule"), width=36),
        Column(gettext("Clause")),
        Column(gettext("Cases"), Kind.WHOLE, "due"),
        Column(gettext("kept in time"), Kind.WHOLE, "kept"),
        Column(gettext("done late"), Kind.WHOLE, "late"),
        Column(gettext("not done"), Kind.WHOLE, "open"),
        Column(gettext("Kept, %"), Kind.PERCENT, formula="100*{kept}/{due}"),
    ]
    return Table(heads, rows, gettext("How the regulation was kept"))
