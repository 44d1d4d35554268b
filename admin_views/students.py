"""Students: the list, the page of each, and coming, moving, leaving and returning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask import abort, redirect, request, url_for
from flask_admin import expose
from flask_admin.actions import action
from flask_babel import format_date, gettext, ngettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup, escape
from wtforms.validators import InputRequired

from admin_views import filters
from admin_views.base import SchoolModelView, acting, acting_person, allowed_of
from admin_views.formats import date_text, nowrap, phone_cell
from admin_views.forms import phone_text, proper_birth_date
from admin_views.issuing import GivesAccess
from admin_views.student_forms import (
    DETAILS,
    NAME_ARGS,
    PERSON,
    LeaveForm,
    MoveForm,
    StudentForm,
    open_classes,
    student_fields,
)
from app import policy
from app.extensions import db
from app.messages import addressees
from app.models import Credential, Enrollment, Guardianship, SchoolClass, Student, StudentDetails
from app.people import placement
from app.people.access import AccessState, access_states
from app.people.completeness import Gap, gaps, has_gap, is_complete
from app.people.placement import Place, Standing
from app.people.records import refuse_with_records
from app.people.use import Use, use_of
from app.policy import Action

MAX_CHOSEN = 500
KEEPS = (Student, Action.CHANGE)  # who keeps the data of students is told what it lacks


def place_text(student: Student) -> str:
    """«5А», «left 5А on 12 Oct 2026», «from 1 Sept 2026: 1А»."""
    place = placement.place_of(student, acting_person().today)
    spell = place.enrollment
    if spell is None or spell.school_class is None:
        return ""
    name = str(spell.school_class)
    if place.standing is Standing.LEFT and spell.ends_on is not None:
        return gettext("left %(name)s on %(date)s", name=name, date=format_date(spell.ends_on, "d MMM y"))
    if place.standing is Standing.COMING:
        return gettext("from %(date)s: %(name)s", name=name, date=format_date(spell.starts_on, "d MMM y"))
    return name


def guardian_lines(student: Student) -> list[tuple[str, str]]:
    """Each parent with the phone, or else the e-mail, or else nothing."""
    people = [each.user for each in student.guardianships if each.user is not None]
    return [(str(person), phone_text(person.phone) if person.phone else person.email or "") for person in people]


def guardians_cell(student: Student) -> Markup:
    """The parents below each other, each with what is not to be broken apart."""
    each = (f'{escape(name)} <span class="nowrap">{escape(to)}</span>' for name, to in guardian_lines(student))
    return Markup("<div>" + "<br>".join(each) + "</div>")  # noqa: S704  # nosec B704  # both are escaped


def birth_date_cell(student: Student) -> Markup | str:
    """The day of birth; its weekday helps nobody."""
    born = student.birth_date
    return nowrap(date_text(born)) if born else ""


def gaps_text(view: Any, student: Student) -> str:
    """What the data lacks, for whoever keeps it."""
    if student.id not in view.rows_allowed(Action.CHANGE):
        return ""
    return ", ".join(str(gap) for gap in gaps(student)) or "✓"


@dataclass(frozen=True)
class Card:
    """What stands on a student's page beyond the columns, and what the person may do there."""

    place: Place
    gaps: list[Gap]
    access: dict[int, AccessState]
    use: dict[int, Use]
    gives_access: bool
    keeps: bool
    moves: bool
    guardianships_changed: set[int]
    guardianships_deleted: set[int]


class StudentView(GivesAccess, SchoolModelView):
    """Students, with their class today, their parents and what their data lacks."""

    model_class = Student
    history_of = {"student": _("All changes about this student")}
    title = _("Students")
    empty = _("No students yet. Import the class list, or add the first student.")
    loads = ("details", "enrollments.school_class", "guardianships.user.account")
    details_loads = (
        "details", "user.account", "user.newest_credential", "enrollments.school_class.academic_year",
        "guardianships.user.account", "guardianships.user.newest_credential", "guardianships.user.newest_consent.text",
        "memberships.study_group.school_class",
    )  # fmt: skip
    edit_loads = ("details",)
    reads = {
        "": (*PERSON, "user_id"),
        "details": ("student_id", "birth_date", "phone", "email", "address"),
        "enrollments": ("student_id", "school_class_id", "starts_on", "ends_on"),
        "enrollments.school_class": ("grade", "letter"),
        "guardianships.user": (*PERSON, "is_staff"),
        "guardianships.user.account": ("user_id", "phone", "email"),
    }
    column_list = ("full_name", "school_class", "birth_date", "phone", "guardians", "completeness")
    column_details_list = ("full_name", "school_class", *DETAILS, "completeness", "created_at")
    column_export_list = (*PERSON, "school_class", *DETAILS, "guardians", "completeness")
    column_sortable_list = (("full_name", "sort_name"), ("birth_date", "details.birth_date"))
    column_default_sort = "sort_name"
    column_rights = {
        **dict.fromkeys((*DETAILS, "created_at"), (StudentDetails, Action.SEE)),
        "guardians": (Guardianship, Action.SEE),
        "completeness": KEEPS,
        "gap": KEEPS,
    }
    filters = (
        filters.in_class(lambda number: placement.is_in_class(number, acting_person().today), _("Class")),
        filters.Choice(
            "place",
            _("At the school"),
            lambda standing: placement.stands(standing, acting_person().today),
            lambda: [
                ("here", gettext("in a class")),
                ("left", gettext("has left")),
                ("coming", gettext("is coming")),
                ("nowhere", gettext("never in a class")),
            ],
            lambda value: Standing[value.upper()],
        ),
        filters.Choice(
            "gap",
            _("Data"),
            lambda gap: has_gap(gap) if gap else is_complete(),
            lambda: [("complete", gettext("complete")), *((gap.value, str(gap)) for gap in Gap)],
            lambda value: None if value == "complete" else next(gap for gap in Gap if gap.value == value),
        ),
    )
    details_template = "admin/people/student.html"
    place_text = staticmethod(place_text)
    phone_text = staticmethod(phone_text)
    create_template = "admin/people/new_student.html"
    form_base_class = StudentForm
    form_columns = PERSON
    form_args = NAME_ARGS
    form_extra_fields = student_fields()
    edit_columns = (*PERSON, *DETAILS)
    lookups = {"school_class": SchoolClass}
    narrowed = {"school_class": open_classes}
    column_formatters = {
        "school_class": lambda _view, _context, row, _name: place_text(row),
        "phone": lambda _view, _context, row, _name: phone_cell(row.phone),
        "birth_date": lambda _view, _context, row, _name: birth_date_cell(row),
        "guardians": lambda _view, _context, row, _name: guardians_cell(row),
        "completeness": lambda view, _context, row, _name: gaps_text(view, row),
    }
    column_formatters_export = {
        "school_class": column_formatters["school_class"],
        "completeness": column_formatters["completeness"],
        "guardians": lambda _view, _context, row, _name: "; ".join(map(" ".join, guardian_lines(row))),
    }

    # One student

    def create_form(self, obj: Any = None) -> Any:
        """A new student has a birth date, by which namesakes are told apart."""
        form = super().create_form(obj)
        form.birth_date.validators = [InputRequired(), proper_birth_date]
        return form

    def get_one(self, id: Any) -> Any:
        """The student; what stands on the page may be asked about as on a list of one."""
        row = super().get_one(id)
        if row is not None:
            self._template_args["ids"] = [row.id]
        return row

    def allows(self, action: Action, row: Student) -> bool:
        """Asked once for the page and for what its columns say."""
        return row.id in self.rows_allowed(action)

    def card(self, student: Student) -> Card:
        """For the page of the student."""
        session, actor = db.session(), acting_person()
        people = [each.user for each in student.guardianships if each.user is not None]
        if student.user is not None:
            people.append(student.user)
        keeps = self.allows(Action.CHANGE, student)
        of_parents = allowed_of(Guardianship, [each.id for each in student.guardianships], Action.CHANGE, Action.DELETE)
        return Card(
            placement.place_of(student, actor.today),
            gaps(student),
            access_states(people, actor.now),
            use_of(session, student.id, actor.today),
            gives_access=keeps and policy.may(actor, Credential, Action.CREATE),
            keeps=keeps,
            moves=policy.may(actor, Enrollment, Action.CHANGE),
            guardianships_changed=of_parents[Action.CHANGE],
            guardianships_deleted=of_parents[Action.DELETE],
        )

    def may_write_about(self, student: Student) -> bool:
        """Whether the person may write to the student's parents."""
        return addressees.student(db.session(), student.id) is not None

    def get_save_return_url(self, model: Any, is_created: bool = False) -> Any:
        """A new student is looked at, to add what is still missing."""
        return self.get_url(".details_view", id=model.id)

    def on_model_delete(self, model: Student) -> None:
        """Deleting is for entries made by mistake."""
        refuse_with_records(db.session(), model)

    # Coming, moving, leaving

    def is_action_allowed(self, name: str) -> bool:
        """Students are moved together, and their parents given access; never deleted together."""
        if name == "move":
            return policy.may(acting(), Enrollment, Action.CHANGE)
        if name == "student_access":
            return policy.may(acting(), Credential, Action.CREATE)
        return name != "delete" and super().is_action_allowed(name)

    @action("move", _("Move to class"))
    def choose_class(self, ids: list[str]) -> Any:
        """Ask for the class and the day."""
        return redirect(self.get_url(".move_view", id=ids[:MAX_CHOSEN]))

    @action("student_access", _("Give the students access"))
    def give_students_access(self, _ids: list[str]) -> Any:
        """On to what will be sent to the students themselves; the form goes along."""
        return redirect(url_for("access.students"), 307)

    @expose("/move/", methods=("GET", "POST"))
    def move_view(self) -> Any:
        """Put the chosen students into a class from a day on: those who are in another, who left, who never were."""
        students = self._chosen_to_move()
        form = MoveForm(request.form if request.method == "POST" else None)
        if request.method == "POST" and form.validate():
            school_class, day = form.school_class.data, form.starts_on.data

            def move() -> str:
                moved = placement.move(db.session(), students, school_class, day)
                return ngettext(
                    "%(num)s student is in %(name)s from %(date)s.",
                    "%(num)s students are in %(name)s from %(date)s.",
                    moved, name=str(school_class), date=format_date(day, "d MMM y"),
                )  # fmt: skip

            if self.carry_out(form, move):
                return redirect(self._after(students))
        standing = {placement.place_of(student, acting_person().today).standing for student in students}
        return self.render(
            "admin/people/move.html", form=form, students=students, return_url=self._after(students),
            title=gettext("Move to class") if Standing.HERE in standing else gettext("Came to the school"),
        )  # fmt: skip

    @expose("/leave/", methods=("GET", "POST"))
    def leave_view(self) -> Any:
        """Let a student leave the school on a day."""
        students = self._chosen_to_move()[:1]
        form = LeaveForm(request.form if request.method == "POST" else None)

        def leave() -> str:
            placement.leave(db.session(), students[0], form.ends_on.data, acting_person().today)
            date = format_date(form.ends_on.data, "d MMM y")
            return gettext("%(name)s: the last day is %(date)s.", name=str(students[0]), date=date)

        if request.method == "POST" and form.validate() and self.carry_out(form, leave):
            return redirect(self._after(students))
        return self.render(
            "admin/people/move.html", form=form, students=students, return_url=self._after(students),
            title=gettext("Left the school"),
        )  # fmt: skip

    def _chosen_to_move(self) -> list[Student]:
        if not policy.may(acting(), Enrollment, Action.CHANGE):
            abort(403)
        numbers = [int(number) for number in request.args.getlist("id") if re.fullmatch(r"[1-9]\d{0,8}", number)]
        return placement.with_history(db.session(), numbers[:MAX_CHOSEN]) or abort(404)

    def _after(self, students: list[Student]) -> Any:
        if len(students) == 1:
            return self.get_url(".details_view", id=students[0].id)
        return self.get_url(".index_view")
