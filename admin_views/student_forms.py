"""The forms of a student: the data, and coming, moving and leaving."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import and_, null, select
from wtforms import DateField, StringField
from wtforms.validators import InputRequired, Length, Optional

from admin_views import guardian_fields
from admin_views.base import acting, acting_person
from admin_views.forms import (
    EmailField,
    PhoneField,
    RelationField,
    SchoolForm,
    at_field,
    proper_birth_date,
    proper_name,
    stripped,
)
from admin_views.guardian_fields import GuardianFields
from admin_views.search import Lookup
from app import policy
from app.extensions import db
from app.models import AcademicYear, Enrollment, SchoolClass, Student, StudentDetails
from app.people import placement
from app.people.refusal import Refusal
from app.policy import Action

PERSON = ("family_name", "given_name", "patronymic")
NAME_ARGS: dict[str, dict[str, Any]] = {
    "family_name": {"validators": [proper_name]},
    "given_name": {"validators": [proper_name]},
    "patronymic": {"validators": [Optional(), proper_name], "filters": [lambda value: value or ""]},
}
DETAILS = ("birth_date", "phone", "email", "address")
PLACE = ("school_class", "starts_on")


def open_classes() -> Any:
    """Classes whose year is not over and that the person may let a student into, as SQL."""
    actor = acting_person()
    newcomer = SimpleNamespace(id=null(), student_id=null(), school_class_id=SchoolClass.id)
    may_enrol = policy.criterion(actor, Enrollment, Action.CREATE, row=newcomer)
    return and_(SchoolClass.academic_year.has(AcademicYear.ends_on >= actor.today), may_enrol)


CLASS_LOOKUP = Lookup("school_class", SchoolClass, open_classes)


def usual_first_day() -> Any:
    """What the day of coming is before anybody changes it."""
    actor = acting()
    return placement.usual_first_day(db.session(), actor.today) if actor is not None else None


def student_fields() -> dict[str, Any]:
    """Fields beyond the name; the last ones only for a new student."""
    return {
        "birth_date": DateField(_("Date of birth"), [Optional(), proper_birth_date]),
        "phone": PhoneField(_("Phone")),
        "email": EmailField(_("E-mail")),
        "address": StringField(_("Address"), [Length(max=300)], filters=[stripped, lambda value: value or None]),
        "school_class": RelationField(CLASS_LOOKUP, _("Class")),
        "starts_on": DateField(_("In the class from"), [InputRequired()], default=usual_first_day),
        **guardian_fields.fields(),
    }


class StudentForm(GuardianFields):
    """A student; a new one enters a class and may bring the first parent, all in one transaction."""

    def validate(self, extra_validators: Any = None) -> bool:
        """Each field by itself, then together."""
        fine: bool = super().validate(extra_validators)
        if "school_class" not in self:
            return fine
        checks = [fine, self._check_birth(), self._check_place(), not self.names_somebody() or self.check_guardian()]
        return all(checks)

    def _check_birth(self) -> bool:
        """A new student is not there already."""
        same = select(Student).join(Student.details).where(StudentDetails.birth_date == self["birth_date"].data)
        same = same.where(*(getattr(Student, name) == (self[name].data or "") for name in PERSON))
        if db.session.scalars(same).first() is None:
            return True
        return at_field(self, Refusal(_("A student with this name and date of birth is there already."), "family_name"))

    def _check_place(self) -> bool:
        school_class, day = self["school_class"].data, self["starts_on"].data
        if school_class is None or day is None:
            return False
        try:
            placement.check_days(school_class.academic_year, day)
        except Refusal as refusal:
            return at_field(self, refusal)
        return True

    def populate_obj(self, student: Student) -> None:
        """Write the student, and what a new one brings."""
        for name in (*PERSON, *DETAILS):
            if name in self:
                self[name].populate_obj(student, name)
        if "school_class" in self:
            placement.enrol(student, self["school_class"].data, self["starts_on"].data)
            if self.names_somebody():
                student.guardianships.append(self.guardianship())


class MoveForm(SchoolForm):
    """Into which class, and from when."""

    school_class = RelationField(CLASS_LOOKUP, _("Class"))
    starts_on = DateField(
        _("First day in the class"), [InputRequired()], default=usual_first_day,
        description=_("The enrolment before ends on the day before, and so do the groups of that class."),
    )  # fmt: skip


class LeaveForm(SchoolForm):
    """When the last day is."""

    ends_on = DateField(
        _("Last day at the school"), [InputRequired()], default=lambda: acting_person().today,
        description=_("Marks, attendance and the history stay. A student who returns is enrolled again."),
    )  # fmt: skip
