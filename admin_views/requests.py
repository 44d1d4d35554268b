"""What families ask of the class teacher: notes of absence and corrections, confirmed or declined with words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from flask import abort, flash, redirect, request
from flask_admin import expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from admin_views import asked, formats
from admin_views.base import SchoolPage, acting_person, attempt, explanation
from app.extensions import db
from app.models import AbsenceNote, Correction
from app.models.diary import RequestState
from app.policy import Action
from app.requests import answers, corrections, notes, waiting
from app.requests.notes import Covered, Effect

KINDS: dict[str, type[Any]] = {"note": AbsenceNote, "correction": Correction}


class RequestsView(SchoolPage):
    """Answers to families."""

    of = AbsenceNote
    needs = Action.CHANGE
    columns = waiting.ANSWER

    def __init__(self, category: Any = None) -> None:
        super().__init__(_("Requests of parents"), category, endpoint="requests", url="/admin/requests")

    @expose("/")
    def index(self) -> Any:
        """What waits, with what would change; below what was answered."""
        session = db.session()
        waiting_notes, waiting_corrections = waiting.notes(session), waiting.corrections(session)
        covered = notes.covered(session, [note.id for note in waiting_notes]) if waiting_notes else {}
        return self.render(
            "admin/requests/list.html", notes=[(note, _days(covered.get(note.id, ()))) for note in waiting_notes],
            corrections=waiting_corrections, current=corrections.current, shown=corrections.shown,
            answered=waiting.answered(session), moment=formats.moment, longest=answers.LONGEST, Effect=Effect,
            is_note=lambda row: isinstance(row, AbsenceNote),
        )  # fmt: skip

    @expose("/answer", methods=("POST",))
    def answer(self) -> Any:
        """Confirm or decline one request."""
        model, number = KINDS.get(request.form.get("kind", "")), asked.number("id")
        if model is None or number is None or request.form.get("do") not in ("confirm", "decline"):
            abort(400)
        words = asked.line("answer", answers.LONGEST)

        def change() -> str:
            row = answers.latest(db.session(), model, number) or abort(404)
            if request.form["do"] == "decline":
                answers.decline(db.session(), row, words)
                return gettext("Declined. The family reads your answer in the diary.")
            return _confirm(db.session(), row, words)

        self.carry_out(change)
        return redirect(self.get_url(".index"))

    @expose("/all", methods=("POST",))
    def confirm_all(self) -> Any:
        """Confirm everything that stood on the page; what cannot be is named and stays, the rest is confirmed."""
        done = 0
        for kind, model in KINDS.items():
            for number in asked.numbers(kind):
                done += self._confirm_one(model, number)
        if done:
            flash(ngettext("%(num)d request is confirmed.", "%(num)d requests are confirmed.", done), "success")
        return redirect(self.get_url(".index"))

    def _confirm_one(self, model: type[Any], number: int) -> bool:
        """Each in a transaction of its own, so that one in a locked term does not hold the others back."""
        session = db.session()
        row = answers.latest(session, model, number)
        if row is None or row.state is not RequestState.SENT:
            session.rollback()  # answered or withdrawn while the page stood open
            return False
        name, problem = str(row.student), attempt(lambda: _confirm(session, row, ""), quietly=True)
        if problem is not None:
            flash(f"{name}: {explanation(problem)}", "error")
        return problem is None


def _confirm(session: Session, row: AbsenceNote | Correction, words: str) -> str:
    if isinstance(row, Correction):
        corrections.confirm(session, row, acting_person().today, words)
        return gettext("Confirmed: the data is corrected.")
    lessons = notes.confirm(session, row, words)
    if any(each.effect is not Effect.KEPT for each in lessons):
        return gettext("Confirmed: the absence stands in the journal.")
    if lessons:
        return gettext("Confirmed. In the journal everything stays as it was.")
    return gettext("Confirmed. There are no lessons in this period yet: those that come get the absence.")


def _days(lessons: Sequence[Covered]) -> list[tuple[Any, Counter[Effect], list[Covered]]]:
    """The lessons of a note by day, with how many get what."""
    by_day = groupby(lessons, key=lambda each: each.lesson.date)
    grouped = [(day, list(those)) for day, those in by_day]
    return [(day, Counter(each.effect for each in those), those) for day, those in grouped]
