"""What the school has settled about the control: its terms of each rule, and days that do not count."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import format_date, gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select

from admin_views import filters
from admin_views.base import SchoolModelView, SchoolPage, attempt, explanation
from admin_views.classes import of_this_year
from admin_views.forms import SchoolForm, at_field
from app.control import settings
from app.extensions import db
from app.models import AcademicYear, ExcusedPeriod, RuleSetting, User
from app.people.refusal import Refusal
from app.policy import Action


class RuleSettingsView(SchoolPage):
    """All rules on one page: on or off, their days, the least number, how often people are reminded."""

    of = RuleSetting
    needs = Action.CHANGE
    in_menu = Action.CHANGE
    title = _("Rules of the control")

    def __init__(self, category: Any = None) -> None:
        super().__init__(self.title, category, endpoint="rulesetting", url="/admin/rulesetting")

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Any:
        """Show the rules; take what is changed."""
        if request.method == "GET":
            return self._shown(settings.lines(db.session()))
        wrong: list[settings.Line] = []

        def change() -> str:
            wrong.extend(settings.take(db.session(), request.form))
            return gettext("Saved. The figures follow the new terms at once.")

        problem = attempt(change, quietly=True)
        if problem is not None:
            flash(explanation(problem) or "", "error")
            return self._shown(settings.lines(db.session()))
        if wrong:
            flash(gettext("Nothing was saved yet: see the marked fields."), "error")
            return self._shown(wrong)
        flash(gettext("Saved. The figures follow the new terms at once."), "success")
        return redirect(self.get_url(".index"))

    def _shown(self, lines: list[settings.Line]) -> Any:
        return self.render("admin/control/settings.html", lines=lines, limits=settings.LIMITS, names=NAMES)


NAMES = {
    "days": _("Days"),
    "minimum": _("Least number of marks"),
    "remind_days": _("Reminded once in days"),
}


def _staff() -> ColumnElement[bool]:
    """People to choose from: those whose lessons or class there can be."""
    return User.is_staff & User.is_active


class ExcusedForm(SchoolForm):
    """Whose days do not count, and which; messages say what to do."""

    def validate(self, extra_validators: Any = None) -> bool:
        """The fields one by one, then what they say together."""
        if not super().validate(extra_validators):
            return False
        try:
            _check(self)
        except Refusal as refusal:
            return at_field(self, refusal)
        return True


def _check(form: Any) -> None:
    first, last, teacher, of_class = form.starts_on.data, form.ends_on.data, form.teacher.data, form.school_class.data
    if last < first:
        raise Refusal(_("The last day is before the first one."), "ends_on")
    year = db.session.scalar(select(AcademicYear).where(AcademicYear.starts_on <= first, AcademicYear.ends_on >= last))
    if year is None:
        raise Refusal(
            _("These days are not in one school year. Write a period for each year, within its days."), "starts_on"
        )
    if teacher is not None and of_class is not None:
        raise Refusal(
            _("A period is of a teacher or of a class, not of both. Leave one of them empty, and write a second period "
              "if both are away."), "school_class",
        )  # fmt: skip
    if of_class is not None and of_class.academic_year_id != year.id:
        raise Refusal(
            gettext("%(name)s is a class of the year %(of_year)s, and these days are in %(year)s. Choose the class of "
                    "that year, or other days.", name=of_class, of_year=of_class.academic_year, year=year),
            "school_class",
        )  # fmt: skip
    if teacher is not None and not teacher.is_staff:
        raise Refusal(
            gettext("%(name)s is not a member of staff: no lesson and no class is up to them. Choose who teaches or "
                    "leads a class.", name=teacher),
            "teacher",
        )  # fmt: skip


def whose(_view: Any, _context: Any, row: ExcusedPeriod, _name: str) -> str:
    """Of whom the days are."""
    return str(row.teacher or row.school_class or gettext("the whole school"))


class ExcusedPeriodView(SchoolModelView):
    """Days that do not count: a teacher is ill, a class in quarantine, the school closed."""

    model_class = ExcusedPeriod
    title = _("Days that do not count")
    in_menu = Action.CHANGE
    loads = ("teacher", "school_class")
    column_list = ("whose", "starts_on", "ends_on", "reason")
    column_details_list = column_list
    column_sortable_list = ("starts_on", "ends_on")
    column_default_sort = ("starts_on", True)
    column_formatters = column_formatters_export = {"whose": whose}
    filters = (
        filters.in_class(lambda number: ExcusedPeriod.school_class_id == number, _("Class")),
        filters.Day("on", _("Day"), lambda day: (ExcusedPeriod.starts_on <= day) & (ExcusedPeriod.ends_on >= day)),
    )
    form_base_class = ExcusedForm
    form_columns = ("teacher", "school_class", "starts_on", "ends_on", "reason")
    narrowed = {"teacher": _staff, "school_class": of_this_year}
    form_args = {
        "teacher": {"description": _("Ill or away: what is up to this person then does not count. Empty for a class or "
                                     "for the whole school.")},
        "school_class": {"description": _("In quarantine or on a trip. Empty, without a teacher as well: the whole "
                                          "school.")},
    }  # fmt: skip
    empty = _(
        "No such days yet. Write here when a teacher is ill, a class in quarantine or the school closed: what was due "
        "then is not counted as overdue. Holidays stand in the holidays of the school."
    )

    def name_of(self, row: ExcusedPeriod) -> str:
        """«Орлова Вера, 1 октября – 9 октября»."""
        first, last = (str(format_date(day, "d MMMM")) for day in (row.starts_on, row.ends_on))
        return f"{whose(self, None, row, '')}, {first} – {last}"
