"""The callable that a web server serves: two model views and a journal page."""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, request
from flask_admin import Admin, BaseView, expose
from flask_admin.contrib.sqla import ModelView
from flask_admin.contrib.sqla.form import InlineOneToOneModelConverter
from flask_admin.theme import Bootstrap4Theme
from flask_babel import Babel
from sqlalchemy.orm import joinedload, selectinload

from bench.references.naive.models import (
    Attendance,
    Enrollment,
    Lesson,
    Mark,
    Student,
    StudentDetails,
    StudyGroup,
    TeachingAssignment,
    Term,
    Work,
    db,
)

OF_LESSON = ("work.lesson.teaching_assignment.subject", "work.lesson.teaching_assignment.study_group.school_class")


class StudentView(ModelView):
    """Students; the relation columns are joined."""

    page_size = 50
    column_list = ("family_name", "given_name", "patronymic", "enrollments", "details.birth_date", "details.phone",
                   "guardians")  # fmt: skip
    column_searchable_list = ("family_name", "given_name", "patronymic")
    column_auto_select_related = False
    column_default_sort = "sort_name"
    form_columns = ("family_name", "given_name", "patronymic", "guardians")
    inline_models = (StudentDetails,)
    inline_model_form_converter = InlineOneToOneModelConverter

    def get_query(self) -> Any:
        """The rows with their relations, in a constant number of statements."""
        return super().get_query().options(
            joinedload(Student.details), selectinload(Student.guardians),
            selectinload(Student.enrollments).joinedload(Enrollment.school_class),
        )  # fmt: skip


class MarkView(ModelView):
    """Marks; a mark is changed in the list."""

    page_size = 50
    column_list = ("student", "value", "work", "comment", "entered_at", "entered_by")
    column_editable_list = ("value",)
    column_default_sort = ("id", True)
    form_ajax_refs = {"work": {"fields": ("title",)}, "student": {"fields": ("family_name",)}}
    form_excluded_columns = ("entered_by",)

    def get_query(self) -> Any:
        """The rows with their relations joined."""
        lesson = joinedload(Mark.work).joinedload(Work.lesson).joinedload(Lesson.teaching_assignment)
        return super().get_query().options(
            joinedload(Mark.student), joinedload(Mark.entered_by), lesson.joinedload(TeachingAssignment.subject),
            lesson.joinedload(TeachingAssignment.study_group).joinedload(StudyGroup.school_class),
        )  # fmt: skip


class GridView(BaseView):
    """A journal in a term: students by works, each cell a box to type into."""

    @expose("/")
    def index(self) -> Any:
        """The page."""
        session, assignment_id, term_id = db.session, int(request.args["assignment"]), int(request.args["term"])
        assignment, term = session.get(TeachingAssignment, assignment_id), session.get(Term, term_id)
        lessons = (
            session.query(Lesson)
            .filter(Lesson.teaching_assignment_id == assignment_id)
            .filter(Lesson.date.between(term.starts_on, term.ends_on))
            .options(selectinload(Lesson.works).selectinload(Work.marks))
            .order_by(Lesson.date, Lesson.number)
            .all()
        )
        class_id = assignment.study_group.school_class_id
        of_class = Student.enrollments.any(Enrollment.school_class_id == class_id)
        students = session.query(Student).filter(of_class).order_by(Student.sort_name).all()
        marks = {(work.id, mark.student_id): mark.value for at in lessons for work in at.works for mark in work.marks}
        noted = session.query(Attendance).filter(Attendance.lesson_id.in_([lesson.id for lesson in lessons]))
        away = {(each.lesson_id, each.student_id): each.status[0] for each in noted}
        return self.render(
            "grid.html", assignment=assignment, lessons=lessons, students=students, marks=marks, away=away
        )


application = Flask(__name__)
application.config.update(SECRET_KEY="bench", SQLALCHEMY_DATABASE_URI=os.environ["DATABASE_URL"])
db.init_app(application)
Babel(application, default_locale="ru")
admin = Admin(application, name="Journal", theme=Bootstrap4Theme())
admin.add_view(StudentView(Student, db, endpoint="student"))
admin.add_view(MarkView(Mark, db, endpoint="mark"))
admin.add_view(GridView("Grid", endpoint="grid"))
