"""The journal as rows: lessons, works, marks, attendance, final marks."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from admin_views import filters
from admin_views.base import SchoolModelView, acting_person
from admin_views.formats import linked
from admin_views.paging import Both, each_of
from app.extensions import db
from app.journal import days
from app.models import Attendance, FinalMark, Lesson, Mark, StudyGroup, TeachingAssignment, User, Work
from app.models.journal import AttendanceStatus, FinalMarkKind, WorkKind

LESSON = ("assignment.subject", "assignment.study_group.school_class")
NAME = ("family_name", "given_name", "patronymic")


def _reads_lesson(path: str) -> dict[str, tuple[str, ...]]:
    """What a lesson is called by; its text and homework are not for the lists of what belongs to it."""
    return {
        path: ("teaching_assignment_id", "date", "number"),
        f"{path}.assignment": ("subject_id", "study_group_id"),
        f"{path}.assignment.subject": ("name",),
        f"{path}.assignment.study_group": ("school_class_id", "name", "is_whole_class"),
        f"{path}.assignment.study_group.school_class": ("grade", "letter"),
    }


def _in_class(number: int) -> Any:
    """Lessons of a class; numbers from the few to the many, so that no database goes through all lessons."""
    groups = select(StudyGroup.id).where(StudyGroup.school_class_id == number)
    held = select(TeachingAssignment.id).where(TeachingAssignment.study_group_id.in_(groups))
    return Lesson.teaching_assignment_id.in_(held)


def _of_subject(number: int) -> Any:
    return Lesson.assignment.has(TeachingAssignment.subject_id == number)


def _itself(criterion: Any) -> Any:
    return criterion


def of_lesson(through: Any = _itself, among: Any = _itself) -> tuple[filters.Filter, ...]:
    """Filters by the lesson of a row; ``through`` leads from a criterion on lessons to one on the rows, ``among``
    from one that few lessons meet."""
    return (
        filters.in_class(lambda number: among(_in_class(number)), _("Class")),
        filters.of_subject(lambda number: through(_of_subject(number)), _("Subject")),
        filters.Day("from", _("From"), lambda day: through(Lesson.date >= day)),
        filters.Day("until", _("Until"), lambda day: through(Lesson.date <= day)),
    )


class LessonView(SchoolModelView):
    """Lessons with topic and homework."""

    model_class = Lesson
    title = _("Lessons")
    empty = _("No lessons yet. They come from the timetable.")
    is_long = True
    loads = (*LESSON, "substitute")
    column_list = ("date", "number", "assignment", "room", "topic", "homework", "substitute", "is_cancelled")
    column_details_list = (*column_list, "cancel_reason", "homework_entered_at")
    column_sortable_list = ("date", "number", ("substitute", "substitute.sort_name"))
    column_formatters = {"assignment": linked, "substitute": linked}
    filters = (
        *of_lesson(),
        filters.YesNo("topic", _("Has a topic"), Lesson.topic != ""),
        filters.YesNo("substituted", _("Substituted"), Lesson.substitute_id.is_not(None)),
    )
    form_columns = (
        "assignment",
        "date",
        "number",
        "room",
        "topic",
        "homework",
        "substitute",
        "is_cancelled",
        "cancel_reason",
    )
    details_template = "admin/lessons/lesson.html"
    narrowed = {"substitute": lambda: User.is_staff & User.is_active}

    def days_url(self, lesson: Lesson) -> str | None:
        """Where the lesson can be cancelled or moved; None for whoever may not."""
        screen = next((view for view in self.admin._views if view.endpoint == "schoolday"), None)
        return f"{screen.url}/?lesson={lesson.id}" if screen is not None and screen.is_accessible() else None

    def on_model_change(self, form: Any, model: Lesson, is_created: bool) -> None:
        """A lesson that is held has no reason why it is not."""
        if "is_cancelled" in form and not model.is_cancelled and model.cancel_reason:
            model.cancel_reason = ""

    def after_model_change(self, form: Any, model: Lesson, is_created: bool) -> None:
        """The lesson plan follows a lesson that comes, goes or moves."""
        if is_created or "is_cancelled" in form:
            assignment_id = model.teaching_assignment_id
            db.session.commit()  # reading began anew: on SQLite the plan could not be written meanwhile
            days.after_change({assignment_id}, acting_person().today)

    def _page(self, both: Both, page: int, size: int, sort_column: Any, sort_desc: bool) -> list[Any]:
        """Unless asked otherwise today comes first, then the days before it, then those to come."""
        if sort_column is not None:
            return super()._page(both, page, size, sort_column, sort_desc)
        known, start = Lesson.date <= acting_person().today, page * size
        both = each_of(both, lambda lessons: lessons.order_by(Lesson.date.desc(), Lesson.number, Lesson.id))
        held = each_of(both, lambda lessons: lessons.filter(known))
        rows = self._slice(held, size, start)
        if len(rows) == size:
            return rows
        before = start + len(rows) if rows or not start else held[1].count()
        coming = each_of(both, lambda lessons: lessons.filter(~known))
        return rows + self._slice(coming, size - len(rows), start + len(rows) - before)

    create_columns = ("assignment", "date", "number", "room", "topic", "homework")


class WorkView(SchoolModelView):
    """What is marked in a lesson."""

    model_class = Work
    title = _("Works")
    loads = tuple(f"lesson.{path}" for path in LESSON)
    reads = _reads_lesson("lesson")
    column_list = ("lesson", "kind", "title", "weight")
    column_details_list = column_list
    column_sortable_list = (("lesson", "lesson.date"), "kind", "title", "weight")
    newest_first = True
    column_formatters = {"lesson": linked}
    filters = (
        *of_lesson(
            lambda lesson: Work.lesson.has(lesson), lambda few: Work.lesson_id.in_(select(Lesson.id).where(few))
        ),
        filters.OneOf("kind", _("Kind"), Work.kind, WorkKind),
    )
    form_columns = ("lesson", "kind", "title", "weight")


class MarkView(SchoolModelView):
    """Marks."""

    model_class = Mark
    title = _("Marks")
    loads = ("student", "entered_by", *(f"work.lesson.{path}" for path in LESSON))
    reads = {"student": NAME, "entered_by": NAME, **_reads_lesson("work.lesson")}
    column_list = ("student", "value", "work", "comment", "entered_at", "entered_by")
    column_details_list = column_list
    column_sortable_list = (("student", "student.sort_name"), "value", "entered_at")
    newest_first = True
    column_formatters = {"student": linked, "work": linked}
    filters = (
        *of_lesson(
            lambda lesson: Mark.work.has(Work.lesson.has(lesson)),
            lambda few: Mark.work_id.in_(select(Work.id).where(Work.lesson_id.in_(select(Lesson.id).where(few)))),
        ),
        filters.Choice(
            "value",
            _("Mark"),
            lambda mark: Mark.value == mark,
            lambda: [(str(n), str(n)) for n in range(5, 0, -1)],
            int,
        ),
    )
    form_columns = ("work", "student", "value", "comment")


class AttendanceView(SchoolModelView):
    """Who was not there, or late."""

    model_class = Attendance
    title = _("Attendance")
    loads = ("student", "entered_by", *(f"lesson.{path}" for path in LESSON))
    reads = {"student": NAME, "entered_by": NAME, **_reads_lesson("lesson")}
    column_list = ("student", "status", "reason", "lesson", "entered_at", "entered_by")
    column_details_list = column_list
    column_sortable_list = (("student", "student.sort_name"), ("lesson", "lesson.date"), "status", "entered_at")
    newest_first = True
    column_formatters = {"student": linked, "lesson": linked}
    filters = (
        *of_lesson(
            lambda lesson: Attendance.lesson.has(lesson),
            lambda few: Attendance.lesson_id.in_(select(Lesson.id).where(few)),
        ),
        filters.OneOf("status", _("Attendance"), Attendance.status, AttendanceStatus),
        filters.YesNo("reason", _("Has a reason"), Attendance.reason != ""),
    )
    form_columns = ("lesson", "student", "status", "reason")


class FinalMarkView(SchoolModelView):
    """Final marks of terms and years."""

    model_class = FinalMark
    title = _("Final marks")
    loads = ("student", "subject", "term.academic_year", "entered_by", "academic_year")
    column_list = ("student", "subject", "kind", "term", "value", "reason", "entered_at", "entered_by")
    column_details_list = (*column_list, "academic_year")
    column_sortable_list = (
        ("student", "student.sort_name"),
        ("subject", "subject.search_name"),
        "kind",
        "value",
        "entered_at",
    )
    newest_first = True
    column_formatters = {"student": linked}
    filters = (
        filters.in_class(
            lambda number: FinalMark.assignment.has(
                TeachingAssignment.study_group.has(StudyGroup.school_class_id == number)
            ),
            _("Class"),
        ),
        filters.of_subject(lambda number: FinalMark.subject_id == number, _("Subject")),
        filters.OneOf("kind", _("Kind"), FinalMark.kind, FinalMarkKind),
    )
    form_columns = ("student", "assignment", "kind", "term", "value", "reason")

    def on_model_change(self, form: Any, model: FinalMark, is_created: bool) -> None:
        """Subject and year follow from the assignment."""
        if model.assignment is not None:
            model.subject = model.assignment.subject
            model.academic_year = model.assignment.study_group.school_class.academic_year
