"""Personal data of one person: everything the school holds, to read and to take along; and its erasure."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from flask import Response, abort, redirect, request
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from admin_views import asked, changes, formats
from admin_views.access import ReadOnlyView
from admin_views.base import SchoolPage, acting, acting_person, attempt, explanation
from admin_views.labels import LABELS
from app import policy
from app.auth.asked_again import asks_again
from app.extensions import begin_reading, db
from app.models import Erasure, Student, User
from app.models.columns import Titled
from app.people.refusal import Refusal
from app.personal_data import copy, erasure
from app.policy import Action

SHOWN = 100
"""Rows of a table on the page; the file has all, with the columns that only a program understands."""
WORDS = LABELS | {
    "answer": _("Reply"),
    "answered_at": _("Answered"),
    "done_at": _("When"),
    "ended_at": _("Ended"),
    "field": _("What"),
    "file_name": _("File"),
    "first_at": _("First visit"),
    "first_number": _("From lesson"),
    "from_teacher": _("Had it before"),
    "last_at": _("Last visit"),
    "last_number": _("To lesson"),
    "locale": _("Language"),
    "mark": _("Mark"),
    "message": _("Message"),
    "outcome": _("What came of it"),
    "read_at": _("Read"),
    "since": _("Since"),
    "thread": _("Conversation"),
    "timing": _("When"),
    "to_teacher": _("Teacher"),
    "visits": _("Visits"),
    "was": _("It was"),
    "week": _("Week from"),
}


class ErasureView(ReadOnlyView):
    """Who was erased, by whom, when and why; what stayed stands under that number."""

    model_class = Erasure
    title = _("Erased data")
    loads = ("erased_by",)
    empty = _("Nobody's data has been erased. It is done from the page of a student or person: «Personal data».")
    column_list = ("id", "at", "model", "object_id", "erased_by", "reason")
    column_details_list = column_list
    column_labels = LABELS | {"id": _("No."), "erased_by": _("Who erased")}
    column_sortable_list = ("id", "at")
    column_default_sort = ("at", True)
    column_formatters = {"model": lambda _view, _context, row, _name: changes.object_name(row.model)}
    column_formatters_export = column_formatters


class PersonalDataView(SchoolPage):
    """For whoever may erase: a person asks what the school holds, or wants it gone."""

    of = Erasure
    needs = Action.CREATE

    def __init__(self, category: Any = None) -> None:
        super().__init__(_("Personal data"), category, endpoint="personaldata", url="/admin/personal-data")

    def is_visible(self) -> bool:
        """It is about one person: their page leads to it."""
        return False

    @expose("/")
    def index(self) -> Any:
        """Everything, table by table."""
        person = _person()
        with policy.system() as session:
            begin_reading(session)
            sections = copy.everything(session, person)
        return self.render(
            "admin/people/personal_data.html", person=person, sections=sections, most=SHOWN, written=written,
            words=WORDS, made_at=formats.moment(acting_person().now), **_links(person),
        )  # fmt: skip

    @expose("/copy.json")
    def copy(self) -> Any:
        """The same as a file."""
        person, now = _person(), acting_person().now
        with policy.system() as session:
            begin_reading(session)
            body = json.dumps(copy.as_json(copy.everything(session, person), now), ensure_ascii=False, indent=1)
        name = f"{type(person).__name__.lower()}-{person.id}-{acting_person().today.isoformat()}.json"
        headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
        return Response(body, mimetype="application/json", headers=headers)

    @expose("/erase", methods=("GET", "POST"))
    @asks_again(lambda: True)
    def erase(self) -> Any:
        """What would go, what the law keeps, what stands in the way; with a reason and a tick it is done."""
        person = _person()
        if request.method == "GET":
            return self._ask(person)
        actor = acting_person()

        def write() -> str:
            if request.form.get("sure") != "1":
                raise Refusal(gettext("Tick that you know it cannot be undone. Nothing was erased."), "sure")
            row = erasure.erase(db.session(), actor, person, asked.line("reason", erasure.LONGEST))
            return gettext(
                "The data is erased. What the law keeps stands as «Erased data No. %(number)s».", number=row.id
            )

        problem = attempt(write)
        if problem is not None:
            return self._ask(_person(), explanation(problem) or "")
        return redirect(self.get_url("erasure.index_view"))

    def _ask(self, person: User | Student, problem: str = "") -> Any:
        with policy.system() as session:
            begin_reading(session)
            plan = erasure.plan(session, erasure.again(session, person), acting_person())
        return self.render(
            "admin/people/erase.html", person=person, plan=plan, problem=problem, reason=request.form.get("reason", ""),
            longest=erasure.LONGEST, sure=request.form.get("sure") == "1", **_links(person),
        ), (422 if problem else 200)  # fmt: skip


def _person() -> User | Student:
    """Whom the address names; 404 for nobody."""
    student, user = asked.number("student"), asked.number("user")
    found: User | Student | None = None
    if student:
        found = db.session.get(Student, student)
    elif user:
        found = db.session.get(User, user)
    return found if found is not None else abort(404)


def _links(person: User | Student) -> dict[str, Any]:
    """How the person stands in addresses."""
    kind = type(person).__name__.lower()
    return {"of": {kind: person.id}, "kind": kind, "may_erase": policy.may(acting(), Erasure, Action.CREATE)}


def written(value: Any) -> Any:
    """A value of the copy as the screens write it."""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, Titled):
        return str(value)
    if isinstance(value, datetime):
        return formats.moment(value)
    if isinstance(value, date):
        return formats.day(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)
