"""People and where they belong: students, guardians, classes, groups, staff."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import and_, or_
from wtforms import DateField
from wtforms.validators import InputRequired

from admin_views import filters
from admin_views.base import SchoolModelView, acting_person
from admin_views.formats import linked
from admin_views.forms import EmailField, PhoneField, WordField, phone_text
from admin_views.issuing import GivesAccess
from app.models import (
    Account,
    Enrollment,
    Guardianship,
    SchoolClass,
    Student,
    StudyGroup,
    StudyGroupMember,
    User,
)
from app.models.people import Channel, TermKind
from app.policy import Action

PERSON = ("family_name", "given_name", "patronymic")
CONTACTS = {"email": EmailField(_("E-mail")), "phone": PhoneField(_("Phone"))}


def phone(_view: Any, _context: Any, row: Any, name: str) -> str:
    """A number as people read it."""
    person = row.user if isinstance(row, Guardianship) else row
    return phone_text(person.phone) if person.phone else ""


def lasting_on(table: Any, day: Any) -> Any:
    """Memberships that hold on the day."""
    return and_(table.starts_on <= day, or_(table.ends_on.is_(None), table.ends_on >= day))


class StudentView(GivesAccess, SchoolModelView):
    """Students, with their class today, their parents and how complete their data is."""

    model_class = Student
    title = _("Students")
    empty = _("No students yet. Import the class list, or add the first student.")
    loads = ("details",)
    column_list = ("full_name", "school_class", "birth_date", "phone", "guardians", "completeness")
    column_details_list = (*column_list, "email", "address", "created_at")
    column_export_list = ("family_name", "given_name", "patronymic", "school_class", "birth_date", "phone", "email")
    column_sortable_list = (("full_name", "sort_name"), ("birth_date", "details.birth_date"))
    column_default_sort = "sort_name"
    filters = (
        filters.in_class(
            lambda number: Student.enrollments.any(
                and_(Enrollment.school_class_id == number, lasting_on(Enrollment, acting_person().today))
            ),
            _("Class"),
        ),
        filters.YesNo("guardian", _("Has a parent"), Student.guardianships.any()),
    )
    form_columns = PERSON
    form_extra_fields = {
        "birth_date": DateField(_("Date of birth"), [InputRequired()]),
        **CONTACTS,
    }
    column_formatters = {
        "school_class": lambda _view, _context, row, _name: class_on(row, acting_person().today),
        "phone": phone,
        "guardians": lambda _view, _context, row, _name: ", ".join(str(g.user) for g in row.guardianships),
        "completeness": lambda _view, _context, row, _name: ", ".join(str(word) for word in missing(row)) or "✓",
    }

    def create_form(self, obj: Any = None) -> Any:
        """A new student also enters a class."""
        return super().create_form(obj)


def class_on(student: Student, day: Any) -> str:
    """The class of the student on the day."""
    for membership in student.enrollments:
        if membership.starts_on <= day and (membership.ends_on is None or membership.ends_on >= day):
            return str(membership.school_class)
    return ""


def missing(student: Student) -> list[str]:
    """What the student's data lacks (clause 2.3)."""
    lacks = []
    if student.birth_date is None:
        lacks.append(gettext("no date of birth"))
    if not student.guardianships:
        lacks.append(gettext("no parent"))
    elif not any(g.user.phone or g.user.email for g in student.guardianships):
        lacks.append(gettext("no phone or e-mail of a parent"))
    return lacks


class UserView(GivesAccess, SchoolModelView):
    """Everybody who can sign in."""

    model_class = User
    title = _("People with access")
    in_menu = Action.CREATE
    loads = ("account",)
    column_list = (
        "full_name",
        "login",
        "phone",
        "email",
        "is_deputy_director",
        "is_staff",
        "is_active",
        "last_seen_at",
    )
    column_details_list = column_list
    column_sortable_list = (
        ("full_name", "sort_name"),
        ("login", "account.login"),
        ("last_seen_at", "account.last_seen_at"),
    )
    column_default_sort = "sort_name"
    filters = (
        filters.YesNo("staff", _("Staff"), User.is_staff),
        filters.YesNo("deputy", _("Deputy director"), User.is_deputy_director),
        filters.YesNo("active", _("May sign in"), User.is_active),
        filters.YesNo("came", _("Has signed in"), User.account.has(Account.last_seen_at.is_not(None))),
    )
    form_columns = (*PERSON, "is_staff", "is_deputy_director", "is_active")
    form_extra_fields = {**CONTACTS, "channel": WordField(_("Preferred channel"), words=Channel, allow_blank=True)}
    column_formatters = {
        "phone": phone,
        "last_seen_at": lambda view, _context, row, _name: row.account and row.account.last_seen_at,
    }


class GuardianshipView(GivesAccess, SchoolModelView):
    """Who is a guardian of whom."""

    model_class = Guardianship
    title = _("Parents")
    loads = ("student", "user.account")
    column_list = ("user", "phone", "email", "relation", "student")
    column_details_list = column_list
    column_sortable_list = (("user", "user.sort_name"), ("student", "student.sort_name"))
    column_default_sort = "user.sort_name"
    column_formatters = {
        "user": linked,
        "student": linked,
        "phone": phone,
        "email": lambda _view, _context, row, _name: row.user.email or "",
    }
    filters = (
        filters.in_class(
            lambda number: Guardianship.student.has(
                Student.enrollments.any(
                    and_(Enrollment.school_class_id == number, lasting_on(Enrollment, acting_person().today))
                )
            ),
            _("Class"),
        ),
    )
    form_columns = ("student", "user", "relation")


class EnrollmentView(SchoolModelView):
    """Which student was in which class, and when."""

    model_class = Enrollment
    title = _("Enrolments")
    loads = ("student", "school_class")
    column_list = ("student", "school_class", "starts_on", "ends_on")
    column_details_list = column_list
    column_sortable_list = (("student", "student.sort_name"), "starts_on", "ends_on")
    column_default_sort = ("starts_on", True)
    column_formatters = {"student": linked, "school_class": linked}
    filters = (
        filters.in_class(lambda number: Enrollment.school_class_id == number, _("Class")),
        filters.YesNo("open", _("Lasting"), Enrollment.ends_on.is_(None)),
    )
    form_columns = ("student", "school_class", "starts_on", "ends_on")


class SchoolClassView(SchoolModelView):
    """The classes of each year and who leads them."""

    model_class = SchoolClass
    title = _("Classes")
    empty = _("No classes yet. Import the class list, or add the first class.")
    loads = ("academic_year", "class_teacher")
    column_list = ("name", "academic_year", "class_teacher", "term_kind")
    column_details_list = column_list
    column_sortable_list = (("name", ("grade", "letter")), ("academic_year", "academic_year.starts_on"))
    column_default_sort = [("academic_year.starts_on", True), ("grade", False), ("letter", False)]
    column_formatters = {"name": lambda _view, _context, row, _name: str(row), "class_teacher": linked}
    filters = (filters.OneOf("terms", _("Division of the year"), SchoolClass.term_kind, TermKind),)
    form_args = {"term_kind": {"allow_blank": True}}
    form_columns = ("academic_year", "grade", "letter", "term_kind", "class_teacher")


class StudyGroupView(SchoolModelView):
    """Parts of classes that are taught apart."""

    model_class = StudyGroup
    title = _("Groups")
    loads = ("school_class.academic_year",)
    column_list = ("study_group", "school_class", "name")
    column_details_list = column_list
    column_sortable_list = (("school_class", ("school_class.grade", "school_class.letter")), "name")
    column_default_sort = [("school_class.grade", False), ("school_class.letter", False), ("name", False)]
    column_formatters = {
        "study_group": lambda _view, _context, row, _name: str(row),
        "school_class": linked,
        "name": lambda _view, _context, row, _name: row.name or gettext("whole class"),
    }
    filters = (filters.in_class(lambda number: StudyGroup.school_class_id == number, _("Class")),)
    form_columns = ("school_class", "name")


class StudyGroupMemberView(SchoolModelView):
    """Who belongs to a part of a class, and when."""

    model_class = StudyGroupMember
    title = _("Members of groups")
    loads = ("student", "study_group.school_class")
    column_list = ("student", "study_group", "starts_on", "ends_on")
    column_details_list = column_list
    column_sortable_list = (("student", "student.sort_name"), "starts_on", "ends_on")
    column_default_sort = "student.sort_name"
    column_formatters = {"student": linked, "study_group": linked}
    filters = (
        filters.in_class(
            lambda number: StudyGroupMember.study_group.has(StudyGroup.school_class_id == number), _("Class")
        ),
    )
    form_columns = ("study_group", "student", "starts_on", "ends_on")
