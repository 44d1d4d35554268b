"""Today and tomorrow, the week: lessons, homework, marks and absences by day."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from app.diary.frame import blueprint, child, page, usual_child


@blueprint.get("/")
def start() -> ResponseReturnValue:
    """The diary begins with the child looked at last."""
    return redirect(url_for("diary.today", student=usual_child().id))


@blueprint.get("/<int:student>/")
def today(student: int) -> ResponseReturnValue:
    """Today and the next school day of a child."""
    return page("today.html", child(student))
