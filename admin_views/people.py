"""Guardians, and everybody who can sign in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from flask import request
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy import select
from wtforms import StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from admin_views import filters, guardian_fields, second_factor
from admin_views.base import SchoolModelView, acting, acting_person, may_write
from admin_views.formats import contacts_cell, linked, phone_cell
from admin_views.forms import EmailField, PhoneField, RelationField, SchoolForm, WordField, proper_name
from admin_views.guardian_fields import GuardianFields
from admin_views.issuing import GivesAccess
from admin_views.open_sessions import EndsSessions
from admin_views.search import Lookup
from admin_views.second_factor import ResetsSecondFactor
from admin_views.staff_card import StaffCard, card
from admin_views.student_forms import NAME_ARGS, PERSON
from app import policy
from app.auth.asked_again import asks_again
from app.extensions import db
from app.models import Account, Guardianship, Student, User
from app.models.people import Channel
from app.people import placement
from app.people.access import access_states
from app.people.roles import roles
from app.policy import Action

CONTACTS = ("phone", "email", "channel")
OF_PERSON = (*PERSON, *CONTACTS)


def contact_fields() -> dict[str, Any]:
    """How a person is reached."""
    return {
        "phone": PhoneField(_("Phone")),
        "email": EmailField(_("E-mail")),
        "channel": WordField(_("Preferred channel"), words=Channel, allow_blank=True),
    }


def once_a_page(name: str, ask: Callable[[list[User]], dict[int, Any]]) -> Callable[..., Any]:
    """A column that is asked for all people of a page at once; ``ask`` gives values by the person's id."""

    def value(view: Any, _context: Any, row: Any, _name: str) -> Any:
        person = row.user if isinstance(row, Guardianship) else row
        if person is None:
            return ""
        known = view._template_args.setdefault(name, {})
        if person.id not in known:
            people = view._template_args.get("people", [person])
            known |= dict.fromkeys((each.id for each in people), "") | ask(people)
        found = known.get(person.id, "")
        return "; ".join(found) if isinstance(found, list) else found if isinstance(found, Markup) else str(found)

    return value


ACCESS = once_a_page("access", lambda people: access_states(people, acting_person().now))
ROLES = once_a_page("roles", lambda people: roles(db.session(), people, acting_person().today))


def makes_deputy() -> bool:
    """Whether what was sent says that somebody is a deputy director."""
    return "is_deputy_director" in request.form


class UserForm(SchoolForm):
    """Somebody who can sign in."""

    def validate_login(self, field: Any) -> None:
        """A login is one person's; capitals do not count."""
        field.data = field.data.lower()
        taken = select(Account.user_id).where(Account.login == field.data)
        if any(user_id != getattr(self._obj, "id", None) for user_id in db.session.scalars(taken)):
            raise ValidationError(gettext("Somebody else has this login."))


class UserView(ResetsSecondFactor, EndsSessions, GivesAccess, SchoolModelView):
    """Everybody who can sign in, with their roles."""

    model_class = User
    history_of = {"user": _("All changes about this person"), "actor": _("All that this person changed")}
    title = _("People with access")
    in_menu = Action.DELETE
    loads: ClassVar[Sequence[str]] = ("account", "newest_credential")
    details_loads = ("account", "newest_credential", "second_factor", "sessions")
    edit_loads = ("account",)
    column_list = ("full_name", "roles", "login", "contacts", "last_seen_at", "access")
    column_export_list: Sequence[str] = ("full_name", "roles", "login", "phone", "email", "last_seen_at", "access")
    column_details_list = (
        "full_name", "roles", "login", "phone", "email", "channel", "last_seen_at", "access", "second_factor",
        "is_staff", "is_deputy_director", "is_active", "created_at",
    )  # fmt: skip
    column_rights = dict.fromkeys(
        (
            "login",
            "contacts",
            "phone",
            "email",
            "channel",
            "last_seen_at",
            "access",
            "is_active",
            "created_at",
            "active",
            "came",
        ),
        (User, Action.CHANGE),
    ) | dict.fromkeys(("second_factor", "second"), (User, Action.DELETE))
    column_sortable_list = (
        ("full_name", "sort_name"),
        ("login", "account.login"),
        ("last_seen_at", "account.last_seen_at"),
    )
    column_default_sort = "sort_name"
    filters: ClassVar[Sequence[filters.Filter]] = (
        filters.YesNo("staff", _("Staff"), User.is_staff),
        filters.YesNo("deputy", _("Deputy director"), User.is_deputy_director),
        filters.YesNo("active", _("May sign in"), User.is_active),
        filters.YesNo("second", _("Second factor"), second_factor.IS_ON),
        filters.YesNo("came", _("Has signed in"), User.account.has(Account.last_seen_at.is_not(None))),
    )
    details_template = "admin/people/user.html"
    form_base_class = UserForm
    form_columns = (*PERSON, "is_staff", "is_deputy_director", "is_active")
    form_args = NAME_ARGS
    form_extra_fields = {
        "login": StringField(
            _("Login"), [Optional(), Length(min=3, max=80),
                         Regexp(r"[A-Za-z0-9._-]+\Z", message=_("Latin letters, digits, dots and hyphens only."))],
            filters=[lambda value: value.strip() or None if value else None],
            description=_("Left empty, the person gets one with the access."),
        ),
        **contact_fields(),
    }  # fmt: skip
    column_formatters = {
        "roles": ROLES,
        "contacts": lambda _view, _context, row, _name: contacts_cell(row),
        "access": ACCESS,
        "second_factor": lambda _view, _context, row, _name: second_factor.told(row),
        "phone": lambda _view, _context, row, _name: phone_cell(row.phone),
        "last_seen_at": lambda view, _context, row, _name: row.account and row.account.last_seen_at,
    }

    @property
    def can_create(self) -> bool:
        """Staff are written here; whoever may only add the parents of a class does so on the parents' screen."""
        return policy.may(acting(), User, Action.DELETE)

    @expose("/new/", methods=("GET", "POST"))
    @asks_again(makes_deputy)
    def create_view(self) -> Any:
        """Who adds a deputy director is asked for the password again."""
        return super().create_view()

    @expose("/edit/", methods=("GET", "POST"))
    @asks_again(makes_deputy)
    def edit_view(self) -> Any:
        """The same where somebody becomes one."""
        return super().edit_view()

    def card(self, person: User) -> StaffCard | None:
        """For the page of a member of staff, where it is the reader's to know."""
        return card(db.session(), person)

    def get_list(self, *arguments: Any, **options: Any) -> Any:
        """A page of people; their roles are asked for at once."""
        count, rows = super().get_list(*arguments, **options)
        self._template_args["people"] = rows
        return count, rows

    def create_form(self, obj: Any = None) -> Any:
        """Who is added here is staff, unless it is said otherwise."""
        form = super().create_form(obj)
        if request.method == "GET":
            form.is_staff.data = True
        return form


class GuardianForm(GuardianFields):
    """A guardian of a student: somebody the journal knows, or a new person; or the contacts of one."""

    def validate(self, extra_validators: Any = None) -> bool:
        """Each field by itself, then together."""
        fine: bool = super().validate(extra_validators)
        if "guardian_name" in self:
            return fine and self._check_new()
        if self["relation"].data is None:
            self["relation"].errors = [*self["relation"].errors, gettext("Choose one from the list.")]
            return False
        return fine

    def _check_new(self) -> bool:
        person, student = self["person"].data, self["student"].data
        if person is None:
            if self.names_somebody():
                person = self.guardian() if self.check_guardian() else None
                return person is not None and self._is_new_to(student, person)
            self["person"].errors = [*self["person"].errors, gettext("Choose a person, or give the name of a new one.")]
            return False
        if self["relation"].data is None:
            self["relation"].errors = [*self["relation"].errors, gettext("Choose one from the list.")]
            return False
        return self._is_new_to(student, person)

    def _is_new_to(self, student: Student, person: User) -> bool:
        if all(each.user_id != person.id for each in student.guardianships):
            return True
        field = self["person"] if self["person"].data else self["guardian_name"]
        field.errors = [*field.errors, gettext("This person is a parent of the student already.")]
        return False

    def populate_obj(self, row: Guardianship) -> None:
        """Write the guardianship, and the person with it."""
        row.relation = self["relation"].data
        if "guardian_name" in self:
            row.student = self["student"].data
            row.user = self["person"].data or self.guardian()
        for name in OF_PERSON:
            if name in self:
                self[name].populate_obj(row.user, name)


class GuardianshipView(GivesAccess, SchoolModelView):
    """Who is a guardian of whom, and how they are reached."""

    model_class = Guardianship
    title = _("Parents")
    empty = _("No parents yet. They come with the class list, or add one to a student.")
    loads = ("student.enrollments.school_class", "user.account", "user.newest_credential")
    edit_loads = ("student", "user.account")
    column_list = ("user", "relation", "student", "school_class", "contacts", "access")
    column_details_list = ("user", "relation", "student", "school_class", *CONTACTS, "access")
    column_export_list = ("user", "relation", "student", "school_class", "phone", "email", "access")
    column_rights = {"access": (Guardianship, Action.CHANGE)}
    column_sortable_list = (("user", "user.sort_name"), ("student", "student.sort_name"))
    is_long = True
    column_default_sort = "user.sort_name"
    filters = (
        filters.in_class(
            lambda number: Guardianship.student.has(placement.is_in_class(number, acting_person().today)), _("Class")
        ),
        filters.YesNo(
            "reached",
            _("Phone or e-mail"),
            Guardianship.user.has(User.account.has(Account.phone.is_not(None) | Account.email.is_not(None))),
        ),
    )
    form_base_class = GuardianForm
    form_columns = ("student",)
    form_extra_fields = {
        "person": RelationField(Lookup("person", User), _("Somebody the journal knows"), allow_blank=True),
        **guardian_fields.fields(),
        **{
            name: StringField(
                {"family_name": _("Family name"), "given_name": _("Given name"), "patronymic": _("Patronymic")}[name],
                [Optional() if name == "patronymic" else InputRequired(), Length(max=80), proper_name],
                filters=[lambda value: " ".join((value or "").split())],
            )
            for name in PERSON
        },
        **contact_fields(),
    }
    lookups = {"person": User}
    narrowed = {"student": lambda: policy.criterion(acting(), Student, Action.CHANGE)}
    create_columns = ("student", "person", *guardian_fields.NAMES)
    edit_columns = ("relation", *OF_PERSON)
    create_template = "admin/people/new_guardian.html"
    column_formatters = {
        "user": linked,
        "student": linked,
        "access": ACCESS,
        "contacts": lambda _view, _context, row, _name: contacts_cell(row.user),
        "school_class": lambda _view, _context, row, _name: _class_of(row.student),
        "phone": lambda _view, _context, row, _name: phone_cell(row.user and row.user.phone),
        "email": lambda _view, _context, row, _name: (row.user and row.user.email) or "",
        "channel": lambda _view, _context, row, _name: (row.user and row.user.channel) or "",
    }

    def get_list(self, *arguments: Any, **options: Any) -> Any:
        """A page of guardians; the state of their access is asked for at once."""
        count, rows = super().get_list(*arguments, **options)
        self._template_args["people"] = [row.user for row in rows if row.user is not None]
        return count, rows

    def create_form(self, obj: Any = None) -> Any:
        """From the page of a student, that student stands in it."""
        form = super().create_form(obj)
        if request.method == "GET":
            form.student.data = self._form_ajax_refs["student"].get_one(request.args.get("student", ""))
        return form

    def edit_form(self, obj: Any = None) -> Any:
        """The relation, and what the person may change of the guardian's own data."""
        form = super().edit_form(obj)
        for name in OF_PERSON:
            if obj is None or obj.user is None or not may_write(obj.user, name):
                del form[name]
            elif request.method == "GET":
                form[name].process_data(getattr(obj.user, name))
        return form


def _class_of(student: Student | None) -> str:
    place = placement.place_of(student, acting_person().today) if student else None
    here = place is not None and place.standing is placement.Standing.HERE
    return str(place.enrollment.school_class) if here and place and place.enrollment else ""
