"""The panel: Flask-Admin views, one file an area; ``register`` is its menu, in the order a person reads it."""

from __future__ import annotations

from flask import Flask
from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme
from flask_babel import lazy_gettext as _

from admin_views import (
    access,
    audit_list,
    backups,
    classes,
    control_page,
    control_settings,
    curriculum,
    data_access,
    grid,
    imports,
    issuing,
    journal,
    lesson_card,
    lesson_plan,
    looks,
    menu,
    messages,
    news,
    newyear,
    notifications,
    people,
    personal_data,
    reports,
    requests,
    school_texts,
    schoolday,
    sheet,
    staff,
    students,
    substitution,
    support,
    timetable,
    undo,
    usage,
)
from admin_views.home import DiaryLink, HomeView

LEARNING, PEOPLE, ORDER, ACCESS = _("Journal"), _("People"), _("School"), _("Access and control")
SAFETY = _("Data and protection")

MENU = (
    (
        LEARNING,
        (
            grid.JournalView,
            sheet.SheetView,
            reports.ReportsView,
            lesson_card.LessonCardView,
            lesson_plan.LessonPlanView,
            journal.LessonView,
            journal.WorkView,
            journal.MarkView,
            journal.AttendanceView,
            journal.FinalMarkView,
            substitution.SubstitutionView,
            schoolday.SchoolDayView,
        ),
    ),
    (
        PEOPLE,
        (
            requests.RequestsView,
            students.StudentView,
            people.GuardianshipView,
            people.UserView,
            staff.StaffView,
            classes.EnrollmentView,
            imports.ImportView,
            school_texts.SchoolTextsView,
            school_texts.ConsentView,
        ),
    ),
    (
        ORDER,
        (
            classes.SchoolClassView,
            classes.StudyGroupView,
            classes.StudyGroupMemberView,
            curriculum.TeachingAssignmentView,
            timetable.TimetableView,
            curriculum.TimetableSlotView,
            curriculum.TermView,
            curriculum.SubjectView,
            curriculum.AcademicYearView,
            newyear.NewYearView,
            curriculum.HolidayView,
            curriculum.BellTimeView,
        ),
    ),
    (
        ACCESS,
        (
            control_page.ControlView,
            usage.UsageView,
            control_settings.RuleSettingsView,
            control_settings.ExcusedPeriodView,
            issuing.AccessView,
            access.CredentialView,
            access.DeliveryView,
            notifications.NotificationsView,
            messages.ReportsView,
            support.SupportView,
        ),
    ),
    (
        SAFETY,
        (
            audit_list.AuditRecordView,
            audit_list.AuditSealView,
            undo.DeletedView,
            access.SignInView,
            data_access.DataAccessView,
            backups.BackupRunView,
            personal_data.PersonalDataView,
            personal_data.ErasureView,
        ),
    ),
)


def register(app: Flask) -> Admin:
    """Bind the panel to ``app`` under /admin/."""
    admin = Admin(
        name=app.config["SCHOOL_NAME"],
        theme=Bootstrap4Theme(fluid=True),
        index_view=HomeView(name=_("Today"), url="/admin"),
    )
    admin.add_view(news.NewsItemView())
    admin.add_view(messages.MessagesView())
    for category, views in MENU:
        for view in views:
            admin.add_view(view(category))
    admin.add_link(DiaryLink(name=_("Diary of my children"), endpoint="diary.start"))
    admin.init_app(app)
    app.jinja_env.globals["panel_menu"] = menu.menu
    looks.register(app, admin)
    return admin
