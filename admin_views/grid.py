"""The journal page: the journals of a person, the grid, and what its script asks for."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from functools import wraps
from hashlib import blake2b
from typing import Any

from flask import Response, abort, current_app, render_template, request
from flask_admin import expose
from flask_babel import get_locale, gettext, ngettext
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from admin_views import asked
from admin_views.base import SAID, SchoolPage, acting_person, explanation
from app.extensions import db
from app.journal import days
from app.journal.grading import Grading
from app.journal.grid import edits, history, incoming, works
from app.journal.grid.journals import journals
from app.journal.grid.lessons import add_lesson
from app.journal.grid.page import Page, journal, opened, page
from app.journal.grid.state import entry_rows, lesson_row, state, work_row
from app.models import StaffNote, TeachingAssignment
from app.people.refusal import Refusal
from app.undo import works as undone_works

YEAR = "year"


def answered(view: Callable[..., Any]) -> Callable[..., Any]:
    """Answer what cannot be done with 422 and the reason, as JSON; nothing was written."""

    @wraps(view)
    def asked(*arguments: Any, **options: Any) -> Any:
        try:
            answer = view(*arguments, **options)
            db.session.commit()
        except SAID as problem:
            db.session.rollback()
            return {"message": explanation(problem)}, 422
        return answer

    return asked


def _words() -> Markup:
    """The words of the page's scripts, put together once for each language."""
    known: dict[str, Markup] = current_app.extensions.setdefault("journal_words", {})
    language = str(get_locale())
    if language not in known:
        known[language] = Markup(render_template("admin/journal/words.html"))  # noqa: S704  # nosec B704
    return known[language]


class JournalView(SchoolPage):
    """Journals: the page where teachers spend their day."""

    of = StaffNote  # a parent reads the diary instead
    in_menu = SchoolPage.needs

    def __init__(self, category: Any = None) -> None:
        super().__init__(_("Journals"), category, endpoint="journal", url="/admin/journal")

    # What is read

    @expose("/")
    def index(self) -> Any:
        """The journals of the person, today's lessons first; of many classes those of the chosen one."""
        class_id = asked.number("class")
        return self.render("admin/journal/index.html", journals=journals(db.session(), acting_person(), class_id),
                           class_id=class_id)  # fmt: skip

    @expose("/<int:assignment_id>/")
    def grid(self, assignment_id: int) -> Any:
        """A journal in a term, or the page of its year."""
        shown = self._page(assignment_id)
        return self.render(
            "admin/journal/grid.html",
            title=f"{shown.assignment.subject} · {shown.assignment.study_group}",
            school_class=shown.school_class,
            terms=self._terms(shown),
            state=self._state(shown),
            before=shown.before,
            words=_words(),
        )

    @expose("/<int:assignment_id>/state")
    def read_state(self, assignment_id: int) -> Any:
        """What the page shows, as JSON; 304 when it is what the browser has already."""
        body = json.dumps(self._state(self._page(assignment_id)), ensure_ascii=False, separators=(",", ":"))
        response = Response(body, mimetype="application/json")
        response.set_etag(blake2b(body.encode(), digest_size=12).hexdigest())
        response.headers["X-CSRFToken"] = generate_csrf()
        return response.make_conditional(request)

    @expose("/<int:assignment_id>/history")
    def read_history(self, assignment_id: int) -> Any:
        """Who changed a cell or a lesson: when, from what to what."""
        assignment, session = self._journal(assignment_id), db.session()
        student, work, lesson = (request.args.get(name, type=int) for name in ("student", "work", "lesson"))
        try:
            if student and work:
                lesson_id = works.of_journal(session, assignment, work).lesson_id
                return {"changes": history.of_mark(session, lesson_id, work, student)}
            if student and request.args.get("final"):
                return {"changes": self._final_history(assignment, student, request.args["final"])}
            if lesson:
                lesson_id = works.lesson_of_journal(session, assignment, lesson).id
                rows = history.of_attendance(session, lesson_id, student) if student else None
                return {"changes": history.of_lesson(session, lesson_id) if rows is None else rows}
        except Refusal as refusal:
            return {"message": str(refusal)}, 404
        return abort(400)

    def _final_history(self, assignment: TeachingAssignment, student: int, column: str) -> Any:
        kind, term_id = incoming.final_column(column)
        return history.of_final_mark(
            db.session(),
            assignment.subject_id,
            assignment.study_group.school_class.academic_year_id,
            student,
            kind,
            term_id,
        )

    # What is written

    @expose("/<int:assignment_id>/edits", methods=("POST",))
    def write_edits(self, assignment_id: int) -> Any:
        """Carry out edits of cells; see docs/journal-page.md."""
        body = request.get_json(silent=True)
        raw = body.get("edits") if isinstance(body, dict) else None
        if not isinstance(raw, list) or len(raw) > incoming.MOST:
            abort(400)
        assignment = opened(db.session(), assignment_id) or abort(404)
        return {"results": edits.carry_out(db.session(), acting_person(), assignment, raw)}

    @expose("/<int:assignment_id>/works", methods=("POST",))
    @answered
    def add_work(self, assignment_id: int) -> Any:
        """Add a column to a lesson."""
        work = works.add(db.session(), self._journal(assignment_id), self._described())
        return {"work": work_row(work)}

    @expose("/<int:assignment_id>/works/<int:work_id>", methods=("POST",))
    @answered
    def change_work(self, assignment_id: int, work_id: int) -> Any:
        """Change a column, or move it to another lesson."""
        work = works.change(db.session(), self._journal(assignment_id), work_id, self._described())
        return {"work": work_row(work)}

    @expose("/<int:assignment_id>/works/<int:work_id>/delete", methods=("POST",))
    @answered
    def delete_work(self, assignment_id: int, work_id: int) -> Any:
        """Take a column out; one with marks only when the person has confirmed it."""
        body = request.get_json(silent=True)
        confirmed = isinstance(body, dict) and body.get("confirmed") is True
        try:
            works.delete(db.session(), self._journal(assignment_id), work_id, confirmed=confirmed)
        except works.HasMarksError as error:
            message = ngettext(
                "There is %(num)d mark in this work. Delete it too?",
                "There are %(num)d marks in this work. Delete them too?",
                error.marks,
            )
            return {"message": message, "marks": error.marks}, 409
        return {"deleted": work_id}

    @expose("/<int:assignment_id>/works/<int:work_id>/restore", methods=("POST",))
    @answered
    def restore_work(self, assignment_id: int, work_id: int) -> Any:
        """Bring a deleted column back with its marks."""
        work = undone_works.restore(db.session(), self._journal(assignment_id), work_id, acting_person().now)
        row = work_row(work)
        return {"work": row, "entries": entry_rows(db.session(), [row], {work.lesson_id: work.lesson.date.isoformat()})}

    @expose("/<int:assignment_id>/lessons", methods=("POST",))
    @answered
    def add_lesson(self, assignment_id: int) -> Any:
        """Add a lesson that is not in the timetable."""
        session, body, today = db.session(), request.get_json(silent=True), acting_person().today
        lesson_id = add_lesson(session, self._journal(assignment_id), body if isinstance(body, dict) else {}).id
        session.commit()
        days.after_change([assignment_id], today)
        return {"lesson": lesson_row(session, assignment_id, lesson_id)}

    def _described(self) -> works.Described:
        return works.described(request.get_json(silent=True))

    def _journal(self, assignment_id: int) -> TeachingAssignment:
        return journal(db.session(), assignment_id) or abort(404)

    def _page(self, assignment_id: int) -> Page:
        """The term that is asked for by its number, or the one of the day that is asked for, or of today."""
        day = request.args.get("day", type=date.fromisoformat) or acting_person().today
        return page(db.session(), assignment_id, request.args.get("term", ""), day) or abort(404)

    def _state(self, shown: Page) -> dict[str, Any]:
        actor = acting_person()
        shown_now = state(db.session(), shown, actor.today, Grading.of(current_app.config))
        return shown_now | {"person": actor.user_id}  # a browser sends nobody else's edits

    def _terms(self, shown: Page) -> list[dict[str, Any]]:
        """The tabs: the terms of the class, and its year."""
        current = shown.term.id if shown.term else YEAR
        names = [(term.id, term.short_name) for term in shown.terms] + [(YEAR, gettext("Year"))]
        return [
            {
                "id": number,
                "name": name,
                "url": self.get_url(".grid", assignment_id=shown.assignment.id, term=number),
                "current": number == current,
            }
            for number, name in names
        ]
