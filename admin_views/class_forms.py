"""The forms of classes, groups, enrolments and members: days in order, members out of the class."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateField, SelectMultipleField
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from admin_views.base import acting_person
from admin_views.forms import SchoolForm, at_field
from app.imports import values
from app.models import AcademicYear
from app.people import placement
from app.people.refusal import Refusal


def class_letter(form: Any, field: Any) -> None:
    """A Russian letter, written large; a Latin one that looks the same is mended."""
    try:
        field.data = values.class_name(f"1{field.data}").letter
    except values.ValueProblem as problem:
        raise ValidationError(_("A Russian letter, as in 5А.")) from problem
    if not field.data:
        raise ValidationError(_("A Russian letter, as in 5А."))


class LastingForm(SchoolForm):
    """A membership with a first and, once it is over, a last day."""

    def year(self) -> AcademicYear | None:
        """The academic year the days belong to."""
        raise NotImplementedError

    def validate(self, extra_validators: Any = None) -> bool:
        """Each field by itself, then the days together."""
        fine: bool = super().validate(extra_validators)
        year, starts_on = self.year(), self["starts_on"].data
        if year is None or starts_on is None:
            return fine
        try:
            placement.check_days(year, starts_on, self["ends_on"].data)
        except Refusal as refusal:
            return at_field(self, refusal)
        return fine


class EnrollmentForm(LastingForm):
    """A student in a class."""

    def year(self) -> AcademicYear | None:
        """That of the class."""
        school_class = self["school_class"].data if "school_class" in self else self._obj.school_class
        return school_class.academic_year if school_class else None


class MemberForm(LastingForm):
    """A student in a group."""

    def year(self) -> AcademicYear | None:
        """That of the group's class."""
        group = self["study_group"].data if "study_group" in self else self._obj.study_group
        return group.school_class.academic_year if group else None


class JoinForm(SchoolForm):
    """Which students of the class join a group, and from when."""

    students = SelectMultipleField(
        _("Students"), coerce=int, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    starts_on = DateField(_("From"), [InputRequired()], default=lambda: acting_person().today)

    def validate_students(self, field: Any) -> None:
        """Somebody has to be chosen."""
        if not field.data:
            raise ValidationError(_("Choose at least one student."))
