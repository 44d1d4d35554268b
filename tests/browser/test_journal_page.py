"""The journal page itself: works and comments, a phone, grade 1, and a page that is small, quick and still."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, expect

from app.extensions import db
from app.models import Mark, StaffNote, Work
from tests.browser.journal_desk import DESK, Desk, Journal, cell, expect_saved, keys

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
WATCH_SHIFTS = """
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) window.shifts.push([shift.value, shift.hadRecentInput]);
  }).observe({ type: "layout-shift", buffered: true });
"""


def works_of(desk: Desk, journal: Journal) -> list[tuple[str, int, str]]:
    with desk.rows():
        works = db.session.query(Work).where(Work.lesson_id.in_(journal.lessons)).order_by(Work.id).all()
        db.session.add_all(
            Mark(work=work, student_id=student, value=2 + (student + work.id) % 4)
            for work in works[:-1]
            for student in journal.students
        )
        db.session.commit()
    return journal
