"""Notes of absence: a guardian announces that a child will be away, or explains why it was."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from app import policy
from app.diary.frame import Child, blueprint, child, page, reader
from app.diary.paper_forms import AbsenceForm, refuse
from app.diary.taking_back import take_back
from app.extensions import db
from app.models import AbsenceNote, BellTime
from app.models.diary import RequestState
from app.people.refusal import Refusal
from app.policy import Action
from app.requests import answers, notes

USUAL_LESSONS = range(1, 9)


@blueprint.app_context_processor
def _explains() -> dict[str, Any]:
    """For other pages: whether an absence that stands there can be explained by who reads it."""
    return {"may_announce_absences": may_announce}


@blueprint.get("/<int:student>/absence/")
def absence(student: int) -> ResponseReturnValue:
    """The form, with the day of the address filled in, and the notes written before."""
    day = _day(request.args.get("day", ""))
    return _page(child(student), AbsenceForm(formdata=None, starts_on=day or reader().today))


@blueprint.post("/<int:student>/absence/")
def announce(student: int) -> ResponseReturnValue:
    """Send a note to the class teacher."""
    of, form = child(student), AbsenceForm()
    if not may_announce():
        abort(403)
    if not form.validate_on_submit():
        return _page(of, form, 422)
    try:
        notes.announce(db.session(), of.id, form.absence(), reader().today)
        db.session.commit()
    except Refusal as refusal:
        refuse(form, refusal)
        return _page(of, form, 422)
    flash(gettext("The class teacher has your note. You are told here what becomes of it."), "success")
    return redirect(url_for("diary.absence", student=of.id))


@blueprint.post("/<int:student>/absence/<int:note>/withdraw")
def withdraw_absence(student: int, note: int) -> ResponseReturnValue:
    """Take an own note back while nobody has answered it."""
    of, row = child(student), answers.latest(db.session(), AbsenceNote, note)
    if row is None or row.student_id != of.id or row.author_id != reader().user_id:
        abort(404)
    take_back(row, gettext("The note is withdrawn."))
    return redirect(url_for("diary.absence", student=of.id))


def may_announce() -> bool:
    """Guardians write notes; a student reads them."""
    return policy.may(reader(), AbsenceNote, Action.CREATE)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


def _page(of: Child, form: AbsenceForm, status: int = 200) -> ResponseReturnValue:
    numbers = db.session.scalars(select(BellTime.number).order_by(BellTime.number)).all() or USUAL_LESSONS
    for field in (form.first_number, form.last_number):
        field.choices = [("", gettext("whole day")), *((str(number), str(number)) for number in numbers)]
    today = reader().today
    words: dict[str, Any] = {
        "form": form,
        "notes": notes.notes_of(db.session(), of.id),
        "may_announce": may_announce(),
        "earliest": today - notes.BACK,
        "latest": today + notes.AHEAD,
        "me": reader().user_id,
        "State": RequestState,
    }
    return page("absence.html", of, status, **words)
