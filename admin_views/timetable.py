"""The week of a class as a grid, changed from a day on: look at what would happen, then save."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import abort, flash, redirect, request
from flask_admin import expose
from flask_babel import format_date, gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from admin_views import asked
from admin_views.base import SAID, SchoolPage, acting_person, explanation
from admin_views.curriculum import WEEKDAYS
from app.extensions import db
from app.journal import days, timetable
from app.journal.timetable import Cell, Change
from app.models import AcademicYear, BellTime, SchoolClass, TeachingAssignment, TimetableSlot
from app.policy import Action

FIELD = re.compile(r"slot-([1-7])-(\d{1,2})-(\d{1,2})", re.ASCII)
MOST_IN_PLACE = 8
KEPT_SHOWN = 30
BLANKS = 2  # places for further groups in each cell


@dataclass(frozen=True)
class Week:
    """The grid: weekdays and numbers of lessons, and what stands in each of its cells."""

    weekdays: Sequence[int]
    numbers: Sequence[int]
    cells: Sequence[Cell]

    def at(self, weekday: int, number: int) -> list[Cell]:
        """What stands in one cell."""
        return [cell for cell in self.cells if (cell.weekday, cell.number) == (weekday, number)]


def current_classes() -> list[SchoolClass]:
    """Classes whose year is not over, in order."""
    return list(
        db.session.scalars(
            select(SchoolClass)
            .join(SchoolClass.academic_year)
            .where(AcademicYear.ends_on >= acting_person().today)
            .options(joinedload(SchoolClass.academic_year))
            .order_by(AcademicYear.starts_on, SchoolClass.grade, SchoolClass.letter)
        )
    )


class TimetableView(SchoolPage):
    """The timetable of a class from a day on."""

    of = TimetableSlot
    needs = Action.CREATE
    in_menu = Action.CREATE

    def __init__(self, category: Any = None) -> None:
        super().__init__(_("Timetable of a class"), category, endpoint="timetable", url="/admin/timetable")

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Any:
        """Choose a class and a day; look at its week; preview and save another."""
        classes = current_classes()
        school_class = next((each for each in classes if each.id == asked.number("class")), None)
        if school_class is None:
            if asked.number("class"):
                abort(404)
            return self._page(classes, None, self._usual(None))
        start = asked.day("from")
        if start is None:
            start = self._usual(school_class)
            if request.values.get("from"):
                flash(gettext("Choose a day, for example %(day)s.", day=format_date(start, "d MMM y")), "error")
                return self._page(classes, school_class, start)
        if request.method == "POST":
            return self._change(classes, school_class, start)
        return self._page(classes, school_class, start, timetable.week_of(db.session(), school_class, start))

    def _usual(self, school_class: SchoolClass | None) -> date:
        """The Monday to come, within the year."""
        today = acting_person().today
        monday = today + timedelta(7 - today.weekday())
        if school_class is None:
            return monday
        year = school_class.academic_year
        return min(max(monday, year.starts_on), year.ends_on)

    def _change(self, classes: list[SchoolClass], school_class: SchoolClass, start: date) -> Any:
        """Carry the change out; what was only to be looked at is taken back."""
        cells, session, today = _posted(), db.session(), acting_person().today
        saves = request.form.get("do") == "save"
        try:
            done = timetable.change(session, school_class, start, cells, today)
            kept = [_kept(lesson) for lesson in done.kept[:KEPT_SHOWN]]
            if not saves:
                session.rollback()
                return self._page(classes, _again(school_class), start, cells, done, kept)
            session.commit()
        except SAID as exc:
            session.rollback()
            flash(explanation(exc) or "", "error")
            return self._page(classes, _again(school_class), start, cells)
        days.after_change(done.assignment_ids, today)
        flash(gettext("Saved: %(summary)s", summary=summary(done)), "success")
        return redirect(self.get_url(".index", **{"class": school_class.id, "from": start.isoformat()}))

    def _page(
        self, classes: list[SchoolClass], school_class: SchoolClass | None, start: date, cells: Sequence[Cell] = (),
        done: Change | None = None, kept: Sequence[str] = (),
    ) -> Any:  # fmt: skip
        options: list[tuple[int, str]] = []
        if school_class is not None:
            held = timetable.assignments_of(db.session(), school_class, start)
            options = [(each.id, _option(each)) for each in held]
        return self.render(
            "admin/lessons/timetable.html", classes=classes, school_class=school_class, start=start, options=options,
            week=_grid(cells) if school_class is not None else None, done=done, kept=kept, summary=summary,
            weekdays=WEEKDAYS, blanks=BLANKS, longest=timetable.ROOM,
        )  # fmt: skip


def _again(school_class: SchoolClass) -> SchoolClass:
    """The class, read anew after a rollback."""
    return db.session.get_one(SchoolClass, school_class.id)


def _posted() -> list[Cell]:
    """The week as it was sent; whoever sends more than a week holds gets 400."""
    cells = []
    for name, value in request.form.items():
        found = FIELD.fullmatch(name)
        assignment_id = asked.as_number(value) if found else None
        if found and assignment_id:
            weekday, number, place = (int(part) for part in found.groups())
            if number > 14 or place >= MOST_IN_PLACE:
                abort(400)
            room = asked.line(f"room-{weekday}-{number}-{place}", timetable.ROOM)
            cells.append(Cell(weekday, number, assignment_id, room))
    return cells


def _grid(cells: Sequence[Cell]) -> Week:
    """Weekdays and numbers of lessons that the school has, and whatever else stands in the week or is asked for."""
    bells = set(db.session.scalars(select(BellTime.number))) or set(range(1, 9))
    weekdays = {1, 2, 3, 4, 5} | {cell.weekday for cell in cells} | ({6} if request.values.get("saturday") else set())
    return Week(sorted(weekdays), sorted(bells | {cell.number for cell in cells}), sorted(cells))


def _option(assignment: TeachingAssignment) -> str:
    """«Алгебра · Орлова В. П.»; of a part of the class its name first: the subject is what both halves have."""
    names = (assignment.study_group.name, str(assignment.subject), assignment.teacher.short_name)
    return " · ".join(name for name in names if name)


def _kept(lesson: Any) -> str:
    return str(
        gettext(
            "%(day)s, lesson %(number)s: %(what)s", day=format_date(lesson.date, "EEE, d MMM"), number=lesson.number,
            what=lesson.assignment,
        )
    )  # fmt: skip


def summary(done: Change) -> str:
    """«12 lessons came, 10 went.» and what else there is to know."""
    if done.is_nothing:
        return str(gettext("Nothing changes: the timetable is like this already."))
    parts = []
    if done.came or not done.went:
        parts.append(ngettext("%(num)s lesson comes", "%(num)s lessons come", done.came))
    if done.went:
        parts.append(ngettext("%(num)s lesson goes", "%(num)s lessons go", done.went))
    if done.rooms:
        parts.append(ngettext("%(num)s gets another room", "%(num)s get another room", done.rooms))
    if done.kept:
        parts.append(
            ngettext("%(num)s stays because something is written in it",
                     "%(num)s stay because something is written in them", len(done.kept))
        )  # fmt: skip
    if done.left_out:
        parts.append(
            ngettext("%(num)s cannot come: the class has another lesson then",
                     "%(num)s cannot come: the class has another lesson then", done.left_out)
        )  # fmt: skip
    return "; ".join(parts) + "."
