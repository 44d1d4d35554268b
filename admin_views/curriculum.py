"""What is taught, by whom and when: years, terms, holidays, bells, subjects, assignments, timetable."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, redirect, request
from flask_admin import expose
from flask_admin.actions import action
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy import or_, select

from admin_views import filters, formats
from admin_views.base import SAID, SchoolModelView, acting_person, explanation
from admin_views.formats import linked
from app import spreadsheet
from app.extensions import db
from app.journal import days, term_lock
from app.journal.calendar import Span, generate_lessons
from app.journal.handovers import held_before, told
from app.models import (
    AcademicYear,
    BellTime,
    Holiday,
    SchoolClass,
    StudyGroup,
    Subject,
    TeachingAssignment,
    Term,
    TimetableSlot,
)
from app.models.people import TermKind
from app.policy import Action

WEEKDAYS = {
    1: _("Monday"), 2: _("Tuesday"), 3: _("Wednesday"), 4: _("Thursday"), 5: _("Friday"), 6: _("Saturday"),
    7: _("Sunday"),
}  # fmt: skip


class AcademicYearView(SchoolModelView):
    """Academic years."""

    model_class = AcademicYear
    title = _("Academic years")
    in_menu = Action.CHANGE
    column_list = ("name", "starts_on", "ends_on")
    column_details_list = column_list
    column_default_sort = ("starts_on", True)
    form_columns = ("name", "starts_on", "ends_on")


def lock_state(view: Any, _context: Any, term: Term, _name: str) -> Any:
    """Whether the term is locked, as the way to change it for whoever may."""
    if not view.can_edit:
        return formats.yes_or_no(term.is_locked)
    tick = Markup('<span class="tick" aria-hidden="true">✓</span> ') if term.is_locked else ""
    state = gettext("Locked") if term.is_locked else gettext("Lock…")
    return Markup('<a href="{}">{}{}</a>').format(view.get_url(".lock_view", id=term.id), tick, state)


class TermView(SchoolModelView):
    """Quarters, trimesters and half-years; a locked term takes no more changes."""

    model_class = Term
    title = _("Terms")
    loads = ("academic_year",)
    column_list = ("academic_year", "kind", "number", "starts_on", "ends_on", "is_locked")
    column_details_list = (*column_list, "unlock_reason")
    column_sortable_list = (("academic_year", "academic_year.starts_on"), "kind", "number", "starts_on", "ends_on")
    column_default_sort = ("starts_on", True)
    filters = (
        filters.OneOf("kind", _("Kind"), Term.kind, TermKind),
        filters.YesNo("locked", _("Locked"), Term.is_locked),
    )
    form_columns = ("academic_year", "kind", "number", "starts_on", "ends_on")
    column_formatters = {"is_locked": lock_state}

    @action("lessons", _("Create lessons from the timetable"))
    def create_lessons(self, ids: list[str]) -> None:
        """Write the lessons of the chosen terms that the timetable gives and that are missing."""
        terms = self.chosen(ids)
        try:
            made = sum(
                generate_lessons(db.session(), term.academic_year, Span(term.starts_on, term.ends_on)) for term in terms
            )
        except SAID as exc:
            db.session.rollback()
            flash(explanation(exc) or "", "error")
            return
        touched = _taught_in({term.academic_year_id for term in terms}) if made else set()
        if self.save(ngettext("%(num)s lesson created.", "%(num)s lessons created.", made)):
            days.after_change(touched, acting_person().today)

    @expose("/lock/", methods=("GET", "POST"))
    def lock_view(self) -> Any:
        """What the term still lacks; lock it, or open it again with a reason."""
        term = self._lockable()
        if request.method == "POST":
            wants_lock = request.form.get("turn") == "lock"
            if wants_lock is term.is_locked:  # somebody else was faster
                return redirect(self.get_url(".lock_view", id=term.id))
            try:
                term_lock.turn(term, lock=wants_lock, reason=request.form.get("reason", ""))
                db.session.commit()
            except SAID as exc:
                db.session.rollback()
                return self._lock_page(term, explanation(exc))
            flash(gettext("The term is locked.") if wants_lock else gettext("The term is open again."), "success")
            return redirect(self.get_url(".lock_view", id=term.id))
        return self._lock_page(term, None)

    @expose("/lock/export/")
    def export_missing(self) -> Any:
        """What the term still lacks, as a spreadsheet."""
        term = self._lockable()
        head = [gettext("Class"), gettext("Subject"), gettext("Group"), gettext("Teacher"),
                gettext("Final marks missing"), gettext("Lessons without topic"),
                gettext("Works without marks")]  # fmt: skip
        rows = [
            (str(lack.school_class), str(lack.subject), str(lack.group), str(lack.teacher), lack.finals, lack.topics,
             lack.works)
            for lack in term_lock.missing(db.session(), term, acting_person().today)
        ]  # fmt: skip
        name = f"missing_{term.id}_{acting_person().today.isoformat()}.xlsx"
        headers = {"Content-Disposition": f"attachment; filename={name}"}
        return Response(spreadsheet.xlsx(str(term), head, rows), mimetype=spreadsheet.XLSX, headers=headers)

    def _lockable(self) -> Term:
        term = self.get_one(request.args.get("id"))
        if term is None:
            abort(404)
        if not self.may_change(term):
            abort(403)
        return term

    def _lock_page(self, term: Term, problem: str | None) -> Any:
        lacks = term_lock.missing(db.session(), term, acting_person().today)
        return self.render(
            "admin/terms/lock.html", term=term, lacks=lacks, total=term_lock.total(lacks), problem=problem,
            turns=term_lock.turns(db.session(), term), typed=request.form.get("reason", "")[:200],
            has_ended=term.ends_on < acting_person().today, moment=formats.moment, day=formats.day,
            by_class=term_lock.by_class(lacks),
        )  # fmt: skip


def _taught_in(years: set[int]) -> set[int]:
    """The assignments of academic years."""
    in_years = StudyGroup.school_class.has(SchoolClass.academic_year_id.in_(years))
    return set(db.session.scalars(select(TeachingAssignment.id).where(TeachingAssignment.study_group.has(in_years))))


class HolidayView(SchoolModelView):
    """Days without lessons."""

    model_class = Holiday
    title = _("Holidays")
    in_menu = Action.CHANGE
    loads = ("academic_year",)
    column_list = ("name", "academic_year", "starts_on", "ends_on")
    column_details_list = column_list
    column_sortable_list = ("name", "starts_on", "ends_on")
    column_default_sort = ("starts_on", True)
    form_columns = ("academic_year", "name", "starts_on", "ends_on")


class BellTimeView(SchoolModelView):
    """When lessons begin and end."""

    model_class = BellTime
    title = _("Bell times")
    in_menu = Action.CHANGE
    column_list = ("number", "starts_at", "ends_at")
    column_details_list = column_list
    column_default_sort = "number"
    form_columns = ("number", "starts_at", "ends_at")


class SubjectView(SchoolModelView):
    """Subjects."""

    model_class = Subject
    title = _("Subjects")
    in_menu = Action.CHANGE
    column_list = ("name",)
    column_details_list = column_list
    column_sortable_list = (("name", "search_name"),)
    column_default_sort = "search_name"
    form_columns = ("name",)


def had_before(_view: Any, _context: Any, row: TeachingAssignment, _name: str) -> str:
    """Who had the journal before its teacher."""
    return told(held_before(db.session(), [row.id]).get(row.id, ()))


class TeachingAssignmentView(SchoolModelView):
    """Who teaches what to which group."""

    model_class = TeachingAssignment
    title = _("Teaching assignments")
    loads = ("subject", "teacher", "study_group.school_class")
    column_list = ("subject", "study_group", "teacher", "starts_on", "ends_on")
    column_details_list = (*column_list, "had_before")
    column_sortable_list = (
        ("subject", "subject.search_name"),
        ("teacher", "teacher.sort_name"),
        "starts_on",
        "ends_on",
    )
    is_long = True
    column_default_sort = "subject.search_name"
    column_formatters = {"study_group": linked, "teacher": linked, "had_before": had_before}
    filters = (
        filters.in_class(
            lambda number: TeachingAssignment.study_group.has(StudyGroup.school_class_id == number), _("Class")
        ),
        filters.of_subject(lambda number: TeachingAssignment.subject_id == number, _("Subject")),
        filters.Choice(
            "holds",
            _("Lasting"),
            lambda yes: or_(TeachingAssignment.ends_on.is_(None), TeachingAssignment.ends_on >= acting_person().today),
            lambda: [("1", gettext("Yes"))],
        ),
    )
    form_columns = ("subject", "study_group", "teacher", "starts_on", "ends_on")


def weekday(_view: Any, _context: Any, row: TimetableSlot, _name: str) -> str:
    """The day's name."""
    return str(WEEKDAYS[row.weekday])


class TimetableSlotView(SchoolModelView):
    """The weekly timetable, from a date on."""

    model_class = TimetableSlot
    title = _("Timetable")
    loads = ("assignment.subject", "assignment.teacher", "assignment.study_group.school_class")
    column_list = ("weekday", "number", "assignment", "teacher", "room", "valid_from", "valid_until")
    column_details_list = column_list
    column_sortable_list = ("weekday", "number", "room", "valid_from", "valid_until")
    is_long = True
    column_default_sort = [("weekday", False), ("number", False)]
    column_formatters = {
        "weekday": weekday,
        "assignment": linked,
        "teacher": lambda _view, _context, row, _name: str(row.assignment.teacher),
    }
    column_formatters_export = {"weekday": weekday, "teacher": column_formatters["teacher"]}
    filters = (
        filters.in_class(
            lambda number: TimetableSlot.assignment.has(
                TeachingAssignment.study_group.has(StudyGroup.school_class_id == number)
            ),
            _("Class"),
        ),
        filters.Choice(
            "weekday",
            _("Weekday"),
            lambda day: TimetableSlot.weekday == day,
            lambda: [(str(number), str(name)) for number, name in WEEKDAYS.items()],
            int,
        ),
    )
    form_columns = ("assignment", "weekday", "number", "room", "valid_from", "valid_until")
    form_choices = {"weekday": [(str(number), name) for number, name in WEEKDAYS.items()]}
    form_args = {"weekday": {"coerce": int}}
