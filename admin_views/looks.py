"""Which pages of the panel show somebody's personal data: a look at one is noted, in one place for all of them."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, g, request
from flask_admin import Admin

from admin_views import asked
from admin_views.base import SchoolModelView, acting
from app.extensions import Base, db
from app.models import (
    AbsenceNote,
    Attendance,
    AuditRecord,
    Consent,
    Credential,
    Delivery,
    FinalMark,
    Guardianship,
    Mark,
    SignIn,
    Student,
    Thread,
    User,
)
from app.personal_data.looks import Look, note
from app.reports.registry import REPORTS
from app.reports.report import Filter

Page = Callable[[], Look | None]

DETAILS, EDIT, LIST, EXPORT = "details", "edit", "list", "export"
METHODS = {DETAILS: "details_view", EDIT: "edit_view", LIST: "index_view", EXPORT: "export"}
EVERY_WAY = tuple(METHODS)
WATCHED: dict[type[Base], tuple[str, ...]] = {
    **dict.fromkeys((Student, User, Guardianship, Credential, Delivery, SignIn, Consent), EVERY_WAY),
    AuditRecord: (DETAILS, LIST, EXPORT),
    **dict.fromkeys((Mark, Attendance, FinalMark), (EXPORT,)),
}
"""Model views and the ways they are looked at; what teachers work in every day is noted when it is taken away."""


def register(app: Flask, admin: Admin) -> None:
    """Note looks from now on, after the answer is made."""
    views = [view for view in admin._views if isinstance(view, SchoolModelView)]
    pages = OTHERS | {
        f"{view.endpoint}.{METHODS[way]}": _page(view.model_class, way)
        for view in views
        for way in WATCHED.get(view.model_class, ())
    }

    def look(response: Response) -> Response:
        page = pages.get(request.endpoint or "")
        if page is None or response.status_code != 200:
            return response
        actor, seen = acting(), page()
        if actor is not None and seen is not None and not actor.only_reads:  # a family sees its own alone
            if request.method == "POST":
                db.session.rollback()  # on SQLite it may hold the writer that the note needs; what it did is committed
            note(actor, seen)
        return response

    app.after_request(look)


def _page(model: type[Base], way: str) -> Page:
    """The page of a row tells of its person, that of many of nobody alone."""

    def many() -> Look:
        return Look(model.__name__, 0, way)

    def one() -> Look | None:
        row = g.get("row_shown") if request.method == "GET" else None  # a form that comes back was looked at before
        if row is None:
            return None
        if isinstance(row, Student | User):
            return Look(model.__name__, row.id, way)
        of, number = _person_of(row)
        return Look(of, number, f"{model.__name__} {way}")

    return one if way in {DETAILS, EDIT} else many


def _person_of(row: Base) -> tuple[str, int]:
    """Whom a row is about: its student or its person; the row itself where it names none."""
    for name, of in (("user_id", User), ("student_id", Student)):
        if number := getattr(row, name, None):
            return of.__name__, number
    return type(row).__name__, 0


def _report() -> Look:
    """A report; of one student where it is made of one."""
    report = REPORTS[(request.view_args or {})["key"]]
    number = asked.number("student") if Filter.STUDENT in report.filters else None
    return Look(Student.__name__, number or 0, f"report {report.key}")


def _students(what: str) -> Page:
    return lambda: Look(Student.__name__, 0, what)


def _people(what: str) -> Page:
    return lambda: Look(User.__name__, 0, what)


def _copy() -> Look | None:
    """Everything about one person."""
    for name, model in (("student", Student), ("user", User)):
        if number := asked.number(name):
            return Look(model.__name__, number, "copy")
    return None


OTHERS: dict[str, Page] = {
    "personaldata.index": _copy,
    "personaldata.copy": _copy,
    "reports.show": _report,
    "reports.spreadsheet": _report,
    "sheet.export": _students("sheet"),
    "usage.index": _people("usage"),
    "usage.export": _people("usage"),
    "access.index": _people("access"),
    "access.preview": _people("access"),
    "access.batch": _people("access"),
    "access.slips": _people("slips"),
    "requests.index": lambda: Look(AbsenceNote.__name__, 0, LIST),
    "messages.thread": lambda: Look(Thread.__name__, int((request.view_args or {})["thread"]), "messages"),
}
