"""Every report of the panel, in the order of the list of reports. A file of reports gives its own as REPORTS."""

from __future__ import annotations

from app.policy import Actor
from app.reports import (
    at_risk,
    attendance,
    class_summary,
    class_teacher,
    deputy,
    filling,
    journal_pages,
    lists,
    one_subject,
    progress,
    quality,
    student_sheets,
)
from app.reports.report import Group, Report

ALL: tuple[Report, ...] = (
    *quality.REPORTS, *one_subject.REPORTS, *progress.REPORTS, *lists.REPORTS, *at_risk.REPORTS,
    *attendance.REPORTS, *filling.REPORTS, *class_teacher.REPORTS, *deputy.REPORTS, *class_summary.REPORTS,
    *journal_pages.REPORTS, *student_sheets.REPORTS,
)  # fmt: skip

REPORTS = {report.key: report for report in ALL}


def offered(actor: Actor | None) -> dict[Group, list[Report]]:
    """The reports that the person can have, by group."""
    mine = [report for report in ALL if report.open_to(actor)]
    return {group: some for group in Group if (some := [each for each in mine if each.group is group])}
