"""Reports of every person, in every reach and narrowed to everything there is: no word of what is not theirs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.models import SchoolClass, Student, TeachingAssignment
from app.reports.reach import Reach
from app.reports.registry import REPORTS
from app.reports.report import Filter
from tests.rights.screens import Screens
from tests.rights.world import ACTORS

ROWS = {Filter.STUDENT: Student, Filter.ASSIGNMENT: TeachingAssignment}


@pytest.mark.parametrize("who", [who for who in ACTORS if who != "dep"])  # a deputy director sees everything
def test_no_report_tells_what_is_not_the_persons(
    bound: Callable[[str], Screens], who: str, record_property: Callable[[str, int], None]
) -> None:
    screens = bound(who)
    classes = [f"class={number}" for number in screens.ids[SchoolClass]]
    for report in REPORTS.values():
        page = f"/admin/reports/{report.key}/"
        screens.get(f"{page}xlsx?period=year")
        for ask in ("period=year", *(f"period=year&whose={reach.value}" for reach in Reach), *classes):
            screens.get(f"{page}?{ask}")
        for each in set(report.required) & set(ROWS):
            for number in screens.ids[ROWS[each]]:
                for ask in classes:
                    screens.get(f"{page}?{ask}&{each.value}={number}")
    record_property("rights: reports opened", screens.cells)
    assert screens.leaks == []
