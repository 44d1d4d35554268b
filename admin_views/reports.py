"""Reports: their list, each on the screen, printed, and as a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from flask import Response, abort, current_app, request, url_for
from flask_admin import expose
from flask_babel import format_datetime, gettext
from flask_babel import lazy_gettext as _

from admin_views.base import SchoolPage, acting, acting_person
from admin_views.report_rows import body, look
from app import clock
from app.config import Grading
from app.extensions import db
from app.reports.asking import ask
from app.reports.choices import choices
from app.reports.document import Column, Document
from app.reports.registry import REPORTS, offered
from app.reports.report import GROUP_TITLES, Asked, Filter, NotThere, Report, School
from app.reports.totals import totals
from app.reports.values import said
from app.spreadsheet import XLSX

MISSING = {
    Filter.PERIOD: _("Choose a period."),
    Filter.CLASS: _("Choose a class."),
    Filter.SUBJECT: _("Choose a subject."),
    Filter.TEACHER: _("Choose a teacher."),
    Filter.ASSIGNMENT: _("Choose a journal: first the class, then the subject."),
    Filter.STUDENT: _("Choose a student: first the class, then the student."),
}


class ReportsView(SchoolPage):
    """Reports of what the person sees."""

    def __init__(self, category: Any = None) -> None:
        super().__init__(_("Reports"), category, endpoint="reports")

    def is_accessible(self) -> bool:
        """Whether there is a report for the person."""
        return bool(offered(acting()))

    @expose("/")
    def index(self) -> Any:
        """Which reports there are."""
        groups = [(GROUP_TITLES[group], reports) for group, reports in offered(acting()).items()]
        return self.render("admin/reports/index.html", groups=groups)

    @expose("/<key>/")
    def show(self, key: str) -> Any:
        """A report on the screen and for the printer."""
        report, asked = self._asked(key)
        document = _made(report, asked)
        return self.render(
            "admin/reports/report.html", report=report, document=document,
            filters=choices(report, asked) if asked else [],
            chosen=_chosen(report, asked), missing=_missing(report, asked), said=said, totals=totals,
            grouped_columns=_grouped, body=body, look=look, made_at=_moment(document),
        )  # fmt: skip

    @expose("/<key>/xlsx")
    def spreadsheet(self, key: str) -> Any:
        """The same as a spreadsheet."""
        report, asked = self._asked(key)
        document = _made(report, asked) or abort(404)
        name = f"{report.key}_{acting_person().today.isoformat()}.xlsx"
        headers = {"Content-Disposition": f"attachment; filename={name}"}
        from app.reports import sheets  # with openpyxl, 6 MB

        return Response(sheets.xlsx(document), mimetype=XLSX, headers=headers)

    def _asked(self, key: str) -> tuple[Report, Asked | None]:
        """The report and what is asked of it; 404 for what is not there for the person."""
        report, actor = REPORTS.get(key) or abort(404), acting_person()
        school = School(current_app.config["SCHOOL_NAME"], Grading.of(current_app.config), clock.zone())
        try:
            return report, ask(db.session(), report, request.args, actor, school, actor.now, url_for)
        except NotThere:
            abort(404)


def _made(report: Report, asked: Asked | None) -> Document | None:
    """The document; None while something has to be chosen first."""
    return report.make(db.session(), asked) if asked is not None and not report.lacks(asked) else None


def _missing(report: Report, asked: Asked | None) -> str:
    if asked is None or not asked.ground.classes:
        return gettext("The academic year with its classes is not written yet.")
    lacks = report.lacks(asked)
    return str(MISSING[lacks[0]]) if lacks else ""


def _chosen(report: Report, asked: Asked | None) -> dict[str, str]:
    """The filters as they stand in the address."""
    if asked is None:
        return {}
    values = {each.value: asked.chosen(each) for each in (*report.filters, Filter.REACH)}
    return {name: value for name, value in values.items() if value is not None}


def _grouped(columns: Sequence[Column]) -> list[tuple[str, list[Column]]]:
    """Neighbours under one head."""
    return [(group, list(some)) for group, some in groupby(columns, key=lambda column: column.group)]


def _moment(document: Document | None) -> str:
    return str(format_datetime(document.made_at, "d MMM, HH:mm")) if document else ""
