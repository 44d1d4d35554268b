"""Where students belong: classes, groups, and who was in them when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, redirect, request
from flask_admin import expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from admin_views import filters
from admin_views.base import SchoolModelView, acting, acting_person, allowed_of
from admin_views.class_forms import EnrollmentForm, JoinForm, MemberForm, class_letter
from admin_views.formats import linked
from app import policy
from app.extensions import db
from app.messages import addressees
from app.models import (
    AcademicYear,
    Enrollment,
    Guardianship,
    SchoolClass,
    Student,
    StudyGroup,
    StudyGroupMember,
    TeachingAssignment,
    User,
)
from app.models.people import TermKind
from app.people import groups, placement
from app.people.completeness import Gap, gaps
from app.policy import Action


def of_this_year() -> ColumnElement[bool]:
    """Classes whose year is not over, as SQL."""
    return SchoolClass.academic_year.has(AcademicYear.ends_on >= acting_person().today)


def day_in(year: AcademicYear) -> date:
    """Today, or the nearest day of the year."""
    return min(max(acting_person().today, year.starts_on), year.ends_on)


class EnrollmentView(SchoolModelView):
    """Which student was in which class, and when."""

    model_class = Enrollment
    title = _("Enrolments")
    in_menu = Action.CHANGE
    loads = ("student", "school_class.academic_year")
    column_list = ("student", "school_class", "academic_year", "starts_on", "ends_on")
    column_details_list = column_list
    column_sortable_list = (("student", "student.sort_name"), "starts_on", "ends_on")
    is_long = True
    column_default_sort = ("starts_on", True)
    column_formatters = {
        "student": linked,
        "school_class": linked,
        "academic_year": lambda _view, _context, row, _name: str(row.school_class.academic_year),
    }
    filters = (
        filters.in_class(lambda number: Enrollment.school_class_id == number, _("Class")),
        filters.YesNo("open", _("Lasting"), Enrollment.ends_on.is_(None)),
    )
    form_base_class = EnrollmentForm
    form_columns = ("student", "school_class", "starts_on", "ends_on")
    edit_columns = ("starts_on", "ends_on")
    narrowed = {"school_class": of_this_year}

    @property
    def can_create(self) -> bool:
        """Whoever may only let newcomers into a class does so with the new student."""
        return policy.may(acting(), Enrollment, Action.CHANGE)


@dataclass(frozen=True)
class ClassCard:
    """What stands on a class's page; ``students`` are those of ``day``, with what their data lacks.

    ``announced`` is the group of the whole class, if the person may announce something to its parents.
    """

    day: date
    students: list[tuple[Student, list[Gap]]]
    groups: list[tuple[StudyGroup, int]]
    assignments: list[TeachingAssignment]
    keeps: bool
    incomplete: int
    announced: int | None


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
    details_template = "admin/people/class.html"
    form_args = {"term_kind": {"allow_blank": True}, "letter": {"validators": [class_letter]}}
    form_columns = ("academic_year", "grade", "letter", "term_kind", "class_teacher")
    narrowed = {"class_teacher": lambda: User.is_staff}

    def card(self, school_class: SchoolClass) -> ClassCard:
        """For the page of the class; a constant number of statements."""
        session, day = db.session(), day_in(school_class.academic_year)
        found = session.scalars(
            select(Student)
            .where(placement.is_in_class(school_class.id, day))
            .options(
                joinedload(Student.details),
                joinedload(Student.guardianships).joinedload(Guardianship.user).joinedload(User.account),
            )
            .order_by(Student.sort_name)
        )
        pupils = found.unique().all()
        kept = allowed_of(Student, [student.id for student in pupils], Action.CHANGE)[Action.CHANGE]
        students = [(student, gaps(student) if student.id in kept else []) for student in pupils]
        members = select(func.count(StudyGroupMember.id)).where(
            StudyGroupMember.study_group_id == StudyGroup.id, placement.lasting(StudyGroupMember, day)
        )
        parts = session.execute(
            select(StudyGroup, members.scalar_subquery(), addressees.is_announced(session))
            .where(StudyGroup.school_class_id == school_class.id)
            .order_by(StudyGroup.is_whole_class.desc(), StudyGroup.name)
        ).all()
        held = select(TeachingAssignment).join(TeachingAssignment.study_group).join(TeachingAssignment.subject)
        assignments = session.scalars(
            held.where(StudyGroup.school_class_id == school_class.id)
            .options(
                joinedload(TeachingAssignment.subject),
                joinedload(TeachingAssignment.teacher),
                joinedload(TeachingAssignment.study_group).joinedload(StudyGroup.school_class),
            )
            .order_by(TeachingAssignment.subject_id, TeachingAssignment.study_group_id, TeachingAssignment.starts_on)
        )
        return ClassCard(
            day,
            students,
            [(group, number) for group, number, _ in parts],
            [each for each in assignments if placement.covers(each, day)],
            keeps=bool(kept),
            incomplete=sum(bool(missing) for _student, missing in students),
            announced=next((group.id for group, _, announced in parts if group.is_whole_class and announced), None),
        )


class StudyGroupView(SchoolModelView):
    """Parts of classes that are taught apart."""

    model_class = StudyGroup
    title = _("Groups")
    loads = ("school_class.academic_year", "members.student")
    column_list = ("study_group", "school_class", "name", "members")
    column_details_list = ("study_group", "school_class", "name")
    column_sortable_list = (("school_class", ("school_class.grade", "school_class.letter")), "name")
    column_default_sort = [("school_class.grade", False), ("school_class.letter", False), ("name", False)]
    column_formatters = {
        "study_group": lambda _view, _context, row, _name: str(row),
        "school_class": linked,
        "name": lambda _view, _context, row, _name: row.name or gettext("whole class"),
        "members": lambda _view, _context, row, _name: _member_count(row),
    }
    filters = (filters.in_class(lambda number: StudyGroup.school_class_id == number, _("Class")),)
    details_template = "admin/people/group.html"
    form_columns = ("school_class", "name")
    edit_columns = ("name",)
    narrowed = {"school_class": of_this_year}

    def day(self, group: StudyGroup) -> date:
        """The day on which the members are shown."""
        return day_in(group.school_class.academic_year)

    def members_now(self, group: StudyGroup) -> list[StudyGroupMember]:
        """Members of the day and those to come, by name."""
        lasting = [each for each in group.members if each.ends_on is None or each.ends_on >= self.day(group)]
        return sorted(lasting, key=lambda each: each.student.sort_name)

    @property
    def may_add_members(self) -> bool:
        """Whether the person may put students into groups."""
        return policy.may(acting(), StudyGroupMember, Action.CREATE)

    def get_save_return_url(self, model: Any, is_created: bool = False) -> Any:
        """A new group wants members."""
        return self.get_url(".join_view" if is_created else ".details_view", id=model.id)

    @expose("/members/", methods=("GET", "POST"))
    def join_view(self) -> Any:
        """Choose members among the students of the class."""
        group = self.get_one(request.args.get("id"))
        if group is None or group.is_whole_class:
            abort(404)
        if not self.may_add_members:
            abort(403)
        form = JoinForm(request.form if request.method == "POST" else None)
        if request.method == "GET":
            form.starts_on.data = self.day(group)
        free = groups.not_in(db.session(), group, form.starts_on.data or self.day(group))
        form.students.choices = [(student.id, str(student)) for student in free]

        def join() -> str:
            groups.join(db.session(), group, form.students.data, form.starts_on.data)
            count = len(form.students.data)
            return ngettext("%(num)s student joined the group.", "%(num)s students joined the group.", count)

        if request.method == "POST" and form.validate() and self.carry_out(form, join):
            return redirect(self.get_url(".details_view", id=group.id))
        return self.render("admin/people/join.html", form=form, group=group)


def _member_count(group: StudyGroup) -> Any:
    if group.is_whole_class:
        return ""
    day = day_in(group.school_class.academic_year)
    return sum(placement.covers(each, day) for each in group.members)


class StudyGroupMemberView(SchoolModelView):
    """Who belongs to a part of a class, and when."""

    model_class = StudyGroupMember
    title = _("Members of groups")
    in_menu = Action.CHANGE
    loads = ("student", "study_group.school_class.academic_year")
    column_list = ("student", "study_group", "starts_on", "ends_on")
    column_details_list = column_list
    column_sortable_list = (("student", "student.sort_name"), "starts_on", "ends_on")
    is_long = True
    column_default_sort = "student.sort_name"
    column_formatters = {"student": linked, "study_group": linked}
    filters = (
        filters.in_class(
            lambda number: StudyGroupMember.study_group.has(StudyGroup.school_class_id == number), _("Class")
        ),
    )
    form_base_class = MemberForm
    form_columns = ("study_group", "student", "starts_on", "ends_on")
    edit_columns = ("starts_on", "ends_on")
    narrowed = {"study_group": lambda: ~StudyGroup.is_whole_class & StudyGroup.school_class.has(of_this_year())}
